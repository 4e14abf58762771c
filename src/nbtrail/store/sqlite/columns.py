# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Columns of tables of many runs, straight from the rows of an SQLite store, without a record for each value."""

from __future__ import annotations

import json
import math
from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.store.listing import MetricColumn, ParamColumn

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from nbtrail.records import Json

_MOST_COUNTED: Final = 50_000
_MANY_RUNS: Final = 5_000
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_READY: Final = "coalesce(p.text, CASE WHEN instr(p.value, '.') THEN p.number END)"
"""A param's value where nothing needs to be parsed: a text, or a number that is no whole one."""


def read_param_columns(
    connection: sqlite3.Connection, run_ids: Sequence[str], keys: Collection[str] | None, most: int | None
) -> dict[str, ParamColumn]:
    """The values of the params of these runs, by key; of each run the first ``most`` ones."""
    sql = f"SELECT i.key, p.key, {_READY}, p.value FROM {_of_runs('params p', 'p', keys)}"
    if most is not None:
        sql += f" AND p.key IN (SELECT key FROM params WHERE run_id = i.value ORDER BY key LIMIT {int(most)})"
    found: dict[str, tuple[array[int], list[Json]]] = {}
    for position, key, ready, value in connection.execute(sql, _bound(run_ids, keys)):
        column = found.get(key)
        if column is None:
            column = found[key] = (array("q"), [])
        column[0].append(position)
        column[1].append(_parsed(value) if ready is None else ready)
    return {key: ParamColumn(np.frombuffer(at, np.int64), values) for key, (at, values) in sorted(found.items())}


def read_metric_columns(
    connection: sqlite3.Connection, run_ids: Sequence[str], keys: Collection[str] | None, *, system: bool
) -> dict[str, MetricColumn]:
    """The last values of the metrics of these runs, by key; whoever names keys gets them, of the system or not."""
    if keys is not None and len(run_ids) > _MANY_RUNS:
        return _scan_metrics(connection, run_ids, keys)
    of_system = "" if system or keys is not None else " WHERE m.origin <> 'system'"
    sql = f"SELECT i.key, m.key, m.last FROM {_of_runs('metrics m', 'm', keys)}{of_system}"
    found: dict[str, tuple[array[int], array[float]]] = {}
    for position, key, last in connection.execute(sql, _bound(run_ids, keys)):
        column = found.get(key)
        if column is None:
            column = found[key] = (array("q"), array("d"))
        column[0].append(position)
        column[1].append(math.nan if last is None else last)
    return {
        key: MetricColumn(np.frombuffer(at, np.int64), np.frombuffer(values, np.float64))
        for key, (at, values) in sorted(found.items())
    }


def _scan_metrics(
    connection: sqlite3.Connection, run_ids: Sequence[str], keys: Collection[str]
) -> dict[str, MetricColumn]:
    """The same from the index alone: quicker for some metrics of most runs."""
    row_of = {run_id: row for row, run_id in enumerate(run_ids)}
    found: dict[str, MetricColumn] = {}
    for key in sorted(set(keys)):
        rows = connection.execute("SELECT run_id, last FROM metrics WHERE key = ?", (key,)).fetchall()
        known = [(row_of[run_id], math.nan if last is None else last) for run_id, last in rows if run_id in row_of]
        if known:
            positions, values = (np.array(column) for column in zip(*sorted(known), strict=True))
            found[key] = MetricColumn(positions.astype(np.int64), values.astype(np.float64))
    return found


def read_metric_keys(
    connection: sqlite3.Connection, run_ids: Sequence[str], *, least_points: int
) -> dict[str, list[str]]:
    """The metrics of these runs that have so many points, by run."""
    sql = f"SELECT m.run_id, m.key FROM {_of_runs('metrics m', 'm', None)} WHERE m.count >= :least"
    bound = _bound(run_ids, None) | {"least": least_points}
    found: dict[str, list[str]] = {}
    for run_id, key in connection.execute(f"{sql} AND m.origin <> 'system'", bound):
        found.setdefault(run_id, []).append(key)
    return found


def count_metrics(connection: sqlite3.Connection, run_ids: Sequence[str]) -> dict[str, int]:
    """How many of these runs have each metric."""
    rows = f"SELECT m.key FROM {_of_runs('metrics m', 'm', None)} WHERE m.origin <> 'system' LIMIT {_MOST_COUNTED}"
    sql = f"SELECT key, count(*) FROM ({rows}) GROUP BY key"
    return dict(connection.execute(sql, _bound(run_ids, None)).fetchall())


def value_of(value: str, number: float | None, text: str | None) -> Json:
    """The JSON value of a param; where a column for comparing holds it too, nothing needs to be parsed."""
    if text is not None:
        return text
    if number is not None and "." in value:
        return number
    return _parsed(value)


def _parsed(value: str) -> Json:
    if value.isdecimal():
        return int(value)
    return _CONSTANTS[value] if value in _CONSTANTS else json.loads(value)


def _of_runs(table: str, alias: str, keys: Collection[str] | None) -> str:
    wanted = "" if keys is None else f" AND {alias}.key IN (SELECT value FROM json_each(:keys))"
    return f"json_each(:ids) i CROSS JOIN {table} ON {alias}.run_id = i.value{wanted}"


def _bound(run_ids: Sequence[str], keys: Collection[str] | None) -> dict[str, Any]:
    return {"ids": json.dumps(list(run_ids)), "keys": None if keys is None else json.dumps(list(keys))}
