"""Fingerprints of data: shape, columns, types, a digest of the content, and what is measured of the columns.

Nothing here knows of cells. No library is loaded for it, no object is changed, and no code of the user's runs.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from nbtrail.records import Dataset
from nbtrail.tracking.fingerprints.arrays import array_table, sparse_table
from nbtrail.tracking.fingerprints.files import file_dataset, folder_dataset, state_of
from nbtrail.tracking.fingerprints.frames import pandas_table, polars_table
from nbtrail.tracking.fingerprints.profile import profile, take_samples
from nbtrail.tracking.fingerprints.tables import MOST_COLUMNS, Allowance, Table, make_digest, probe

if TYPE_CHECKING:
    from nbtrail.tracking.fingerprints.profile import Sample

__all__ = [
    "Allowance",
    "Fingerprint",
    "file_dataset",
    "folder_dataset",
    "is_data",
    "state_of",
    "take_fingerprint",
    "take_glance",
]

_FEWEST_ELEMENTS: Final = 100
_GLANCED_COLUMNS: Final = 100
_SMALL_BYTES: Final = 1 << 20
_SMALL_CELLS: Final = 1_000
_CLASSES: Final = {
    "pandas": ("DataFrame", "Series"),
    "polars": ("DataFrame", "Series", "LazyFrame"),
    "numpy": ("ndarray",),
}


class Fingerprint:
    """What is known of some data, as soon as it is looked at; the profile is worked out when it is asked for."""

    def __init__(self, table: Table, digest: str, samples: list[Sample], *, sampled: bool) -> None:
        self.digest = digest
        self.sampled = sampled
        self._kind, self._shape, self._size = table.kind, table.shape, table.size
        self._schema = {column.name: column.type for column in table.columns}
        self._samples: list[Sample] | None = samples
        self._profile: dict[str, Any] = {}
        self._lock = threading.Lock()

    def dataset(self, name: str) -> Dataset:
        """The record, under a name. The first call works the profile out."""
        with self._lock:
            if self._samples is not None:
                self._profile, self._samples = profile(self._samples), None
        return Dataset(
            digest=self.digest,
            name=name,
            kind=self._kind,
            shape=self._shape,
            size=self._size,
            schema=self._schema,
            profile=self._profile,
            sampled=self.sampled,
        )


def is_data(value: object) -> bool:
    """Whether a value is a frame, a series, or an array that is more than a handful of numbers."""
    kind = type(value)
    if issubclass(kind, _known_classes()):
        return not _is_small(value)
    return kind.__module__.startswith("scipy.sparse.") and sparse_table(value) is not None


def take_fingerprint(value: object, allowance: Allowance) -> Fingerprint | None:
    """Look at some data.

    Parameters
    ----------
    value
        Anything; it is not changed.
    allowance
        How much may be read; what was read is taken off.

    Returns
    -------
    Fingerprint or None
        ``None`` for what ``is_data`` does not take for data.
    """
    is_over = allowance.is_over
    try:
        table = _table(value)
        if table is None:
            return None
        digest, sampled = make_digest(table, allowance, is_over=is_over)
        samples = [] if is_over else take_samples(table)
    except Exception:  # noqa: BLE001 - an object in a state that nobody thought of: its type is what is left of it
        table = Table(kind=type(value).__name__, shape=(), size=0, columns=())
        return Fingerprint(table, make_digest(table, allowance)[0], [], sampled=True)
    return Fingerprint(table, digest, samples, sampled=sampled)


def take_glance(value: object) -> bytes | None:
    """Something that tells, cheaply, whether data that was looked at is still the same.

    All of small data (a megabyte of numbers, a thousand texts) counts, and of large data some values of some columns.
    """
    try:
        table = _table(value, _GLANCED_COLUMNS)
        if table is None:
            return None
        if table.bytes <= _SMALL_BYTES and table.cells <= _SMALL_CELLS:
            return make_digest(table, Allowance())[0].encode()
        return probe(table)
    except Exception:  # noqa: BLE001 - see ``take_fingerprint``
        return None


def _table(value: object, most_columns: int = MOST_COLUMNS) -> Table | None:
    found = pandas_table(value, most_columns) or polars_table(value, most_columns)
    return found or array_table(value) or sparse_table(value)


def _known_classes() -> tuple[type, ...]:
    found = (
        getattr(sys.modules[module], name, None)
        for module, names in _CLASSES.items()
        if module in sys.modules
        for name in names
    )
    return tuple(one for one in found if isinstance(one, type))


def _is_small(value: Any) -> bool:
    np = sys.modules.get("numpy")
    if np is None or not issubclass(type(value), np.ndarray):
        return False
    plain = np.ndarray.view(value, np.ndarray)
    return bool(plain.ndim < 2 and plain.size <= _FEWEST_ELEMENTS)  # noqa: PLR2004 - a table has two axes
