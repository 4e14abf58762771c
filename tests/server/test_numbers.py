"""Values on their way into JSON."""

from __future__ import annotations

import json
import math
import os

import pytest

from nbtrail.server.numbers import encode, short_value, wire_value


def test_numbers_without_a_word_in_json_are_named_however_deep_they_lie():
    value = {"a": [1.5, math.nan, {"b": (-math.inf)}], "c": math.inf, "d": True, "e": 3}

    assert wire_value(value) == {"a": [1.5, "NaN", {"b": "-Infinity"}], "c": "Infinity", "d": True, "e": 3}


def test_what_takes_200_characters_stays_as_it_is():
    assert [short_value("x" * 200), short_value([1] * 66)] == ["x" * 200, [1] * 66]


@pytest.mark.parametrize("value", ["x" * 201, [1] * 67, {"key": "x" * 200}], ids=lambda value: type(value).__name__)
def test_what_takes_more_becomes_a_text_of_200(value):
    short = short_value(value)

    assert (len(short), short[-1]) == (200, "…")


def test_a_folder_whose_name_is_no_utf_8_can_be_told():
    name = os.fsdecode(b"caf\xe9")

    assert json.loads(encode({"name": name}).encode()) == {"name": name}
