# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Points and metric summaries of an SQLite store: gathering, writing, merging, reading."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.records import Metric
from nbtrail.store.points import CHUNK_POINTS, Chunk, Points, decode, encode, join
from nbtrail.store.sqlite_connection import execute

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nbtrail.changes import PointsLogged

SMALL_POINTS: Final = 1024
"""A chunk with fewer points is small; the schema's index ``points_small`` knows this number."""
MOST_SMALL_CHUNKS: Final = 16
METRIC_COLUMNS: Final = (
    "run_id, key, last, last_step, min, min_step, max, max_step, sum, count, nan_count,"
    " origin, reason, execution_id, at"
)


@dataclass(slots=True)
class GatheredSeries:
    """New points of one metric of one run, in the order logged."""

    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    latest: PointsLogged | None = None

    def points(self) -> Points:
        """The points as arrays."""
        times_ms = np.rint(np.array(self.times, np.float64) * 1000).astype(np.int64)
        return Points(_int64(self.steps), times_ms, np.array(self.values, np.float64))


def _int64(steps: list[int]) -> NDArray[np.int64]:
    try:
        return np.array(steps, np.int64)
    except OverflowError:
        # A point with a step beyond 64 bits is kept, at the last step there is: one number must not stop a journal.
        limits = np.iinfo(np.int64)
        return np.array([min(max(step, limits.min), limits.max) for step in steps], np.int64)


