"""Values as short texts."""

from __future__ import annotations

import math

import pytest

from nbtrail.reading.text import format_ago, format_apart, format_duration, format_number, format_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.934, "0.934"),
        (0.0, "0"),
        (1 / 3, "0.3333"),
        (1e-5, "1e-5"),
        (0.0001, "0.0001"),
        (12345.678, "12346"),
        (1.5e9, "1.5e9"),
        (-0.021, "-0.021"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (123456789, "123456789"),
        (True, "True"),
        (None, "None"),
        ("forest", "forest"),
        ([64, 64], "[64, 64]"),
        ({"a": "ä"}, '{"a": "ä"}'),
    ],
)
def test_other_values_read_as_they_are_written(value, text):
    assert format_value(value) == text


def test_values_get_the_digits_that_tell_them_apart():
    assert format_apart([0.123456, 0.123457, 0.5]) == ["0.123456", "0.123457", "0.5"]


def test_equal_values_need_no_more_digits():
    assert format_apart([1 / 3, 1 / 3]) == ["0.3333", "0.3333"]


def test_one_and_one_point_zero_are_the_same_and_true_is_not():
    assert format_apart([1, 1.0, True]) == ["1", "1", "True"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0042, "0.004 s"), (4.2, "4.20 s"), (9.999, "0:10"), (67.4, "1:07"), (3723, "1:02:03"), (183_600, "2 d 3 h")],
)
def test_durations_read_like_a_clock(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("ago", "text"), [(-3, "0 s"), (42, "42 s"), (200, "3 min"), (7200, "2 h"), (5e5, "5 d")])
def test_the_past_has_one_unit(ago, text):
    assert format_ago(1e9 - ago, now=1e9) == text


def test_whole_numbers_are_told_apart_to_the_last_digit_however_large():
    """Floats cannot: seeds of 64 bits often differ in what these leave out."""
    assert format_apart([2**53, 2**53 + 1]) == ["9007199254740992", "9007199254740993"]
    assert format_apart([10**400, 3.0, 3, math.inf]) == [str(10**400), "3", "3", "inf"]
