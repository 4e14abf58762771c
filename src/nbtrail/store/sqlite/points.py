# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Points and metric summaries of an SQLite store: gathering, writing, merging, reading."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.records import Metric
from nbtrail.store.points import (
    CHUNK_POINTS,
    Chunk,
    DamagedChunkError,
    DamagedSeriesError,
    Points,
    decode,
    encode,
    join,
)
from nbtrail.store.sqlite.connection import execute

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from nbtrail.changes import PointsLogged, RowLayout
    from nbtrail.records import Origin

SMALL_POINTS: Final = 1024
"""A chunk with fewer points is small; the schema's index ``points_small`` knows this number."""
MOST_SMALL_CHUNKS: Final = 16
METRIC_COLUMNS: Final = (
    "run_id, key, last, last_step, min, min_step, max, max_step, sum, count, nan_count,"
    " origin, reason, execution_id, at"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one layout's rows say of one series."""

    places: NDArray[np.int64]
    """Of the rows, among all that were gathered."""
    points: Points
    latest: Provenance


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the last of some points came."""

    at: float
    origin: Origin
    reason: str
    execution_id: str | None


class _Rows:
    """Rows of one layout, in the order in which they came."""

    def __init__(self, layout: RowLayout) -> None:
        self.layout = layout
        self._rows: list[bytes] = []
        self._stretches: list[tuple[int, int]] = []
        """Where each addition stands among all rows that were gathered, and how many rows it has."""

    def add(self, change: PointsLogged, place: int) -> None:
        self._rows.append(change.rows)
        self._stretches.append((place, len(change)))

    def parts(self) -> Iterator[tuple[str, _Part]]:
        """Column for column, so that nothing is done for each point."""
        layout = self.layout
        cells = np.frombuffer(b"".join(self._rows), "<i8").reshape(-1, layout.row_bytes // 8)
        numbers = cells.view("<f8")
        places = np.concatenate([np.arange(place, place + count) for place, count in self._stretches])
        times_ms = np.rint(numbers[:, 0] * 1000).astype(np.int64)
        at = float(numbers[-1, 0])
        for i, (key, reason) in enumerate(zip(layout.keys, layout.reasons, strict=True)):
            steps, values = np.ascontiguousarray(cells[:, 2 * i + 1]), np.ascontiguousarray(numbers[:, 2 * i + 2])
            latest = Provenance(at, layout.origin, reason, layout.execution_id)
            yield key, _Part(places, Points(steps, times_ms, values), latest)


class Gathering:
    """The points of one transaction, so that each series is written once."""

    def __init__(self) -> None:
        self._rows: dict[int, _Rows] = {}
        """By the identity of their layout: a loop's rows share one, and to compare layouts would take longer."""
        self._count = 0

    def add(self, change: PointsLogged) -> None:
        """Take the rows of one change."""
        rows = self._rows.get(id(change.layout))
        if rows is None:
            rows = self._rows[id(change.layout)] = _Rows(change.layout)
        rows.add(change, self._count)
        self._count += len(change)

    def write(self, connection: sqlite3.Connection, *, new_runs: Collection[str] = ()) -> None:
        """Write summaries and chunks, and merge what has become many; of new runs nothing can be there yet."""
        for (run_id, key), parts in self._series().items():
            points, latest = _in_order(parts)
            before = None if run_id in new_runs else read_metric(connection, run_id, key)
            after = summarise(before, points, run_id, key, latest)
            _write_metric(connection, after)
            first = before.count if before else 0
            # Many points at once fill up what is open; of few the chunks gather first.
            if before and (len(points) >= SMALL_POINTS or _small_chunks(connection, run_id, key) >= MOST_SMALL_CHUNKS):
                first, open_points = _take_open(connection, run_id, key, end=first)
                points = join([open_points, points])
            _write_chunks(connection, run_id, key, first, points)

    def _series(self) -> dict[tuple[str, str], list[_Part]]:
        series: dict[tuple[str, str], list[_Part]] = {}
        for rows in self._rows.values():
            for key, part in rows.parts():
                series.setdefault((rows.layout.run_id, key), []).append(part)
        return series


def _in_order(parts: list[_Part]) -> tuple[Points, Provenance]:
    """The points of one series as they were logged, though rows of several layouts brought them."""
    if len(parts) == 1:
        return parts[0].points, parts[0].latest
    order = np.argsort(np.concatenate([part.places for part in parts]), kind="stable")
    points = join([part.points for part in parts])
    latest = max(parts, key=lambda part: int(part.places[-1])).latest
    return Points(points.steps[order], points.times_ms[order], points.values[order]), latest


def summarise(before: Metric | None, points: Points, run_id: str, key: str, latest: Provenance) -> Metric:
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
    # What was logged once is the user's for good.
    come = before if before and before.origin == "logged" != latest.origin else latest
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
        origin=come.origin,
        reason=come.reason,
        execution_id=come.execution_id,
        at=latest.at,
    )


def _keep(
    known: tuple[float, int], new: tuple[float, int], is_better: Callable[[float, float], bool]
) -> tuple[float, int]:
    """The better of two extremes; comparisons with a new NaN are false."""
    if math.isnan(known[0]):
        return known if math.isnan(new[0]) else new
    return new if is_better(new[0], known[0]) else known


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
    """Make full chunks of the points at the end, behind the last chunk that is full; the order is kept."""
    first, points = _take_open(connection, run_id, key, end=0)
    _write_chunks(connection, run_id, key, first, points)


def _take_open(connection: sqlite3.Connection, run_id: str, key: str, *, end: int) -> tuple[int, Points]:
    """Take the chunks behind the last full one out of the table, and say where they began.

    Where there are none, or some are damaged and better left alone: ``end``, and no points.
    """
    first = None
    sql = "SELECT first, count FROM points WHERE run_id = ? AND key = ? ORDER BY first DESC"
    for position, count in execute(connection, sql, (run_id, key)):
        if count == CHUNK_POINTS:
            break
        first = position
    if first is None:
        return end, join([])
    try:
        points = read_points(connection, run_id, key, first=first)
    except DamagedChunkError:
        return end, join([])
    execute(connection, "DELETE FROM points WHERE run_id = ? AND key = ? AND first >= ?", (run_id, key, first))
    return first, points


def read_points(connection: sqlite3.Connection, run_id: str, key: str, *, first: int = 0) -> Points:
    """The points of a series from the position ``first`` on, in the order logged."""
    sql = 'SELECT count, steps, times, "values" FROM points WHERE run_id = ? AND key = ? AND first >= ? ORDER BY first'
    rows = execute(connection, sql, (run_id, key, first))
    return decode_series(connection, run_id, key, [Chunk(*row) for row in rows])


def decode_series(connection: sqlite3.Connection, run_id: str, key: str, chunks: Sequence[Chunk]) -> Points:
    """The points of chunks of one series.

    Raises
    ------
    DamagedSeriesError
        One of them is damaged.
    """
    try:
        return decode(*chunks)
    except DamagedChunkError as error:
        row = connection.execute("SELECT name FROM runs WHERE id = ?", (run_id,)).fetchone()
        raise DamagedSeriesError(row[0] if row else run_id, key, str(error)) from error
