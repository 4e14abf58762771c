"""Removing runs and what only they used from an SQLite store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbtrail.records import Session
from nbtrail.store.upkeep import BlobUse, PurgedCounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

_IN_TRASH = "SELECT id FROM runs WHERE trashed IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
_EXECUTIONS_OF = """
SELECT DISTINCT j.execution_id FROM run_executions j
WHERE j.run_id IN (SELECT value FROM json_each(:gone)) AND NOT EXISTS (
  SELECT 1 FROM run_executions o
  WHERE o.execution_id = j.execution_id AND o.run_id NOT IN (SELECT value FROM json_each(:gone)))
"""
_ENVIRONMENTS_OF = """
SELECT environment_id FROM runs WHERE id IN (SELECT value FROM json_each(:gone)) AND environment_id IS NOT NULL
GROUP BY environment_id HAVING max(session_id IN (SELECT value FROM json_each(:recording))) = 0
"""
_UNUSED_EXECUTIONS = """
DELETE FROM executions WHERE id NOT IN (SELECT execution_id FROM run_executions)
AND (session_id IN (SELECT value FROM json_each(?)) OR session_id NOT IN (SELECT id FROM sessions))
"""
_UNUSED_SESSIONS = """
DELETE FROM sessions WHERE id IN (SELECT value FROM json_each(?))
AND id NOT IN (SELECT session_id FROM runs) AND id NOT IN (SELECT session_id FROM executions) RETURNING id
"""
_UNUSED_SOURCES = "DELETE FROM sources WHERE digest NOT IN (SELECT source FROM executions)"
_UNUSED_DATASETS = "DELETE FROM datasets WHERE digest NOT IN (SELECT digest FROM run_datasets)"
_UNUSED_ENVIRONMENTS = (
    "DELETE FROM environments WHERE id NOT IN (SELECT environment_id FROM runs WHERE environment_id IS NOT NULL)"
)
_BLOB_USES = """
WITH gone (id) AS (SELECT value FROM json_each(?)),
environment_users AS (
  SELECT e.id, e.git_diff, e.modules, count(r.id) AS users, min(r.id) AS first, max(r.id) AS last
  FROM environments e LEFT JOIN runs r ON r.environment_id = e.id AND r.id NOT IN gone
  GROUP BY e.id
  HAVING users > 0 OR e.id NOT IN (SELECT environment_id FROM runs WHERE environment_id IS NOT NULL AND id IN gone)
),
used (digest, kind, first, last) AS (
  SELECT digest, 'artifact', run_id, run_id FROM artifacts WHERE run_id NOT IN gone
  UNION ALL
  SELECT o.blob, 'output', j.run_id, j.run_id FROM outputs o
  LEFT JOIN run_executions j ON j.execution_id = o.execution_id
  WHERE o.blob IS NOT NULL AND (j.run_id IS NULL OR j.run_id NOT IN gone)
  UNION ALL
  SELECT git_diff, 'code', first, last FROM environment_users WHERE git_diff IS NOT NULL
  UNION ALL
  SELECT m.value, 'code', first, last FROM environment_users, json_each(modules) m
)
SELECT digest, min(kind), count(*),
  CASE WHEN min(first) = max(last) AND count(*) = count(first) THEN min(first) END
