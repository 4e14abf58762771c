# ruff: noqa: S608 - only words of our own are put together
"""Looking through an SQLite store for damage and contradictions, and mending what can be mended."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from nbtrail.store.points import Chunk, decode, join
from nbtrail.store.sqlite.points import METRIC_COLUMNS, metric_of
from nbtrail.store.upkeep import Problem

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from nbtrail.records import Metric
    from nbtrail.store.points import Points

_MOST_SHOWN: Final = 20
_SAMPLE: Final = 200
_SUM_TOLERANCE: Final = 1e-9
"""Of sums: the points may have been added up in another order."""

_BROKEN_LINKS: Final = (
    (
        "run_executions", "execution_id NOT IN (SELECT id FROM executions)",
        "DELETE FROM run_executions WHERE {}", "cells that runs speak of, and that are not there",
    ),
    (
        "run_datasets", "digest NOT IN (SELECT digest FROM datasets)",
        "DELETE FROM run_datasets WHERE {}", "data that runs speak of, and that are not there",
    ),
    (
        "runs", "environment_id IS NOT NULL AND environment_id NOT IN (SELECT id FROM environments)",
        "UPDATE runs SET environment_id = NULL WHERE {}", "runs whose environment is not there",
    ),
    (
        "runs", "parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM runs)",
        "UPDATE runs SET parent_id = NULL WHERE {}", "runs that began within one that is not there",
    ),
    (
        "executions", "source NOT IN (SELECT digest FROM sources)",
        "INSERT INTO sources (digest, text) SELECT DISTINCT source, '' FROM executions WHERE {}",
        "cells without their text",
    ),
)  # fmt: skip
"""A table, which of its rows lead nowhere, what mends that, and what it is called."""
_UNEVEN: Final = """
SELECT run_id, key FROM (
  SELECT run_id, key, first, lag(first + count, 1, 0) OVER (PARTITION BY run_id, key ORDER BY first) AS due FROM points
) WHERE first <> due GROUP BY run_id, key
"""
_COUNTS: Final = """
SELECT run_id, key, sum(counted), sum(held) FROM (
  SELECT run_id, key, count AS counted, 0 AS held FROM metrics
  UNION ALL
  SELECT run_id, key, 0, count FROM points
) GROUP BY run_id, key HAVING sum(counted) <> sum(held)
"""
_LATEST_REVISION: Final = "SELECT max((SELECT value FROM meta WHERE key = 'revision'), max(revision)) FROM runs"


def find_problems(connection: sqlite3.Connection, *, deep: bool) -> Iterator[Problem]:
    """What is wrong, the worst first."""
    damage = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST_SHOWN})") if text != "ok"]
    if damage:
        # What the tables say cannot be relied on.
        yield from (Problem(text=text, is_damage=True) for text in damage)
        return
    yield from _missing_parents(connection)
    for table, where, _, what in _BROKEN_LINKS:
        (count,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
        if count:
            yield Problem(text=f"{what}: {count}", is_mendable=True)
    yield from _contradictions(connection)
    yield from _bad_series(connection, deep=deep)


def _missing_parents(connection: sqlite3.Connection) -> Iterator[Problem]:
    counts: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        counts[table, parent] = counts.get((table, parent), 0) + 1
    for (table, parent), count in counts.items():
        rows = "a row" if count == 1 else f"{count} rows"
        verb = "belongs" if count == 1 else "belong"
        yield Problem(text=f"{rows} of {table} {verb} to a {parent} row that is gone", is_mendable=True)


def _contradictions(connection: sqlite3.Connection) -> Iterator[Problem]:
    for run_id, key in connection.execute(_UNEVEN).fetchall():
        yield Problem(text=f"the chunks of {_named(connection, run_id, key)} overlap, or some are missing")
    for run_id, key, counted, held in connection.execute(_COUNTS).fetchall():
        text = f"the summary of {_named(connection, run_id, key)} counts {counted} points, and there are {held}"
        yield Problem(text=text, is_mendable=True)
    (latest,) = connection.execute(_LATEST_REVISION).fetchone()
    (revision,) = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
    if latest is not None and latest > revision:
        yield Problem(text="runs are newer than the store's count of changes", is_mendable=True)


def _bad_series(connection: sqlite3.Connection, *, deep: bool) -> Iterator[Problem]:
    for metric in _metrics(connection, sample=None if deep else _SAMPLE):
        points, problem = _read(connection, metric.run_id, metric.key)
        if problem:
            yield Problem(text=f"{_named(connection, metric.run_id, metric.key)}: {problem}")
        elif points is not None and len(points) == metric.count and (field := _differs(metric, points)):
            text = f"the {field} of {_named(connection, metric.run_id, metric.key)} is not that of its points"
            yield Problem(text=text, is_mendable=True)


def _metrics(connection: sqlite3.Connection, *, sample: int | None) -> Iterator[Metric]:
    """Summaries: all, or so many evenly spread ones."""
    if sample is None:
        sql = f"SELECT {METRIC_COLUMNS} FROM metrics ORDER BY run_id, key"
    else:
        (count,) = connection.execute("SELECT count(*) FROM metrics").fetchone()
        step = max(count // sample, 1)
        numbered = f"SELECT {METRIC_COLUMNS}, row_number() OVER (ORDER BY run_id, key) AS number FROM metrics"
        sql = f"SELECT {METRIC_COLUMNS} FROM ({numbered}) WHERE number % {step} = 0 LIMIT {sample}"
    yield from (metric_of(row) for row in connection.execute(sql).fetchall())


def _read(connection: sqlite3.Connection, run_id: str, key: str) -> tuple[Points | None, str]:
    """The points of a series, or what is wrong with them."""
    sql = 'SELECT first, count, steps, times, "values" FROM points WHERE run_id = ? AND key = ? ORDER BY first'
    parts = []
    for first, *chunk in connection.execute(sql, (run_id, key)):
        try:
            points = decode(Chunk(*chunk))
        except Exception as error:  # noqa: BLE001 - damaged bytes may fail in any way
            return None, f"the chunk from point {first} on cannot be decoded ({error})"
        if not len(points.steps) == len(points.times_ms) == len(points.values) == chunk[0]:
            return None, f"the chunk from point {first} on does not hold the {chunk[0]} points that it should"
        parts.append(points)
    return join(parts), ""


def _differs(metric: Metric, points: Points) -> str:
    """The first field of a summary that its points contradict; empty when all agree."""
    expected = _summary(points)
    for field, value in expected.items():
        told = getattr(metric, field)
        if not (_same_sum(told, value) if field == "sum" else _same(told, value)):
            return field.replace("_", " ")
    return ""


def _summary(points: Points) -> dict[str, float | int]:
    """A summary's figures, from all points at once."""
    is_number = ~np.isnan(points.values)
    numbers, steps = points.values[is_number], points.steps[is_number]
    with np.errstate(invalid="ignore", over="ignore"):
        total = float(numbers.sum()) if len(numbers) else 0.0
    low = high = (math.nan, int(points.steps[0]))
    if len(numbers):
        at_low, at_high = numbers.argmin(), numbers.argmax()
        low, high = (float(numbers[at_low]), int(steps[at_low])), (float(numbers[at_high]), int(steps[at_high]))
    return {
        "last": float(points.values[-1]), "last_step": int(points.steps[-1]),
        "min": low[0], "min_step": low[1], "max": high[0], "max_step": high[1],
        "sum": total, "count": len(points), "nan_count": len(points) - len(numbers),
    }  # fmt: skip