class Gathering:
    """The points of one transaction, by run and metric, so that each series is written once."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], GatheredSeries] = {}

    def add(self, change: PointsLogged) -> None:
        """Take the points of one change."""
        run_id, at = change.run_id, change.at
        for key, step, value in change.points:
            series = self._series.get((run_id, key))
            if series is None:
                series = self._series[run_id, key] = GatheredSeries()
            series.steps.append(step)
            series.times.append(at)
            series.values.append(value)
            series.latest = change

    def write(self, connection: sqlite3.Connection) -> None:
        """Write summaries and chunks, and merge what has become many."""
        for (run_id, key), series in self._series.items():
            assert series.latest is not None
            points = series.points()
            before = read_metric(connection, run_id, key)
            after = summarise(before, points, run_id, key, series.latest)
            _write_metric(connection, after)
            _write_chunks(connection, run_id, key, before.count if before else 0, points)
            if before and _small_chunks(connection, run_id, key) > MOST_SMALL_CHUNKS:
                merge_chunks(connection, run_id, key)


def summarise(before: Metric | None, points: Points, run_id: str, key: str, latest: PointsLogged) -> Metric:
    """The summary once ``points`` (at least one) have joined those that ``before`` speaks of.

    Of equal extremes the first one gives the step; where all values are NaN, the first point does.
    """
    is_number = ~np.isnan(points.values)
    numbers, steps = points.values[is_number], points.steps[is_number]
    low = high = (math.nan, int(points.steps[0]))
    if len(numbers):
        at_low, at_high = numbers.argmin(), numbers.argmax()
        low, high = (float(numbers[at_low]), int(steps[at_low])), (float(numbers[at_high]), int(steps[at_high]))
    with np.errstate(invalid="ignore", over="ignore"):
        total = float(numbers.sum())
    count, nan_count = len(points), len(points) - len(numbers)
    if before:
        low = _keep((before.min, before.min_step), low, operator.lt)
        high = _keep((before.max, before.max_step), high, operator.gt)
        total, count, nan_count = before.sum + total, before.count + count, before.nan_count + nan_count
    return Metric(
        run_id=run_id,
        key=key,
        last=float(points.values[-1]),
        last_step=int(points.steps[-1]),
        min=low[0],
        min_step=low[1],
        max=high[0],
        max_step=high[1],
        sum=total,
        count=count,
        nan_count=nan_count,
        origin=latest.origin,
        reason=latest.reason,
        execution_id=latest.execution_id,
        at=latest.at,
    )


def _keep(
    known: tuple[float, int], new: tuple[float, int], is_better: Callable[[float, float], bool]
) -> tuple[float, int]:
    """The better of two extremes; comparisons with a new NaN are false."""
    return new if math.isnan(known[0]) or is_better(new[0], known[0]) else known


def read_metric(connection: sqlite3.Connection, run_id: str, key: str) -> Metric | None:
    """The summary of one metric of one run."""
    sql = f"SELECT {METRIC_COLUMNS} FROM metrics WHERE run_id = ? AND key = ?"
    row = execute(connection, sql, (run_id, key)).fetchone()
    return metric_of(row) if row else None


def metric_of(row: Sequence[Any]) -> Metric:
    """A row of ``METRIC_COLUMNS`` as a record; NULL stands for NaN."""
    run_id, key, last, last_step, low, low_step, high, high_step, total, count, nan_count, *rest = row
    origin, reason, execution_id, at = rest
    return Metric(
        run_id=run_id,
        key=key,
        last=math.nan if last is None else last,
        last_step=last_step,
        min=math.nan if low is None else low,
        min_step=low_step,
        max=math.nan if high is None else high,
        max_step=high_step,
        sum=math.nan if total is None else total,
        count=count,
        nan_count=nan_count,
        origin=origin,
        reason=reason,
        execution_id=execution_id,
        at=at,
    )


def _write_metric(connection: sqlite3.Connection, metric: Metric) -> None:
    # SQLite itself turns a bound NaN into NULL.
    row = (
        metric.run_id, metric.key, metric.last, metric.last_step, metric.min, metric.min_step, metric.max,
        metric.max_step, metric.sum, metric.count, metric.nan_count, metric.origin, metric.reason,
        metric.execution_id, metric.at,
    )  # fmt: skip
    execute(connection, f"INSERT OR REPLACE INTO metrics ({METRIC_COLUMNS}) VALUES ({','.join('?' * len(row))})", row)


def _write_chunks(connection: sqlite3.Connection, run_id: str, key: str, first: int, points: Points) -> None:
    sql = 'INSERT INTO points (run_id, key, first, count, steps, times, "values") VALUES (?, ?, ?, ?, ?, ?, ?)'
    for start in range(0, len(points), CHUNK_POINTS):
        chunk = encode(points.part(start, start + CHUNK_POINTS))
        row = (run_id, key, first + start, chunk.count, chunk.steps, chunk.times, chunk.values)
        execute(connection, sql, row)


def _small_chunks(connection: sqlite3.Connection, run_id: str, key: str) -> int:
    where = f"run_id = ? AND key = ? AND count < {SMALL_POINTS}"
    sql = f"SELECT count(*) FROM points INDEXED BY points_small WHERE {where}"
    (count,) = execute(connection, sql, (run_id, key)).fetchone()
    return int(count)


def merge_run(connection: sqlite3.Connection, run_id: str) -> None:
    """Merge the chunks of every metric of a run."""
    sql = "SELECT key FROM points WHERE run_id = ? AND count < ? GROUP BY key HAVING count(*) > 1"
    for (key,) in execute(connection, sql, (run_id, CHUNK_POINTS)).fetchall():
        merge_chunks(connection, run_id, key)


def merge_chunks(connection: sqlite3.Connection, run_id: str, key: str) -> None:
    """Make full chunks of all points from the first chunk on that is not full; the order is kept."""
    sql = "SELECT min(first) FROM points WHERE run_id = ? AND key = ? AND count < ?"
    (first,) = execute(connection, sql, (run_id, key, CHUNK_POINTS)).fetchone()
    if first is None:
        return
    points = read_points(connection, run_id, key, first=first)
    execute(connection, "DELETE FROM points WHERE run_id = ? AND key = ? AND first >= ?", (run_id, key, first))
    _write_chunks(connection, run_id, key, first, points)


def read_points(connection: sqlite3.Connection, run_id: str, key: str, *, first: int = 0) -> Points:
    """The points of a series from the position ``first`` on, in the order logged."""
    sql = 'SELECT count, steps, times, "values" FROM points WHERE run_id = ? AND key = ? AND first >= ? ORDER BY first'
    return join([decode(Chunk(*row)) for row in execute(connection, sql, (run_id, key, first))])
