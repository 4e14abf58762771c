"""Python values as params and metrics."""

from __future__ import annotations

import enum
import math
from argparse import Namespace
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from nbtrail.tracking.values import to_json, to_number


class Kernel(enum.Enum):
    RBF = "rbf"


class Point(NamedTuple):
    x: int
    y: int


class Model:
    """Gives its fields as pydantic's models do."""

    def model_dump(self):
        return {"lr": 0.1}


@dataclass
class Settings:
    lr: float
    layers: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.01, 0.01),
        (None, None),
        (True, True),
        ("adam", "adam"),
        ((64, 64), [64, 64]),
        ({"a": {1: 2}}, {"a": {"1": 2}}),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(7), 7),
        (Kernel.RBF, "rbf"),
        (PurePosixPath("data/train.csv"), "data/train.csv"),
        (Settings(0.1, (1, 2)), {"lr": 0.1, "layers": [1, 2]}),
        (Decimal("0.1"), 0.1),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.str_("adam"), "adam"),
        (MappingProxyType({"lr": 0.1}), {"lr": 0.1}),
        (Namespace(lr=0.1), {"lr": 0.1}),
        (SimpleNamespace(lr=np.float64(0.1)), {"lr": 0.1}),
        (Point(1, 2), {"x": 1, "y": 2}),
        (Model(), {"lr": 0.1}),
    ],
)
def test_a_value_that_has_a_json_form_is_kept_in_it(value, expected):
    assert to_json(value) == (expected, False)


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, 2j, lambda: 0, np.zeros(101)])
def test_a_value_without_a_json_form_is_kept_as_its_text_and_marked(value):
    text, is_text = to_json(value)

    assert is_text
    assert text == str(value)


def test_of_a_part_without_a_json_form_the_text_is_kept_and_the_whole_is_marked():
    assert to_json({"lr": 0.1, "activation": len, (1, 2): math.nan}) == (
        {"lr": 0.1, "activation": str(len), "(1, 2)": "nan"},
        True,
    )


def test_an_integer_too_long_for_json_is_kept_as_text():
    text, is_text = to_json({"n": 10**5000})
    assert (text["n"][:4], len(text["n"]), is_text) == (hex(10**5000)[:4], len(hex(10**5000)), True)


def test_a_long_text_of_an_object_is_cut():
    text, is_text = to_json(b"x" * 100_000)
    assert (len(text), is_text) == (10_000, True)


def test_a_list_that_holds_itself_is_kept_as_text():
    value = [1]
    value.append(value)

    assert to_json(value) == ("[1, [...]]", True)


def test_an_object_whose_str_raises_is_told_by_its_type():
    class Grumpy:
        def __str__(self):
            raise RuntimeError

    assert to_json(Grumpy()) == ("<Grumpy: no text, RuntimeError>", True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.array([0.25]), 0.25),
        (Decimal("0.1"), 0.1),
        (Fraction(1, 4), 0.25),
    ],
)
def test_whatever_is_one_real_number_can_be_a_metric(value, expected):
    assert to_number(value) == expected


@pytest.mark.parametrize("value", ["0.9", None, 1j, [0.9], np.zeros(2), object()])
def test_what_is_no_single_real_number_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        to_number(value)
