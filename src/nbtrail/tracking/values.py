"""How a Python value becomes a param (JSON) or a metric (a number)."""

from __future__ import annotations

import dataclasses
import decimal
import enum
import math
import numbers
import os
import sys
import types
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from nbtrail.notices import encodable
from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from nbtrail.records import Json

MOST_ELEMENTS: Final = 100
"""Arrays of more are no param but data; their text is kept."""
LONGEST_TEXT: Final = 10_000
"""Of a value that is no JSON, not more of its text is kept."""
_MOST_BITS: Final = 12_000
_DEPTH: Final = 12


def to_json(value: object) -> tuple[Json, bool]:
    """A value as JSON, and whether of some part of it only the text could be kept.

    Booleans, ints, finite floats, strings and ``None`` stay; numpy and torch scalars and decimals become numbers, enums
    their value, paths their text; lists, tuples and arrays of at most 100 elements become lists, and mappings,
    dataclasses, named tuples, namespaces and pydantic models dicts with text keys, all of them throughout. Anything
    else, NaN and ±inf included, becomes its ``str``, cut at 10,000 characters.
    """
    conversion = _Conversion()
    try:
        return conversion.json(value, _DEPTH), conversion.has_text
    except Exception:  # noqa: BLE001 - a user's property or mapping may raise anything, and tracking must not
        return _text(value), True


def to_number(value: object) -> float:
    """A metric's value as a float.

    Raises
    ------
    TypeError, ValueError
        The value is no real number and holds none (one-element arrays and tensors do).
    """
    if isinstance(value, (float, int)):  # numpy's float64 is one too
        return float(value)
    try:
        return _float(value)
    except (TypeError, ValueError, TimeoutError):
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


def describe(error: BaseException) -> str:
    """An exception in one line: its class and what it says, credentials masked, cut at 500 characters."""
    text = " ".join(encodable(mask_text(str(error))).split())
    return f"{type(error).__name__}: {text}"[:500] if text else type(error).__name__


@dataclasses.dataclass(slots=True)
class _Conversion:
    """Of one value."""

    has_text: bool = False

    def json(self, value: Any, depth: int) -> Json:  # noqa: PLR0911 - a table of kinds, one line each
        if depth == 0:
            msg = "nested too deeply"
            raise ValueError(msg)
        if value is None or isinstance(value, bool) or type(value) is str:
            return value
        if isinstance(value, enum.Enum):
            return self.json(value.value, depth - 1)
        if isinstance(value, str):
            return str(value)
        if isinstance(value, numbers.Integral):
            return int(value) if int(value).bit_length() < _MOST_BITS else self._as_text(int(value))
        if isinstance(value, (numbers.Real, decimal.Decimal)):
            return float(value) if math.isfinite(value) else self._as_text(value)
        if isinstance(value, os.PathLike):
            return str(os.fspath(value))
        fields = _fields(value)
        if fields is not None:
            return {self._key(key): self.json(part, depth - 1) for key, part in fields.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item, depth - 1) for item in value]
        return self.json(value.tolist(), depth - 1) if _is_array(value) else self._as_text(value)

    def _key(self, key: object) -> str:
        if not isinstance(key, (str, int, float, bool)):
            return self._as_text(key)
        return str(key)

    def _as_text(self, value: object) -> str:
        self.has_text = True
        return _text(value)


def _fields(value: Any) -> Mapping[Any, Any] | None:
    """What stands under names in a value; ``None`` where nothing does."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    argparse = sys.modules.get("argparse")
    if isinstance(value, types.SimpleNamespace) or (argparse and isinstance(value, argparse.Namespace)):
        return vars(value)
    dump = getattr(value, "model_dump", None)
    return dict(dump()) if callable(dump) else None


def _is_array(value: Any) -> bool:
    """Whether it is a scalar or a small array of numpy, torch and the like."""
    if isinstance(value, type) or not callable(getattr(value, "tolist", None)):
        return False
    return math.prod(getattr(value, "shape", (math.inf,))) <= MOST_ELEMENTS


def text_of(key: object) -> str:
    """A name as text, whatever its ``__str__`` raises."""
    return key if type(key) is str else _text(key)


def tag_texts(tags: Iterable[object]) -> tuple[str, ...]:
    """The tags as texts without credentials, each once; for a list of tags, those that are in it."""
    each: list[object] = []
    for tag in tags:
        each.extend(tag if isinstance(tag, Iterable) and not isinstance(tag, (str, bytes)) else [tag])
    return tuple(dict.fromkeys(mask_text(text) for text in map(text_of, each) if text))


def _text(value: object) -> str:
    try:
        # Python refuses to write longer integers in decimal.
        is_huge = type(value) is int and value.bit_length() >= _MOST_BITS
        return (hex(value) if is_huge else str(value))[:LONGEST_TEXT]  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - a user's __str__ may raise anything, and tracking must not
        return f"<{type(value).__name__}: no text, {type(error).__name__}>"
