"""Rows of points on their way from ``log`` into the journal: packed once, and never taken apart in the user's loop."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from nbtrail.changes import PointsLogged, within_64_bits
from nbtrail.tracking.journal import POINTS, ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.changes import RowLayout
    from nbtrail.tracking.summary import RunningMetric


class RowShape:
    """A layout of rows, and all that need not be worked out again for the next row of a loop."""

    __slots__ = ("_pack", "keys", "layout", "metrics", "number", "segment")

    def __init__(self, layout: RowLayout, metrics: tuple[RunningMetric, ...]) -> None:
        self.layout = layout
        self.metrics = metrics
        """One a key."""
        self.keys = layout.keys
        self.segment: object = None
        """Of the journal, in which ``number`` stands for the layout."""
        self.number = 0
        self._pack = struct.Struct(f"{ROWS.format}{layout.row_format}").pack

    def pack(self, position: int, cells: Sequence[float]) -> bytes:
        """A row as the journal takes it, of its time, then the step and the value of each key."""
        try:
            return self._pack(position, POINTS, self.number, *cells)
        except struct.error:
            # A step beyond 64 bits: it follows on the last one that there is.
            fitting = [cell if type(cell) is float else within_64_bits(int(cell)) for cell in cells]
            return self._pack(position, POINTS, self.number, *fitting)


def rows_of(layout: RowLayout, packed: Sequence[bytes]) -> PointsLogged:
    """Rows that were packed for the journal, as a change."""
    start = ROWS.size
    return PointsLogged(layout, b"".join([row[start:] for row in packed]))
