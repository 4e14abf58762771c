"""Numbers and values as JSON can carry them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from nbtrail.records import Json

WireNumber: TypeAlias = float | str
"""A finite number, or ``"NaN"``, ``"Infinity"``, ``"-Infinity"``."""

LONGEST_TEXT: Final = 200


def wire_number(value: float) -> WireNumber:
    """A number, or the name of one that JSON has no word for."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def wire_value(value: Json) -> Json:
    """A JSON value whose numbers are all fit for the wire."""
    if isinstance(value, float):
        return wire_number(value)
    if isinstance(value, list):
        return [wire_value(item) for item in value]
    if isinstance(value, dict):
        return {key: wire_value(item) for key, item in value.items()}
    return value


def short_value(value: Json) -> Json:
    """A JSON value fit for the wire and for a row: what takes more than 200 characters becomes a cut text."""
    value = wire_value(value)
    if isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, str):
        text = value
    else:
        return value
    return value if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def encode(payload: dict[str, Any]) -> str:
    """The text of an answer. A number that JSON has no word for is a mistake here, and not sent."""
    # In ASCII: a folder's name may hold bytes that are no UTF-8, and Python's text of it cannot be sent as such.
    return json.dumps(payload, allow_nan=False, separators=(",", ":"))
