# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""What an SQLite store's tables say, as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.records import Names, Param, Run, Series, Session
from nbtrail.store.points import CHUNK_POINTS, Chunk, Points
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_field
from nbtrail.store.sqlite.cell_reads import in_order
from nbtrail.store.sqlite.columns import value_of
from nbtrail.store.sqlite.conditions import ENDED, STATUS, Bound, order
from nbtrail.store.sqlite.connection import encodable
from nbtrail.store.sqlite.pages import passing, visible
from nbtrail.store.sqlite.points import METRIC_COLUMNS, decode_series, metric_of, read_points

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from nbtrail.records import Json, Metric
    from nbtrail.store.listing import GroupKey

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


def read_runs(connection: sqlite3.Connection, ids: Sequence[str], alive: Sequence[str]) -> list[Run]:
    """These runs, in their order; running ones whose session is not among ``alive`` are lost."""
    sql = f"SELECT {_RUN_COLUMNS} FROM json_each(:ids) i CROSS JOIN runs r ON r.id = i.value ORDER BY i.key"
    rows = connection.execute(sql, {"ids": json.dumps(list(ids)), "alive": json.dumps(list(alive))}).fetchall()
    return _runs_of(connection, rows)


def read_all_runs(connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]) -> list[Run]:
    """The runs that match, from the query's offset on; ``read_runs`` reads a page."""
    bound = Bound({"alive": json.dumps(list(alive))})
    joins, terms = order([(parse_field(key), descending) for key, descending in query.sort], bound)
    sql = f"SELECT {_RUN_COLUMNS} FROM runs r {joins} WHERE {passing(query, bound)} ORDER BY {terms}"
    rows = connection.execute(f"{sql} LIMIT :limit OFFSET :offset", bound.page(-1, query.offset))
    return _runs_of(connection, rows.fetchall())


def count_runs(
    connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str], *, few: int
) -> tuple[int, list[str] | None]:
    """How many runs match; and which, where a filter leaves at most so few, so that it need not be tried again."""
    if query.where is None:
        in_trash = "SELECT count(*) FROM runs WHERE trashed IS NOT NULL"
        sql = in_trash if query.trashed else f"SELECT (SELECT count(*) FROM runs) - ({in_trash})"
        return int(connection.execute(sql).fetchone()[0]), None
    bound = Bound({"alive": json.dumps(list(alive))})
    sql = f"SELECT count(*), json_group_array(r.id) FROM runs r WHERE {passing(query, bound)}"
    count, ids = connection.execute(sql, bound.values).fetchone()
    return int(count), json.loads(ids) if count <= few else None


def count_groups(
    connection: sqlite3.Connection, query: RunQuery, by: GroupKey, alive: Sequence[str]
) -> dict[str | None, int]:
    """How many of the runs that match are in each group."""
    bound = Bound({"alive": json.dumps(list(alive))})
    test = passing(query, bound)
    column = {"notebook": "r.notebook", "status": STATUS, "tag": "t.tag"}[by]
    joined = " CROSS JOIN tags t ON t.run_id = r.id" if by == "tag" else ""
    sql = f"SELECT {column}, count(*) FROM runs r{joined} WHERE {test} GROUP BY 1"
    counts = dict(connection.execute(sql, bound.values).fetchall())
    if by == "tag":
        sql = f"SELECT count(*) FROM runs r WHERE r.id NOT IN (SELECT run_id FROM tags) AND {test}"
        (untagged,) = connection.execute(sql, bound.values).fetchone()
        counts |= {None: untagged} if untagged else {}
    return counts


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
    within, bound = _within(run_ids, None)
    earlier: dict[tuple[str, str], list[Json]] = {}
    sql = f"SELECT run_id, key, value FROM param_history WHERE {within} ORDER BY run_id, key, position"
    for run_id, key, value in connection.execute(sql, bound):
        earlier.setdefault((run_id, key), []).append(json.loads(value))
    sql = (
        "SELECT run_id, key, value, number, text, as_text, origin, reason, execution_id, at FROM params"
        f" WHERE {within} ORDER BY run_id, key"
    )
    return in_order(
        run_ids,
        (
            Param(
                run_id=row[0], key=row[1], value=value_of(row[2], row[3], row[4]), as_text=bool(row[5]),
                origin=row[6], reason=row[7], execution_id=row[8], at=row[9],
                earlier=tuple(earlier.get((row[0], row[1]), ())),
            )
            for row in connection.execute(sql, bound)
        ),
        lambda param: param.run_id,
    )  # fmt: skip


