# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""What an SQLite store's tables say, as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.records import Names, Param, Run, Series, Session
from nbtrail.store.query import parse_field
from nbtrail.store.sqlite_cell_reads import in_order
from nbtrail.store.sqlite_conditions import ENDED, STATUS, Bound, order, where
from nbtrail.store.sqlite_connection import encodable
from nbtrail.store.sqlite_points import METRIC_COLUMNS, metric_of, read_points

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nbtrail.records import Json, Metric
    from nbtrail.store.protocol import RunQuery

SHORTEST_PREFIX: Final = 6
"""Of an id, where its beginning stands for it."""
_RUN_COLUMNS: Final = (
    f"r.id, r.name, {STATUS}, r.started, {ENDED}, r.utc_offset_s, r.notebook, r.session_id, r.parent_id, r.note,"
    " r.starred, r.trashed, r.environment_id, r.error, r.revision"
)
_SESSION_COLUMNS: Final = (
    "id, host, boot_id, pid, process_started, kernel_id, notebook, python, started, heartbeat, ended"
)
_SESSION_FIELDS: Final = _SESSION_COLUMNS.split(", ")


def running_sessions(connection: sqlite3.Connection) -> list[Session]:
    """The sessions without a goodbye that have a running run."""
    sql = (
        f"SELECT {_SESSION_COLUMNS} FROM sessions WHERE ended IS NULL"
        " AND id IN (SELECT session_id FROM runs WHERE status = 'running')"
    )
    return [_session_of(row) for row in connection.execute(sql)]


def read_session(connection: sqlite3.Connection, session_id: str) -> Session | None:
    """The session with this id."""
    row = connection.execute(f"SELECT {_SESSION_COLUMNS} FROM sessions WHERE id = ?", (session_id,)).fetchone()
    return _session_of(row) if row else None


def _session_of(row: Sequence[Any]) -> Session:
    return Session(**dict(zip(_SESSION_FIELDS, row, strict=True)))


# --- runs ---


def read_runs(connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]) -> list[Run]:
    """The runs of one page; running ones whose session is not among ``alive`` are lost."""
    bound = Bound({"alive": json.dumps(list(alive))})
    joins, terms = order([(parse_field(key), descending) for key, descending in query.sort], bound)
    sql = f"SELECT {_RUN_COLUMNS} FROM runs r {joins} WHERE {_filter(query, bound)} ORDER BY {terms}"
    bound.values["limit"] = -1 if query.limit is None else query.limit
    bound.values["offset"] = query.offset
    return _runs_of(connection, connection.execute(f"{sql} LIMIT :limit OFFSET :offset", bound.values).fetchall())


def count_runs(connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]) -> int:
    """How many runs match."""
    bound = Bound({"alive": json.dumps(list(alive))})
    (count,) = connection.execute(f"SELECT count(*) FROM runs r WHERE {_filter(query, bound)}", bound.values).fetchone()
    return int(count)


def read_run(connection: sqlite3.Connection, run_id: str, alive: Sequence[str]) -> Run:
    """The run with this id, which exists."""
    sql = f"SELECT {_RUN_COLUMNS} FROM runs r WHERE r.id = :id"
    rows = connection.execute(sql, {"id": run_id, "alive": json.dumps(list(alive))}).fetchall()
    return _runs_of(connection, rows)[0]


def find_run(connection: sqlite3.Connection, wanted: str) -> str | None:
    """The id of the run with this name, id or unique beginning of an id."""
    sql = "SELECT id FROM runs WHERE name = :wanted OR id = :wanted ORDER BY name = :wanted DESC LIMIT 1"
    wanted = str(encodable(wanted))
    row = connection.execute(sql, {"wanted": wanted}).fetchone()
    if row is None and len(wanted) >= SHORTEST_PREFIX:
        sql = "SELECT id FROM runs WHERE id >= ? AND id < ? LIMIT 2"
        prefix = wanted.upper()
        rows = connection.execute(sql, (prefix, prefix + "\uffff")).fetchall()
        row = rows[0] if len(rows) == 1 else None
    return row[0] if row else None


def _filter(query: RunQuery, bound: Bound) -> str:
    trashed = "r.trashed IS NOT NULL" if query.trashed else "r.trashed IS NULL"
    return trashed if query.where is None else f"{trashed} AND {where(query.where, bound)}"


def _runs_of(connection: sqlite3.Connection, rows: list[Any]) -> list[Run]:
    tags: dict[str, list[str]] = {}
    sql = "SELECT run_id, tag FROM tags WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id, tag"
    for run_id, tag in connection.execute(sql, (json.dumps([row[0] for row in rows]),)):
        tags.setdefault(run_id, []).append(tag)
    return [
        Run(
            id=row[0], name=row[1], status=row[2], started=row[3], ended=row[4], utc_offset_s=row[5], notebook=row[6],
            session_id=row[7], parent_id=row[8], note=row[9], starred=bool(row[10]), trashed=row[11],
            environment_id=row[12], error=row[13], revision=row[14], tags=tuple(tags.get(row[0], ())),
        )
        for row in rows
    ]  # fmt: skip


