# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Bringing the points of another SQLite store, attached as ``other``, for the runs in ``temp.batch``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from nbtrail.store.points import CHUNK_POINTS, Chunk, Points, decode, encode, join
from nbtrail.store.sqlite.points import METRIC_COLUMNS, merge_chunks, metric_of, summarise

if TYPE_CHECKING:
    import sqlite3

    from nbtrail.records import Metric

_CHUNK: Final = 'run_id, key, first, count, steps, times, "values"'
_OF_RUNS: Final = "run_id IN (SELECT run_id FROM temp.batch)"


def bring_series(connection: sqlite3.Connection) -> int:
    """Bring series that are not here as they are, and of others what is not here; how many points that was."""
    execute = connection.execute
    execute("CREATE TEMP TABLE IF NOT EXISTS series (run_id, key, PRIMARY KEY (run_id, key)) WITHOUT ROWID")
    execute("DELETE FROM temp.series")
    execute(
        f"INSERT INTO temp.series SELECT run_id, key FROM other.metrics o WHERE {_OF_RUNS} AND NOT EXISTS"
        " (SELECT 1 FROM main.metrics m WHERE m.run_id = o.run_id AND m.key = o.key)"
    )
    within = "(run_id, key) IN (SELECT run_id, key FROM temp.series)"
    execute("INSERT OR IGNORE INTO temp.touched SELECT DISTINCT run_id FROM temp.series")
    execute(f"INSERT INTO main.metrics ({METRIC_COLUMNS}) SELECT {METRIC_COLUMNS} FROM other.metrics WHERE {within}")
    execute(f"INSERT INTO main.points ({_CHUNK}) SELECT {_CHUNK} FROM other.points WHERE {within}")
    (points,) = execute(f"SELECT coalesce(sum(count), 0) FROM other.metrics WHERE {within}").fetchone()
    differing = (
        f"SELECT run_id, key FROM (SELECT {METRIC_COLUMNS} FROM other.metrics WHERE {_OF_RUNS}"
        f" EXCEPT SELECT {METRIC_COLUMNS} FROM main.metrics WHERE {_OF_RUNS})"
    )
    return int(points) + sum(_bring_points(connection, *one) for one in execute(differing).fetchall())


def _bring_points(connection: sqlite3.Connection, run_id: str, key: str) -> int:
    here, there = (_read(connection, schema, run_id, key) for schema in ("main", "other"))
    shorter = min(len(here), len(there))
    if _equal(here.part(0, shorter), there.part(0, shorter)):
        fresh, is_continued = there.part(shorter, len(there)), True
    else:
        fresh, is_continued = _only_in(there, here), False
    if not len(fresh):
        return 0
    connection.execute("INSERT OR IGNORE INTO temp.touched VALUES (?)", (run_id,))
    _append(connection, run_id, key, len(here), fresh)
    metric = _metric(connection, "other", run_id, key)
    if not is_continued:
        latest = max(_metric(connection, "main", run_id, key), metric, key=lambda one: one.at)
        # What it asks of the latest change, how the values came, a summary says as well.
        metric = summarise(None, join([here, fresh]), run_id, key, cast("Any", latest))
    _write(connection, metric)
    merge_chunks(connection, run_id, key)
    return len(fresh)


def _read(connection: sqlite3.Connection, schema: str, run_id: str, key: str) -> Points:
    sql = f'SELECT count, steps, times, "values" FROM {schema}.points WHERE run_id = ? AND key = ? ORDER BY first'
    return decode(*(Chunk(*row) for row in connection.execute(sql, (run_id, key))))


def _equal(one: Points, other: Points) -> bool:
    """To the bit, so that NaN equals NaN."""
    return (
        np.array_equal(one.steps, other.steps)
        and np.array_equal(one.times_ms, other.times_ms)
        and np.array_equal(one.values.view(np.int64), other.values.view(np.int64))
    )


def _only_in(there: Points, here: Points) -> Points:
    """Points that are there more often than here, in their order."""
    known = Counter(_keys(here))
    fresh = []
    for position, key in enumerate(_keys(there)):
        if known[key]:
            known[key] -= 1
        else:
            fresh.append(position)
    return Points(there.steps[fresh], there.times_ms[fresh], there.values[fresh])


def _keys(points: Points) -> list[tuple[int, int, int]]:
    bits = points.values.view(np.int64)
    return list(zip(points.steps.tolist(), points.times_ms.tolist(), bits.tolist(), strict=True))


def _append(connection: sqlite3.Connection, run_id: str, key: str, first: int, points: Points) -> None:
    for start in range(0, len(points), CHUNK_POINTS):
        chunk = encode(points.part(start, start + CHUNK_POINTS))
        row = (run_id, key, first + start, chunk.count, chunk.steps, chunk.times, chunk.values)
        connection.execute(f"INSERT INTO main.points ({_CHUNK}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _metric(connection: sqlite3.Connection, schema: str, run_id: str, key: str) -> Metric:
    sql = f"SELECT {METRIC_COLUMNS} FROM {schema}.metrics WHERE run_id = ? AND key = ?"
    return metric_of(connection.execute(sql, (run_id, key)).fetchone())


def _write(connection: sqlite3.Connection, metric: Metric) -> None:
    names = METRIC_COLUMNS.split(", ")
    row = [getattr(metric, name) for name in names]
    sql = f"INSERT OR REPLACE INTO main.metrics ({METRIC_COLUMNS}) VALUES ({', '.join('?' * len(row))})"
    connection.execute(sql, row)
