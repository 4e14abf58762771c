from __future__ import annotations

import time
from datetime import datetime

import pytest

from nbtrail.store.conditions import And, Compare, Field
from nbtrail.store.moments import parse_moment
from nbtrail.store.query import parse_filter


@pytest.fixture(autouse=True, params=["UTC", "America/New_York", "Asia/Kolkata"])
def time_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def local(*parts):
    return datetime(*parts).timestamp()  # noqa: DTZ001 - local time is what people write


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 seconds ago", 30), ("1 minute ago", 60), ("2 hours ago", 7200), ("an hour ago", 3600),
        ("2 days ago", 172_800), ("a week ago", 604_800), ("1.5  Days AGO", 129_600), ("now", 0),
    ],
)  # fmt: skip
def test_so_long_ago(text, seconds):
    now = local(2026, 5, 3, 14, 30)
    assert parse_moment(text, now=now) == (now - seconds, now - seconds)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", (2026, 5, 3), (2026, 5, 4)),
        ("yesterday", (2026, 5, 2), (2026, 5, 3)),
        ("2026-03-08", (2026, 3, 8), (2026, 3, 9)),
        ("2026-05-01 14:30", (2026, 5, 1, 14, 30), (2026, 5, 1, 14, 30)),
        ("2026-05-01T14:30:15", (2026, 5, 1, 14, 30, 15), (2026, 5, 1, 14, 30, 15)),
    ],
)
def test_days_and_times_are_local(text, start, end):
    """The 8th of March 2026 has 23 hours in New York."""
    now = local(2026, 5, 3, 14, 30)
    assert parse_moment(text, now=now) == (local(*start), local(*end))


def test_a_time_may_bring_its_own_zone():
    assert parse_moment("2026-05-01T12:00:00Z", now=0.0)[0] == 1_777_636_800.0


@pytest.mark.parametrize("text", ["", "soon", "2 moons ago", "tomorrow", "2026-13-01", "days ago"])
def test_anything_else_is_no_time(text):
    with pytest.raises(ValueError):  # noqa: PT011 - Python's own words say what is wrong with an ISO time
        parse_moment(text, now=0.0)


def test_equal_to_a_day_is_within_it():
    now = local(2026, 5, 3, 14, 30)
    started = Field("run", "started")
    assert parse_filter('started == "today"', clock=lambda: now) == And(
        (
            Compare(started, ">=", local(2026, 5, 3)),
            Compare(started, "<", local(2026, 5, 4)),
        )
    )


def test_the_clock_is_an_argument():
    assert parse_filter('started > "2 days ago"', clock=lambda: 172_800.0) == Compare(Field("run", "started"), ">", 0.0)