def _same(told: float, value: float) -> bool:
    return told == value or (math.isnan(told) and math.isnan(value))


def _same_sum(told: float, value: float) -> bool:
    # A sum that overflows, or has both infinities in it, depends on the order in which it was added up.
    return (
        not math.isfinite(told)
        or not math.isfinite(value)
        or math.isclose(told, value, rel_tol=_SUM_TOLERANCE, abs_tol=1e-6)
    )


def mend(connection: sqlite3.Connection) -> Iterator[str]:
    """Repair what can be repaired; the caller begins and commits."""
    for table, count in _drop_rows_without_parents(connection).items():
        yield f"dropped {count} rows of {table} that belonged to nothing"
    for table, where, sql, what in _BROKEN_LINKS:
        count = connection.execute(sql.format(where)).rowcount
        if count > 0:
            yield f"{what}: {count}, {'the place is kept empty' if table == 'executions' else 'taken out'}"
    yield from _mend_summaries(connection)
    (latest,) = connection.execute(_LATEST_REVISION).fetchone()
    sql = "UPDATE meta SET value = ? WHERE key = 'revision' AND value < ?"
    if latest is not None and connection.execute(sql, (latest, latest)).rowcount:
        yield "brought the store's count of changes up to its runs"


def _drop_rows_without_parents(connection: sqlite3.Connection) -> dict[str, int]:
    parents = {"outputs": ("execution_id", "executions")}
    dropped: dict[str, int] = {}
    for table in {row[0] for row in connection.execute("PRAGMA foreign_key_check")}:
        column, parent = parents.get(table, ("run_id", "runs"))
        sql = f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {parent})"
        dropped[table] = connection.execute(sql).rowcount
    return dropped


def _mend_summaries(connection: sqlite3.Connection) -> Iterator[str]:
    """Make the summaries say what the points say; those of points that cannot be read stay."""
    orphans = connection.execute(
        "SELECT DISTINCT p.run_id, p.key FROM points p LEFT JOIN metrics m ON m.run_id = p.run_id AND m.key = p.key"
        " WHERE m.run_id IS NULL"
    ).fetchall()
    for run_id, key in orphans:
        sql = (
            f"INSERT INTO metrics ({METRIC_COLUMNS}) VALUES (?, ?, NULL, 0, NULL, 0, NULL, 0, 0, 0, 0, 'logged', '',"
            " NULL, 0)"
        )
        connection.execute(sql, (run_id, key))
    for metric in list(_metrics(connection, sample=None)):
        points, problem = _read(connection, metric.run_id, metric.key)
        if problem or points is None:
            continue
        named = _named(connection, metric.run_id, metric.key)
        if not len(points):
            connection.execute("DELETE FROM metrics WHERE run_id = ? AND key = ?", (metric.run_id, metric.key))
            yield f"dropped the summary of {named}, which has no points"
        elif len(points) != metric.count or _differs(metric, points):
            _write_summary(connection, metric, points)
            yield f"worked out the summary of {named} again"


def _write_summary(connection: sqlite3.Connection, metric: Metric, points: Points) -> None:
    summary = _summary(points)
    assigned = ", ".join(f"{field} = :{field}" for field in summary)
    values = {**summary, "run_id": metric.run_id, "key": metric.key, "at": metric.at or points.times_ms[-1] / 1000}
    sql = f"UPDATE metrics SET {assigned}, at = :at WHERE run_id = :run_id AND key = :key"
    connection.execute(sql, values)


def _named(connection: sqlite3.Connection, run_id: str, key: str) -> str:
    row = connection.execute("SELECT name FROM runs WHERE id = ?", (run_id,)).fetchone()
    return f"{key!r} of run {(row[0] if row else run_id)!r}"
