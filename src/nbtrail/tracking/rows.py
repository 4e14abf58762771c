"""Rows of points on their way from ``log`` into the journal: packed once, and never taken apart in the user's loop."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from nbtrail.changes import PointsLogged
from nbtrail.tracking.journal import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbtrail.changes import RowLayout
    from nbtrail.tracking.summary import RunningMetric


_BEFORE: Final = len(ROWS.unpack(bytes(ROWS.size)))
"""Values that stand before a row's own."""


class RowShape:
    """A layout of rows, and all that need not be worked out again for the next row of a loop."""

    __slots__ = ("_struct", "layout", "metrics", "number", "pack", "segment")

    def __init__(self, layout: RowLayout, metrics: tuple[RunningMetric, ...]) -> None:
        self.layout = layout
        self.metrics = metrics
        """One a key."""
        self.segment: object = None
        """Of the journal, in which ``number`` stands for the layout."""
        self.number = 0
        self._struct = struct.Struct(f"{ROWS.format}{layout.row_format}")
        self.pack = self._struct.pack
        """Makes a row of its position, its kind, ``number``, its time, then the step and the value of each key."""

    def cells(self, rows: Iterable[bytes]) -> Iterator[tuple[float, ...]]:
        """Of each row its time, then the step and the value of each key."""
        return (cells[_BEFORE:] for cells in self._struct.iter_unpack(b"".join(rows)))


def rows_of(layout: RowLayout, packed: Sequence[bytes]) -> PointsLogged:
    """Rows that were packed for the journal, as a change."""
    start = ROWS.size
    return PointsLogged(layout, b"".join([row[start:] for row in packed]))
