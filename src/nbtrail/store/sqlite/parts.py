"""Long series of an SQLite store, a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbtrail.records import Series
from nbtrail.store.points import Chunk
from nbtrail.store.sqlite.connection import execute
from nbtrail.store.sqlite.points import decode_series

if TYPE_CHECKING:
    import sqlite3

_CHUNKS: Final = 64
"""So many chunks make a part: a quarter of a million points where they are full."""


def read_part(connection: sqlite3.Connection, run_id: str, key: str, *, first: int) -> Series:
    """The points of a metric from the position ``first`` on, some hundred thousand at most; empty at the end.

    Chunks may have been merged since the part before was read: one that begins earlier is cut.
    """
    sql = (
        'SELECT first, count, steps, times, "values" FROM points WHERE run_id = ? AND key = ? AND first >= coalesce('
        "(SELECT max(first) FROM points WHERE run_id = ? AND key = ? AND first <= ?), 0) ORDER BY first LIMIT ?"
    )
    rows = execute(connection, sql, (run_id, key, run_id, key, first, _CHUNKS)).fetchall()
    points = decode_series(connection, run_id, key, [Chunk(*row[1:]) for row in rows])
    if rows:
        points = points.part(first - rows[0][0], len(points))
    times = points.times_ms / 1000
    return Series(run_id=run_id, key=key, steps=points.steps, times=times, values=points.values)