def read_metrics(
    connection: sqlite3.Connection, run_ids: Sequence[str], keys: Collection[str] | None, *, system: bool
) -> list[Metric]:
    """Summaries of these runs: runs in the order given, then by key."""
    within, bound = _within(run_ids, keys)
    of_system = "" if system else " AND origin <> 'system'"
    sql = f"SELECT {METRIC_COLUMNS} FROM metrics WHERE {within}{of_system} ORDER BY run_id, key"
    return in_order(run_ids, map(metric_of, connection.execute(sql, bound)), lambda metric: metric.run_id)


def _within(run_ids: Sequence[str], keys: Collection[str] | None) -> tuple[str, dict[str, object]]:
    test, bound = "run_id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(list(run_ids))}
    if keys is None:
        return test, {**bound}
    return f"{test} AND key IN (SELECT value FROM json_each(:keys))", {**bound, "keys": json.dumps(list(keys))}


def read_series(connection: sqlite3.Connection, run_id: str, key: str) -> Series:
    """All points of a metric in the order logged."""
    return _series(run_id, key, read_points(connection, run_id, key))


def _series(run_id: str, key: str, points: Points) -> Series:
    times = points.times_ms / 1000
    return Series(run_id=run_id, key=key, steps=points.steps, times=times, values=points.values)


def read_outline(connection: sqlite3.Connection, run_id: str, key: str, *, most_points: int) -> Series:
    """The points of a metric; of a long one those of chunks that are evenly spread."""
    sql = "SELECT first FROM points WHERE run_id = ? AND key = ? ORDER BY first"
    firsts = [first for (first,) in connection.execute(sql, (run_id, key))]
    most_chunks = max(2, most_points // CHUNK_POINTS)
    if len(firsts) <= most_chunks:
        return read_series(connection, run_id, key)
    chosen = [firsts[place] for place in np.linspace(0, len(firsts) - 1, most_chunks).astype(int)]
    sql = (
        'SELECT count, steps, times, "values" FROM points'
        " WHERE run_id = ? AND key = ? AND first IN (SELECT value FROM json_each(?)) ORDER BY first"
    )
    rows = connection.execute(sql, (run_id, key, json.dumps(chosen)))
    return _series(run_id, key, decode_series(connection, run_id, key, [Chunk(*row) for row in rows]))


# --- the whole store ---


def read_names(connection: sqlite3.Connection) -> Names:
    """The names that exist, of runs that are not in the trash."""
    return Names(
        params=_distinct(connection, "params", "key"),
        metrics=_distinct(connection, "metrics", "key"),
        tags=_distinct(connection, "tags", "tag"),
        notebooks=_distinct(connection, "runs", "notebook", run="id"),
    )


def _distinct(connection: sqlite3.Connection, table: str, column: str, *, run: str = "run_id") -> tuple[str, ...]:
    """Each name once, jumping through the index from one to the next instead of passing over every row."""
    sql = (
        f"WITH RECURSIVE found (word) AS (SELECT min({column}) FROM {table} UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} > word) FROM found WHERE word IS NOT NULL)"
        f" SELECT word FROM found WHERE EXISTS (SELECT 1 FROM {table} t"
        f" WHERE t.{column} = found.word AND {visible(f't.{run}', RunQuery())})"
    )
    return tuple(name for (name,) in connection.execute(sql))
