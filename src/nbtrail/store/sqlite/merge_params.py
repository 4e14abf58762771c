# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Bringing the params of another SQLite store, attached as ``other``, for the runs in ``temp.batch``."""

from __future__ import annotations

import heapq
import operator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import sqlite3

_Value: TypeAlias = tuple[Any, ...]
_EVERY: Final = (
    "SELECT run_id, key, value, as_text, origin, reason, execution_id, at FROM {}"
    " WHERE run_id IN (SELECT run_id FROM temp.batch)"
)
_COLUMNS: Final = "value, number, text, as_text, origin, reason, execution_id, at"
_BEYOND_EVERY_POSITION: Final = 1 << 40


def bring_params(connection: sqlite3.Connection) -> None:
    """Put together all values that were ever set, there and here, in the order of their times."""
    tables = [
        _EVERY.format(f"{schema}.{table}") for schema in ("other", "main") for table in ("params", "param_history")
    ]
    sql = "SELECT DISTINCT run_id, key FROM ({} UNION {} EXCEPT {} EXCEPT {})".format(*tables)
    for run_id, key in connection.execute(sql).fetchall():
        _bring_param(connection, run_id, key)


def _bring_param(connection: sqlite3.Connection, run_id: str, key: str) -> None:
    here, there = (_values(connection, schema, run_id, key) for schema in ("main", "other"))
    kept = _in_time(here, there)
    if list(map(_identity, kept)) == list(map(_identity, here)):
        return
    connection.execute("INSERT OR IGNORE INTO temp.touched VALUES (?)", (run_id,))
    connection.execute("DELETE FROM main.param_history WHERE run_id = ? AND key = ?", (run_id, key))
    connection.executemany(
        "INSERT INTO main.param_history (run_id, key, position, value, as_text, origin, reason, execution_id, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(run_id, key, position, *_identity(row)) for position, row in enumerate(kept[:-1])],
    )
    sql = f"INSERT OR REPLACE INTO main.params (run_id, key, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    connection.execute(sql, (run_id, key, *kept[-1]))


def _values(connection: sqlite3.Connection, schema: str, run_id: str, key: str) -> list[_Value]:
    """The values that a param has had, the present one last."""
    earlier = "value, NULL, NULL, as_text, origin, reason, execution_id, at, position"
    rows = connection.execute(
        f"SELECT {earlier} FROM {schema}.param_history WHERE run_id = ? AND key = ? UNION ALL"
        f" SELECT {_COLUMNS}, {_BEYOND_EVERY_POSITION} FROM {schema}.params WHERE run_id = ? AND key = ? ORDER BY 9",
        (run_id, key) * 2,
    )
    return [row[:-1] for row in rows]


def _in_time(here: list[_Value], there: list[_Value]) -> list[_Value]:
    """Values of both sides by time, each side in its own order; of equal ones in a row the last."""
    known = set(map(_identity, here))
    fresh = [row for row in there if _identity(row) not in known]
    kept: list[_Value] = []
    for row in heapq.merge(here, fresh, key=operator.itemgetter(-1)):
        if kept and kept[-1][0] == row[0]:
            kept.pop()
        kept.append(row)
    return kept


def _identity(row: _Value) -> _Value:
    """A value as its history keeps it: without the columns for comparing."""
    return (row[0], *row[3:])
