"""Values as short texts, the same in tables, charts, terminals and on the wire."""

from __future__ import annotations

import json
import math
import re
from numbers import Integral, Real
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.records import Json

_DIGITS: Final = 4
_MOST_DIGITS: Final = 17
_PLAIN_BELOW: Final = 1e7
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What a terminal obeys rather than shows: control characters, ends of lines, changes of direction, halves of pairs."""
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def format_number(value: float, *, digits: int = _DIGITS) -> str:
    """A number with so many significant digits; ``NaN``, ``inf`` and ``-inf`` are named as they are."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    if 1 <= abs(value) < _PLAIN_BELOW:
        return f"{value:.0f}"
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def format_value(value: Json, *, digits: int = _DIGITS) -> str:
    """A JSON value as one short text: whole numbers in full, others with significant digits, lists as JSON."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return format_number(float(value), digits=digits)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def format_apart(values: Sequence[Json], *, most_digits: int = _MOST_DIGITS) -> list[str]:
    """Values as texts with as many digits as it takes to tell different ones apart.

    Parameters
    ----------
    values
        JSON values of one kind, such as one param of several runs.
    most_digits
        Significant digits are not raised above this.
    """
    different = len({_identity(value) for value in values})
    texts: list[str] = []
    for digits in range(_DIGITS, most_digits + 1):
        texts = [format_value(value, digits=digits) for value in values]
        if len(set(texts)) == different:
            break
    return texts


def format_origin(origin: str, reason: str) -> str:
    """How a value came: ``logged``, or ``inferred: literal in cell 3``."""
    return f"{origin}: {reason}" if reason else origin


def format_duration(seconds: float) -> str:
    """``0.42 s``, ``0:42``, ``1:02:03`` or ``2 d 3 h``."""
    if seconds < 9.995:  # noqa: PLR2004 - what two decimals round to ten
        return f"{seconds:.3f} s" if seconds < 0.01 else f"{seconds:.2f} s"  # noqa: PLR2004 - a hundredth
    whole = round(seconds)
    minutes, rest = divmod(whole, _MINUTE_S)
    if whole < _HOUR_S:
        return f"{minutes}:{rest:02}"
    if whole < _DAY_S:
        return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def format_ago(at: float, *, now: float) -> str:
    """How long something is past, in one unit: ``42 s``, ``3 min``, ``2 h``, ``5 d``."""
    seconds = max(0.0, now - at)
    for unit, size in (("d", _DAY_S), ("h", _HOUR_S), ("min", _MINUTE_S)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def visible(text: str) -> str:
    r"""A text in which control characters, ends of lines too, stand as Python writes them: ``\n``, ``\x1b``."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _identity(value: Json) -> str:
    """Equal for equal values, and for an int and a float of the same size."""
    if isinstance(value, Real) and not isinstance(value, bool):
        if isinstance(value, Integral):
            return str(int(value))
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return json.dumps(value, sort_keys=True, default=str)
