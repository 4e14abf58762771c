"""Moments as people write them: ``2 days ago``, ``yesterday``, ``2026-05-01``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"(an?|\d+(?:\.\d+)?)\s+(second|minute|hour|day|week)s?\s+ago")
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
EXAMPLES: Final = '"2 days ago", "yesterday", "today", "2026-05-01" or "2026-05-01 14:30"'


def parse_moment(text: str, *, now: float) -> tuple[float, float]:
    """The first second that is meant and the first one after it; equal for a moment without extent.

    Parameters
    ----------
    text
        ``now``, ``today``, ``yesterday``, ``2 hours ago``, or a date or time in ISO 8601; local time unless it says
        otherwise.
    now
        UTC seconds.

    Raises
    ------
    ValueError
        The text is none of these.
    """
    phrase = " ".join(text.lower().split())
    if phrase == "now":
        return now, now
    if ago := _AGO.fullmatch(phrase):
        count = 1.0 if ago[1].startswith("a") else float(ago[1])
        moment = now - count * _SECONDS[ago[2]]
        return moment, moment
    today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if phrase in {"today", "yesterday"}:
        return _day(today - timedelta(days=phrase == "yesterday"))
    moment_written = datetime.fromisoformat(text.strip())
    if _DAY.fullmatch(phrase):
        return _day(moment_written)
    return (moment := moment_written.timestamp()), moment


def _day(start: datetime) -> tuple[float, float]:
    """From midnight to midnight, local time; days on which the clocks change have other than 24 hours."""
    naive = start.replace(tzinfo=None)
    return naive.timestamp(), (naive + timedelta(days=1)).timestamp()