FROM used GROUP BY digest
"""
_RUN_BYTES = """
SELECT run_id, sum(bytes) FROM (
  SELECT id AS run_id, 240 + length(note) AS bytes FROM runs
  UNION ALL
  SELECT run_id, sum(length(steps) + length(times) + length("values") + 90) FROM points GROUP BY run_id
  UNION ALL
  SELECT run_id, sum(220 + 2 * length(key)) FROM metrics GROUP BY run_id
  UNION ALL
  SELECT run_id, sum(160 + 3 * length(key) + 2 * length(value)) FROM params GROUP BY run_id
  UNION ALL
  SELECT run_id, sum(120 + length(key) + length(value)) FROM param_history GROUP BY run_id
  UNION ALL
  SELECT run_id, sum(220 + length(path) + length(metadata)) FROM artifacts GROUP BY run_id
  UNION ALL
  SELECT own.run_id, sum(320 + length(e.reads) + length(e.writes) + coalesce(o.bytes, 0)) FROM (
    SELECT execution_id, min(run_id) AS run_id FROM run_executions GROUP BY execution_id HAVING count(*) = 1
  ) own
  JOIN executions e ON e.id = own.execution_id
  LEFT JOIN (SELECT execution_id, sum(120 + coalesce(length(text), 0)) AS bytes FROM outputs GROUP BY execution_id) o
  ON o.execution_id = e.id
  GROUP BY own.run_id
) GROUP BY run_id
"""


def purge_runs(connection: sqlite3.Connection, run_ids: Sequence[str], recording: Collection[str]) -> PurgedCounts:
    """Remove the runs that are in the trash, and what only they used. The caller begins and commits."""
    gone = [run_id for (run_id,) in connection.execute(_IN_TRASH, (_json(run_ids),))]
    if not gone:
        return PurgedCounts()
    bound = {"gone": _json(gone), "recording": _json(recording)}
    executions = _ids(connection, _EXECUTIONS_OF, bound)
    environments = _ids(connection, _ENVIRONMENTS_OF, bound)
    within = "IN (SELECT value FROM json_each(?))"
    sql = f"SELECT coalesce(sum(count), 0) FROM metrics WHERE run_id {within}"  # noqa: S608 - words of our own
    (points,) = connection.execute(sql, (bound["gone"],)).fetchone()
    _leave_children(connection, bound["gone"])
    connection.execute(f"DELETE FROM runs WHERE id {within}", (bound["gone"],))  # noqa: S608
    connection.execute(f"DELETE FROM executions WHERE id {within}", (_json(executions),))  # noqa: S608
    connection.execute("UPDATE meta SET value = value + ? WHERE key = 'revision'", (len(gone),))
    return PurgedCounts(
        runs=len(gone),
        points=points,
        executions=len(executions),
        datasets=connection.execute(_UNUSED_DATASETS).rowcount,
        environments=connection.execute(f"{_UNUSED_ENVIRONMENTS} AND id {within}", (_json(environments),)).rowcount,
    )


def _leave_children(connection: sqlite3.Connection, gone: str) -> None:
    """Runs that began within a removed one go on without a parent, and viewers hear of it."""
    (revision,) = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
    children = _ids(
        connection,
        "SELECT id FROM runs WHERE parent_id IN (SELECT value FROM json_each(:gone))"
        " AND id NOT IN (SELECT value FROM json_each(:gone))",
        {"gone": gone},
    )
    rows = [(revision + number, run_id) for number, run_id in enumerate(children, start=1)]
    connection.executemany("UPDATE runs SET parent_id = NULL, revision = ? WHERE id = ?", rows)
    connection.execute("UPDATE meta SET value = value + ? WHERE key = 'revision'", (len(rows),))


def sweep_unused(
    connection: sqlite3.Connection, over: Collection[str], forgotten: Collection[str], *, is_recorded: bool
) -> PurgedCounts:
    """Remove what belongs to no run. The caller begins and commits."""
    executions = connection.execute(_UNUSED_EXECUTIONS, (_json(over),)).rowcount
    sessions = connection.execute(_UNUSED_SESSIONS, (_json(forgotten),)).fetchall()
    # A journal is named after its session.
    connection.executemany("DELETE FROM journals WHERE id = ?", sessions)
    return PurgedCounts(
        executions=executions,
        sessions=len(sessions),
        sources=connection.execute(_UNUSED_SOURCES).rowcount,
        datasets=connection.execute(_UNUSED_DATASETS).rowcount,
        environments=0 if is_recorded else connection.execute(_UNUSED_ENVIRONMENTS).rowcount,
    )


def read_sessions(connection: sqlite3.Connection) -> list[Session]:
    """Every session, in the order in which they started."""
    sql = (
        "SELECT id, host, boot_id, pid, process_started, kernel_id, notebook, python, started, heartbeat, ended"
        " FROM sessions ORDER BY started, id"
    )
    return [
        Session(
            id=row[0], host=row[1], boot_id=row[2], pid=row[3], process_started=row[4], kernel_id=row[5],
            notebook=row[6], python=row[7], started=row[8], heartbeat=row[9], ended=row[10],
        )
        for row in connection.execute(sql)
    ]  # fmt: skip


def read_blob_uses(connection: sqlite3.Connection, without: Sequence[str]) -> dict[str, BlobUse]:
    """What refers to each blob."""
    rows = connection.execute(_BLOB_USES, (_json(without),))
    return {digest: BlobUse(kind=kind, uses=uses, run_id=run_id) for digest, kind, uses, run_id in rows}


def read_run_bytes(connection: sqlite3.Connection) -> dict[str, int]:
    """Roughly the bytes that each run takes alone: its contents, and about what the rows around them take."""
    return {run_id: int(size) for run_id, size in connection.execute(_RUN_BYTES)}


def _ids(connection: sqlite3.Connection, sql: str, bound: dict[str, str]) -> list[str]:
    return [found for (found,) in connection.execute(sql, bound)]


def _json(ids: Collection[str]) -> str:
    return json.dumps(sorted(ids))
