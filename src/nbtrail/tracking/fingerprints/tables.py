"""Data as columns that can be read piece by piece, and the digest of their content.

The digest is XXH3 (128 bits): it tells apart what a person works with, and is none to keep an attacker out. Equal
content gives equal digests in every session. How much is read depends on the data alone, never on the clock, but for
data whose turn comes when a cell's time is up: of those the type is all that counts.
"""

from __future__ import annotations

import marshal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nbtrail.tracking.fingerprints.cells import encode_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Thing = TypeVar("Thing")

VERSION: Final = 1
"""Goes into every digest: another way to work it out gives other digests."""
MOST_COLUMNS: Final = 2_000
"""Of more columns than these, evenly spaced ones are read."""
_BLOCKS: Final = 64
_SAMPLE_BYTES: Final = 4 << 20
_SAMPLE_CELLS: Final = 20_000
_FEWEST_ROWS: Final = 16


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What may still be read of data on one cell's path."""

    bytes: int = 256 << 20
    """Of numbers, dates and the like."""
    cells: int = 100_000
    """Texts and other Python objects."""
    objects: int = 5_000
    """Those among them that are neither texts nor plain numbers."""
    seconds: float = 0.1
    """After which nothing more is read. The amounts above take a fifth of it; this is for machines that are busy."""
    started: float = field(default_factory=time.perf_counter)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() - self.started > self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that can be read piece by piece."""

    name: str
    type: str
    rows: int
    read: Callable[[Sequence[slice]], NDArray[Any] | list[Any]] | None = None
    """Its values of some rows: an array of fixed width, or Python objects; ``None`` where only the type is known."""
    missing: Callable[[Sequence[slice]], NDArray[Any]] | None = None
    """Which of some rows are missing, where the values do not tell."""
    labels: Any = None
    """An index of pandas, in which the values are places."""
    moments: str | None = None
    """What whole numbers are to numpy, such as ``datetime64[ns]``; empty for moments that it has no word for."""
    bytes: int = 0
    """What it costs to read the whole column; 0 where the values are Python objects."""
    cells: int = 0
    """How many Python objects there are."""
    layout: str = ""
    """How it lies in memory, where that decides in which order it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Data as columns, whichever library holds it."""

    kind: str
    shape: tuple[int, ...]
    size: int
    columns: tuple[Column, ...]
    axes: tuple[Column, ...] = ()
    """What stands beside the columns: an index, the categories of a column."""

    @property
    def is_part(self) -> bool:
        """Whether there are more columns than were looked at."""
        return len(self.columns) == MOST_COLUMNS and self.shape[1] > MOST_COLUMNS

    @property
    def bytes(self) -> int:
        """What it costs to read all that is no Python object."""
        return sum(column.bytes for column in (*self.axes, *self.columns))

    @property
    def cells(self) -> int:
        """How many Python objects there are."""
        return sum(column.cells for column in (*self.axes, *self.columns))


def make_digest(table: Table, allowance: Allowance, *, is_over: bool = False) -> tuple[str, bool]:
    """The digest of a table's content, or of the types alone if the time is over; and whether that is not all."""
    from xxhash import xxh3_128

    fits = allowance.bytes >= table.bytes, allowance.cells >= table.cells
    columns = [] if is_over else [*table.axes, *table.columns]
    share = max(1, len(columns))
    hashed = xxh3_128(_head(table, fits, is_over=is_over))
    whole = all(fits) and not is_over and not table.is_part
    for column in columns:
        whole &= _feed(hashed, column, _rows_to_read(column, fits, share), allowance)
    allowance.bytes = max(0, allowance.bytes - (table.bytes if fits[0] else _SAMPLE_BYTES))
    allowance.cells = max(0, allowance.cells - (table.cells if fits[1] else _SAMPLE_CELLS))
    return hashed.hexdigest(), not whole


def evenly(things: Sequence[Thing], most: int) -> list[Thing]:
    """At most so many of them, evenly spaced."""
    if len(things) <= most:
        return list(things)
    return [things[place * len(things) // most] for place in range(most)]


def blocks(rows: int, wanted: int) -> list[slice]:
    """So many rows, in blocks that are evenly spaced; all of them if there are no more."""
    if wanted >= rows:
        return [slice(0, rows)]
    count = max(1, min(_BLOCKS, wanted // 8))
    length = wanted // count
    starts = (block * (rows - length) // max(1, count - 1) for block in range(count))
    return [slice(start, start + length) for start in starts]


def probe(table: Table, count: int = 64) -> bytes:
    """A glance at the content, to see whether it is still the same; cheap, and blind to small changes in place."""
    from xxhash import xxh3_128

    hashed = xxh3_128(marshal.dumps((table.shape, [(column.name, column.type) for column in table.columns]), 2))
    for column in (*table.axes, *table.columns):
        if column.read is None:
            continue
        step = 1 if column.cells else column.rows // count or 1
        values = column.read([slice(0, _FEWEST_ROWS if column.cells else column.rows, step)])
        if isinstance(values, list):
            hashed.update(encode_cells(values, Allowance())[0])
        else:
            flat = values.reshape(-1)
            hashed.update(_bytes_of(flat[:: len(flat) // count or 1]))
    return hashed.digest()


def _head(table: Table, fits: tuple[bool, bool], *, is_over: bool) -> bytes:
    columns = [(column.name, column.type, column.rows, column.layout) for column in (*table.axes, *table.columns)]
    return marshal.dumps((VERSION, table.kind, table.shape, columns, fits, is_over), 2)


def _rows_to_read(column: Column, fits: tuple[bool, bool], share: int) -> list[slice]:
    if column.cells:
        return blocks(column.rows, column.rows if fits[1] else max(_FEWEST_ROWS, _SAMPLE_CELLS // share))
    width = max(1, column.bytes // max(1, column.rows))
    return blocks(column.rows, column.rows if fits[0] else max(_FEWEST_ROWS, _SAMPLE_BYTES // share // width))


def _feed(hashed: Any, column: Column, rows: Sequence[slice], allowance: Allowance) -> bool:
    """Give a column's rows to the digest; says whether they went in whole."""
    if column.read is None:
        return False
    values = column.read(rows)
    if isinstance(values, list):
        encoded, whole = encode_cells(values, allowance)
        hashed.update(encoded)
        return whole
    hashed.update(_bytes_of(values))
    if column.missing is not None:
        hashed.update(_bytes_of(column.missing(rows)))
    return True


def _bytes_of(values: NDArray[Any]) -> Any:
    """What lies in memory; dates do not show theirs by themselves."""
    import numpy as np

    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)
