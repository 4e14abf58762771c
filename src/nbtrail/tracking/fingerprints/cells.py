"""Python objects of a column as bytes that are the same in every session. No method of a user's class is called."""

from __future__ import annotations

import datetime as dt
import marshal
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.tracking.fingerprints.tables import Allowance

_FORMAT: Final = 2
"""The last format of ``marshal`` in which equal values always give equal bytes; later ones note who else holds them."""
_SCALARS: Final = frozenset({str, int, float, bool, type(None), bytes, complex})
_CONTAINERS: Final = frozenset({list, tuple, dict})
_TEXTS: Final = frozenset({Decimal, Fraction, UUID, dt.date, dt.timedelta, dt.datetime, dt.time})
_PANDAS_TEXTS: Final = frozenset({"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType"})
_CHARACTERS: Final = 32_000_000
_HEAD: Final = 256
_NODES: Final = 50_000
_DEPTH: Final = 8


def encode_cells(values: list[Any], allowance: Allowance) -> tuple[bytes, bool]:
    """Objects as bytes, and whether all of what they hold is in them.

    Plain values (text, numbers, truth values, bytes, ``None``) are taken whole. Dates, decimals, numpy's scalars, and
    lists, tuples and dicts of plain values cost more, and are taken as far as ``allowance.objects`` goes. Of anything
    else the type is all that counts.
    """
    types = set(map(type, values))
    if types <= _SCALARS:
        return _encode_plain(values, types)
    whole = len(values) <= allowance.objects
    kept = values if whole else values[:: -(-len(values) // max(1, allowance.objects))]
    allowance.objects = max(0, allowance.objects - len(kept))
    if _is_plain(kept):
        return marshal.dumps(kept, _FORMAT), whole
    encoded = [_encode(value) for value in kept]
    return marshal.dumps([each for each, _ in encoded], _FORMAT), whole and all(known for _, known in encoded)


def _encode_plain(values: list[Any], types: set[type]) -> tuple[bytes, bool]:
    if types & {str, bytes}:
        texts = [value for value in values if type(value) in {str, bytes}] if len(types) > 1 else values
        if sum(map(len, texts)) > _CHARACTERS:
            short = [(value[:_HEAD], len(value)) if type(value) in {str, bytes} else value for value in values]
            return marshal.dumps(short, _FORMAT), False
    return marshal.dumps(values, _FORMAT), True


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether these are plain values, and lists, tuples and dicts of them, and not too many."""
    level: Sequence[Any] = values
    nodes = 0
    for _ in range(_DEPTH):
        types = set(map(type, level))
        if not types <= _SCALARS | _CONTAINERS:
            return False
        if types <= _SCALARS:
            return True
        within = [one for one in level if type(one) in _CONTAINERS]
        nodes += sum(map(len, within))
        if nodes > _NODES:
            return False
        level = list(chain.from_iterable(chain(*one.items()) if type(one) is dict else one for one in within))
    return False


def _encode(value: Any) -> tuple[Any, bool]:
    """A value that ``marshal`` takes, and whether it says all."""
    kind = type(value)
    if kind in _SCALARS:
        return value, True
    name = f"{kind.__module__}.{kind.__qualname__}"
    library = kind.__module__.partition(".")[0]
    if (library == "pandas" and kind.__name__ in _PANDAS_TEXTS) or (kind in _TEXTS and _is_naive(value)):
        return (name, str(value)), True
    if library == "numpy":
        return _encode_numpy(value, name)
    if kind in _CONTAINERS and _is_plain([value]):
        return value, True
    return name, False


def _is_naive(value: Any) -> bool:
    """A time zone may be a class of the user's."""
    return type(value) not in {dt.datetime, dt.time} or value.tzinfo is None or value.tzinfo is dt.UTC


def _encode_numpy(value: Any, name: str) -> tuple[Any, bool]:
    import numpy as np

    if isinstance(value, np.generic) and not value.dtype.hasobject:
        return (name, str(value.dtype), value.tobytes()), True
    if type(value) is np.ndarray and not value.dtype.hasobject and value.size <= _NODES:
        return (str(value.dtype), value.shape, value.tobytes()), True
    return name, False


def name_of(value: Any) -> str:
    """What stands at the head of a column, as text."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is tuple:
        return ", ".join(name_of(part) for part in value)
    is_pandas = kind.__module__.partition(".")[0] == "pandas" and kind.__name__ in _PANDAS_TEXTS
    if is_pandas or kind in _SCALARS or (kind in _TEXTS and _is_naive(value)):
        return str(value)
    return kind.__name__
