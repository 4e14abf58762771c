"""Changes, and the layouts of rows of points, as bytes of JSON and back, for the journal."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final, get_args

from nbtrail import records
from nbtrail.changes import Change, PointsLogged, RowLayout

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Change) if kind is not PointsLogged}
_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind))
    for kind in (
        *_KINDS.values(),
        RowLayout,
        records.Session,
        records.Execution,
        records.Output,
        records.Environment,
        records.Artifact,
        records.Dataset,
        records.DatasetUse,
    )
}
_NESTED: dict[str, type[Any]] = {
    "session": records.Session,
    "execution": records.Execution,
    "output": records.Output,
    "environment": records.Environment,
    "artifact": records.Artifact,
    "dataset": records.Dataset,
    "use": records.DatasetUse,
}
_LISTS = frozenset({"run_ids", "reasons", "reads", "writes", "added", "removed", "shape", "keys"})
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
"""``json.dumps`` makes one for each call that wants one like this."""


def encode(change: Change) -> bytes:
    """One change other than points. NaN and ±inf are written as Python's ``json`` does; floats come back exactly."""
    return _bytes_of([type(change).__name__, _plain(change)])


def encode_layout(layout: RowLayout) -> bytes:
    """What rows of points hold."""
    return _bytes_of(_plain(layout))


def decode(data: bytes) -> Change | None:
    """The change that ``encode`` wrote; ``None`` for one that only another version of nbtrail understands."""
    try:
        name, fields = json.loads(data.decode("utf-8", "surrogatepass"))
        kind = _KINDS[name]
        change: Change = kind(**{key: _rich(key, value) for key, value in fields.items() if key in _FIELDS[kind]})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return change


def decode_layout(data: bytes) -> RowLayout | None:
    """The layout that ``encode_layout`` wrote; ``None`` for one that only another version of nbtrail understands."""
    try:
        fields = json.loads(data.decode("utf-8", "surrogatepass"))
        return RowLayout(**{key: _rich(key, value) for key, value in fields.items() if key in _FIELDS[RowLayout]})
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _bytes_of(value: Any) -> bytes:
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    names = _FIELDS.get(type(value))
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


def _rich(key: str, value: Any) -> Any:
    if key in _LISTS:
        return tuple(value)
    kind = _NESTED.get(key)
    if kind is None or value is None:
        return value
    return kind(**{name: _rich(name, part) for name, part in value.items() if name in _FIELDS[kind]})