# --- what belongs to runs ---


def read_params(connection: sqlite3.Connection, run_ids: Sequence[str]) -> list[Param]:
    """Params of these runs: runs in the order given, then by key."""
    within = "run_id IN (SELECT value FROM json_each(?)) ORDER BY run_id, key"
    ids = (json.dumps(list(run_ids)),)
    earlier: dict[tuple[str, str], list[Json]] = {}
    sql = f"SELECT run_id, key, value FROM param_history WHERE {within}, position"
    for run_id, key, value in connection.execute(sql, ids):
        earlier.setdefault((run_id, key), []).append(json.loads(value))
    sql = (
        f"SELECT run_id, key, value, number, text, as_text, origin, reason, execution_id, at FROM params WHERE {within}"
    )
    return in_order(
        run_ids,
        (
            Param(
                run_id=row[0], key=row[1], value=_value_of(row[2], row[3], row[4]), as_text=bool(row[5]),
                origin=row[6], reason=row[7], execution_id=row[8], at=row[9],
                earlier=tuple(earlier.get((row[0], row[1]), ())),
            )
            for row in connection.execute(sql, ids)
        ),
        lambda param: param.run_id,
    )  # fmt: skip


def read_param_columns(connection: sqlite3.Connection, run_ids: Sequence[str]) -> dict[str, list[Json]]:
    """The values of every param of these runs, by key, each in the order of the runs."""
    sql = "SELECT i.key, p.key, p.value, p.number, p.text FROM json_each(?) i CROSS JOIN params p ON p.run_id = i.value"
    columns: dict[str, list[Json]] = {}
    for position, key, value, number, text in connection.execute(sql, (json.dumps(list(run_ids)),)):
        column = columns.get(key)
        if column is None:
            column = columns[key] = [None] * len(run_ids)
        column[position] = _value_of(value, number, text)
    return dict(sorted(columns.items()))


def read_metric_columns(
    connection: sqlite3.Connection, run_ids: Sequence[str], *, system: bool
) -> dict[str, NDArray[np.float64]]:
    """The last value of every metric of these runs, by key, each in the order of the runs."""
    sql = "SELECT i.key, m.key, m.last FROM json_each(?) i CROSS JOIN metrics m ON m.run_id = i.value"
    sql += " WHERE ? OR m.origin <> 'system'"
    columns: dict[str, list[float | None]] = {}
    for position, key, last in connection.execute(sql, (json.dumps(list(run_ids)), system)):
        column = columns.get(key)
        if column is None:
            column = columns[key] = [None] * len(run_ids)
        column[position] = last
    # None becomes NaN, which NULL stands for as well.
    return {key: np.array(column, np.float64) for key, column in sorted(columns.items())}


def _value_of(value: str, number: float | None, text: str | None) -> Json:
    """The JSON value of a param; where a column for comparing holds it too, nothing needs to be parsed."""
    if text is not None:
        return text
    if number is not None and "." in value:
        return number
    return int(value) if value.isdecimal() else json.loads(value)


def read_metrics(connection: sqlite3.Connection, run_ids: Sequence[str], *, system: bool) -> list[Metric]:
    """Summaries of these runs: runs in the order given, then by key."""
    sql = (
        f"SELECT {METRIC_COLUMNS} FROM metrics WHERE run_id IN (SELECT value FROM json_each(?))"
        f" AND (? OR origin <> 'system') ORDER BY run_id, key"
    )
    rows = connection.execute(sql, (json.dumps(list(run_ids)), system))
    return in_order(run_ids, map(metric_of, rows), lambda metric: metric.run_id)


def read_series(connection: sqlite3.Connection, run_id: str, key: str) -> Series:
    """All points of a metric in the order logged."""
    points = read_points(connection, run_id, key)
    times = points.times_ms.astype(np.float64) / 1000
    return Series(run_id=run_id, key=key, steps=points.steps, times=times, values=points.values)


# --- the whole store ---


def read_names(connection: sqlite3.Connection) -> Names:
    """The names that exist, of runs that are not in the trash."""
    notebooks = connection.execute(
        "SELECT DISTINCT notebook FROM runs WHERE trashed IS NULL AND notebook IS NOT NULL ORDER BY notebook"
    )
    return Names(
        params=_distinct(connection, "params", "key"),
        metrics=_distinct(connection, "metrics", "key"),
        tags=_distinct(connection, "tags", "tag"),
        notebooks=tuple(notebook for (notebook,) in notebooks),
    )


def _distinct(connection: sqlite3.Connection, table: str, column: str) -> tuple[str, ...]:
    """Each name once, jumping through the index from one to the next instead of passing over every row."""
    sql = (
        f"WITH RECURSIVE found (word) AS (SELECT min({column}) FROM {table} UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} > word) FROM found WHERE word IS NOT NULL)"
        f" SELECT word FROM found WHERE EXISTS (SELECT 1 FROM {table} t JOIN runs r ON r.id = t.run_id"
        f" WHERE t.{column} = found.word AND r.trashed IS NULL)"
    )
    return tuple(name for (name,) in connection.execute(sql))
