"""How a Python value becomes a param (JSON) or a metric (a number)."""

from __future__ import annotations

import dataclasses
import enum
import math
import numbers
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbtrail.records import Json

_DEPTH = 12


def to_json(value: object) -> tuple[Json, bool]:
    """A value as JSON, and whether only its text could be kept.

    Booleans, ints, finite floats, strings and ``None`` stay; lists, tuples and string-keyed dicts are converted
    throughout; numpy and torch scalars become numbers, enums their value, paths their text, dataclasses dicts. Anything
    else, NaN and ±inf included, becomes its ``str`` or, for objects without one of their own, its ``repr``.
    """
    try:
        return _json(value, _DEPTH), False
    except (TypeError, ValueError, RecursionError):
        return _text(value), True


def to_number(value: object) -> float:
    """A metric's value as a float.

    Raises
    ------
    TypeError, ValueError
        The value is no real number and holds none (one-element arrays and tensors do).
    """
    if type(value) in (float, int, bool):
        return float(value)  # type: ignore[arg-type]
    try:
        return _float(value)
    except (TypeError, ValueError):
        raise
    except Exception as error:
        # A tensor of two elements, say, raises a RuntimeError.
        msg = f"this {type(value).__name__} gives no number"
        raise TypeError(msg) from error


def _float(value: Any) -> float:
    item = getattr(value, "item", None)
    if callable(item):
        return float(item())
    if isinstance(value, numbers.Real) or hasattr(value, "__float__"):
        return float(value)
    msg = f"a {type(value).__name__} is no number"
    raise TypeError(msg)


def shown(value: object) -> str:
    """A value in a message: its ``repr``, cut at 80 characters, whatever that raises."""
    try:
        return f"{value!r:.80}"
    except Exception:  # noqa: BLE001 - a user's __repr__ may raise anything, and tracking must not
        return f"<{type(value).__name__}>"


def _json(value: Any, depth: int) -> Json:  # noqa: PLR0911 - a table of kinds, one line each
    if depth == 0:
        msg = "nested too deeply"
        raise ValueError(msg)
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if isinstance(value, enum.Enum):
        return _json(value.value, depth - 1)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return _finite(float(value))
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (list, tuple)):
        return [_json(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _json(item, depth - 1) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _json({field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, depth - 1)
    return _scalar(value, depth)


def _scalar(value: Any, depth: int) -> Json:
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", 0) == 0:
        return _json(item(), depth - 1)
    msg = f"{type(value).__name__} is no JSON"
    raise TypeError(msg)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        msg = f"{value} is no JSON"
        raise ValueError(msg)
    return value


def _key(key: object) -> str:
    if not isinstance(key, (str, int, float, bool)):
        msg = f"{key!r} is no JSON key"
        raise TypeError(msg)
    return str(key)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - a user's __str__ may raise anything, and tracking must not
        return f"<{type(value).__name__}: no text, {type(error).__name__}>"
