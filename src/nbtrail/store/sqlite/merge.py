# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Bringing runs of another SQLite store into this one, a batch of runs in one transaction.

The other store is attached for reading. What differs is found by comparing sets of rows in SQL, so that runs that
are here already cost next to nothing; only then is anything written.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Final

from nbtrail.errors import StoreUnreadableError
from nbtrail.store.sqlite.connection import connect, open_as_it_is, translated
from nbtrail.store.sqlite.inserts import free_name
from nbtrail.store.sqlite.merge_params import bring_params
from nbtrail.store.sqlite.merge_series import bring_series
from nbtrail.store.transfer import MergedCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_OF_RUNS: Final = "run_id IN (SELECT run_id FROM temp.batch)"
_OF_EXECUTIONS: Final = "SELECT execution_id FROM other.run_executions WHERE " + _OF_RUNS
_RUN_COLUMNS: Final = (
    "status, started, ended, utc_offset_s, notebook, session_id, parent_id, note, starred, trashed, environment_id,"
    " error"
)
_SESSIONS: Final = (
    "(SELECT session_id FROM other.runs WHERE id IN (SELECT run_id FROM temp.batch)"
    f" UNION SELECT session_id FROM other.executions WHERE id IN ({_OF_EXECUTIONS}))"
)
_SHARED: Final = {
    "sessions": f"id IN {_SESSIONS}",
    "sources": f"digest IN (SELECT source FROM other.executions WHERE id IN ({_OF_EXECUTIONS}))",
    "environments": "id IN (SELECT environment_id FROM other.runs WHERE id IN (SELECT run_id FROM temp.batch))",
    "datasets": f"digest IN (SELECT digest FROM other.run_datasets WHERE {_OF_RUNS})",
}
"""Tables whose rows several runs may need, and which of them the batch does."""


@contextlib.contextmanager
def merging(path: Path, other: Path) -> Iterator[SqliteMerging]:
    """Open both stores on one connection of its own; what it promises stands in ``Transfer.merging``."""
    # Says what is the matter with it, if anything is.
    look, is_old = open_as_it_is(other)
    look.close()
    if is_old:
        raise StoreUnreadableError(other, reason="an older nbtrail wrote it, and here it is only read")
    connection = connect(path, read_only=False)
    with contextlib.closing(connection):
        with translated(other):
            _attach(connection, other)
        connection.execute("CREATE TEMP TABLE batch (run_id TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.execute("CREATE TEMP TABLE touched (run_id TEXT PRIMARY KEY) WITHOUT ROWID")
        yield SqliteMerging(connection, path)


def _attach(connection: sqlite3.Connection, other: Path) -> None:
    try:
        connection.execute("ATTACH ? AS other", (f"{other.absolute().as_uri()}?mode=ro",))
        connection.execute("SELECT count(*) FROM other.runs").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreUnreadableError(other, reason=f"{error}; merge a copy of its folder") from error


class SqliteMerging:
    """See ``transfer.Merging``."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def runs(self) -> list[tuple[str, int]]:
        """See ``Merging``."""
        sql = (
            "SELECT id, (SELECT coalesce(sum(count), 0) FROM other.metrics m WHERE m.run_id = r.id)"
            " FROM other.runs r ORDER BY started, id"
        )
        with translated(self._path):
            return self._connection.execute(sql).fetchall()

    def blobs(self, run_ids: Sequence[str]) -> list[str]:
        """See ``Merging``."""
        environments = "FROM other.environments e JOIN other.runs r ON r.environment_id = e.id"
        of_batch = "r.id IN (SELECT value FROM json_each(:ids))"
        sql = (
            "SELECT digest FROM other.artifacts WHERE run_id IN (SELECT value FROM json_each(:ids))"
            " UNION SELECT o.blob FROM other.outputs o JOIN other.run_executions x USING (execution_id)"
            " WHERE o.blob IS NOT NULL AND x.run_id IN (SELECT value FROM json_each(:ids))"
            f" UNION SELECT e.git_diff {environments} WHERE e.git_diff IS NOT NULL AND {of_batch}"
            f" UNION SELECT m.value {environments}, json_each(e.modules) m WHERE {of_batch}"
        )
        with translated(self._path):
            rows = self._connection.execute(sql, {"ids": json.dumps(list(run_ids))})
            return [digest for (digest,) in rows]

    def bring(self, run_ids: Sequence[str]) -> MergedCounts:
        """See ``Merging``."""
        with translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                counts = _Batch(self._connection).bring(run_ids)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        return counts


class _Batch:
    """Some runs on their way here. The caller begins and commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute

    def bring(self, run_ids: Sequence[str]) -> MergedCounts:
        self._execute("DELETE FROM temp.batch")
        self._execute("DELETE FROM temp.touched")
        sql = "INSERT INTO temp.batch SELECT id FROM other.runs WHERE id IN (SELECT value FROM json_each(?))"
        self._execute(sql, (json.dumps(list(run_ids)),))
        self._freshen_cells()
        self._bring_shared()
        known = {
            run_id for (run_id,) in self._execute("SELECT id FROM main.runs WHERE id IN (SELECT run_id FROM batch)")
        }
        renamed = self._bring_new_runs()
        self._bring_known_runs()
        self._bring_cells()
        self._bring_rows()
        bring_params(self._connection)
        points = bring_series(self._connection)
        return self._count(known, renamed, points)

    def _count(self, known: set[str], renamed: list[tuple[str, str]], points: int) -> MergedCounts:
        touched = [run_id for (run_id,) in self._execute("SELECT run_id FROM temp.touched ORDER BY run_id")]
        (total,) = self._execute("SELECT count(*) FROM temp.batch").fetchone()
        (revision,) = self._execute("SELECT value FROM main.meta WHERE key = 'revision'").fetchone()
        rows = [(revision + position, run_id) for position, run_id in enumerate(touched, start=1)]
        self._connection.executemany("UPDATE main.runs SET revision = ? WHERE id = ?", rows)
        self._execute("UPDATE main.meta SET value = ? WHERE key = 'revision'", (revision + len(rows),))
        grown = sum(run_id in known for run_id in touched)
        return MergedCounts(
            new=total - len(known), grown=grown, unchanged=len(known) - grown, points=points, renamed=tuple(renamed)
        )

    def _touch(self, sql: str) -> None:
        """Note runs to which something is about to come; a cell may have run for some of another batch too."""
        self._execute(f"INSERT OR IGNORE INTO temp.touched SELECT DISTINCT run_id FROM ({sql})")

    # --- what several runs may share ---

    def _bring_shared(self) -> None:
        for table, which in _SHARED.items():
            names = self._columns(table)
            rows = f"SELECT {names} FROM other.{table} WHERE {which}"
            self._execute(f"INSERT OR IGNORE INTO main.{table} ({names}) {rows}")

    def _freshen_cells(self) -> None:
        """Bring sessions up to date, and note of which the other store has heard last: it knows their cells best."""
        self._execute("CREATE TEMP TABLE IF NOT EXISTS newer (session_id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._execute("DELETE FROM temp.newer")
        self._execute(
            "INSERT INTO temp.newer SELECT o.id FROM other.sessions o JOIN main.sessions s ON s.id = o.id"
            " WHERE o.heartbeat >= s.heartbeat AND (o.ended IS NOT NULL OR s.ended IS NULL)"
            f" AND o.id IN {_SESSIONS}"
        )
        self._execute(
            "UPDATE main.sessions AS s SET heartbeat = max(s.heartbeat, o.heartbeat),"
            " ended = coalesce(o.ended, s.ended) FROM other.sessions o WHERE o.id = s.id"
            " AND s.id IN (SELECT session_id FROM temp.newer) AND (o.heartbeat > s.heartbeat OR o.ended IS NOT s.ended)"
        )

    # --- runs ---

    def _bring_new_runs(self) -> list[tuple[str, str]]:
        sql = (
            f"SELECT id, name, {_RUN_COLUMNS} FROM other.runs WHERE id IN (SELECT run_id FROM temp.batch)"
            " AND id NOT IN (SELECT id FROM main.runs) ORDER BY started, id"
        )
        renamed = []
        places = ", ".join("?" * (_RUN_COLUMNS.count(",") + 3))
        for run_id, name, *rest in self._execute(sql).fetchall():
            free = free_name(self._execute, name)
            if free != name:
                renamed.append((name, free))
            row = (run_id, free, *rest)
            self._execute(f"INSERT INTO main.runs (id, name, {_RUN_COLUMNS}, revision) VALUES ({places}, 0)", row)
            self._execute("INSERT INTO temp.touched VALUES (?)", (run_id,))
        return renamed

    def _bring_known_runs(self) -> None:
        """An end beats none and a later end an earlier one; what a person wrote there fills what is empty here."""
        newer = "(o.ended IS NOT NULL AND (r.ended IS NULL OR o.ended > r.ended))"
        columns = "run_id, status, ended, error, note, starred, environment_id"
        self._execute(f"CREATE TEMP TABLE IF NOT EXISTS better ({columns})")
        self._execute("DELETE FROM temp.better")
        self._execute(
            f"INSERT INTO temp.better SELECT r.id, iif({newer}, o.status, r.status), iif({newer}, o.ended, r.ended),"
            f" iif({newer}, o.error, r.error), iif(r.note = '', o.note, r.note), max(r.starred, o.starred),"
            " coalesce(r.environment_id, o.environment_id)"
            " FROM main.runs r JOIN other.runs o ON o.id = r.id WHERE r.id IN (SELECT run_id FROM temp.batch)"
            " EXCEPT SELECT id, status, ended, error, note, starred, environment_id FROM main.runs"
        )
        self._touch("SELECT run_id FROM temp.better")
        self._execute(
            "UPDATE main.runs AS r SET status = b.status, ended = b.ended, error = b.error, note = b.note,"
            " starred = b.starred, environment_id = b.environment_id FROM temp.better b WHERE b.run_id = r.id"
        )

    # --- cells ---

    def _bring_cells(self) -> None:
        """Cells and outputs that are not here, and those of which the other store knows better."""
        for table, own, key in (("executions", "id", "id"), ("outputs", "execution_id", "execution_id, position")):
            names = self._columns(table)
            rows = f"SELECT {names} FROM {{}}.{table} WHERE {own} IN ({_OF_EXECUTIONS})"
            self._execute("DROP TABLE IF EXISTS temp.fresh")
            self._execute(f"CREATE TEMP TABLE fresh AS {rows.format('other')} EXCEPT {rows.format('main')}")
            same = " AND ".join(f"h.{column} = f.{column}" for column in key.split(", "))
            knows_better = (
                f"SELECT 1 FROM main.executions e JOIN other.executions o ON o.id = e.id WHERE e.id = f.{own}"
                " AND e.session_id IN (SELECT session_id FROM temp.newer)"
                " AND NOT (e.status <> 'running' AND o.status = 'running')"
            )
            here = f"SELECT 1 FROM main.{table} h WHERE {same}"
            self._execute(f"DELETE FROM temp.fresh AS f WHERE EXISTS ({here}) AND NOT EXISTS ({knows_better})")
            joined = f"other.run_executions x JOIN temp.fresh f ON f.{own} = x.execution_id"
            self._touch(f"SELECT x.run_id FROM {joined}")
            self._write_fresh(table, names, key)

    def _write_fresh(self, table: str, names: str, key: str) -> None:
        """Not with REPLACE, which would remove an execution's outputs together with its row."""
        keys = {f'"{column}"' for column in key.split(", ")}
        sets = ", ".join(f"{name} = excluded.{name}" for name in names.split(", ") if name not in keys)
        rows = f"SELECT {names} FROM temp.fresh WHERE true"
        self._execute(f"INSERT INTO main.{table} ({names}) {rows} ON CONFLICT ({key}) DO UPDATE SET {sets}")

    # --- what belongs to a run alone ---

    def _bring_rows(self) -> None:
        for table in ("run_executions", "tags", "run_datasets"):
            names = self._columns(table)
            fresh = f"SELECT {names} FROM other.{table} WHERE {_OF_RUNS}"
            if table == "run_datasets":
                key = "(run_id, role, name, digest)"
                fresh += f" AND {key} NOT IN (SELECT run_id, role, name, digest FROM main.{table} WHERE {_OF_RUNS})"
            else:
                fresh += f" EXCEPT SELECT {names} FROM main.{table} WHERE {_OF_RUNS}"
            self._touch(fresh)
            self._execute(f"INSERT OR IGNORE INTO main.{table} ({names}) {fresh}")
        names = self._columns("artifacts")
        later = (
            f"SELECT {names} FROM other.artifacts o WHERE {_OF_RUNS} AND NOT EXISTS (SELECT 1 FROM main.artifacts h"
            " WHERE h.run_id = o.run_id AND h.path = o.path AND h.at >= o.at)"
        )
        self._touch(later)
        self._execute(f"INSERT OR REPLACE INTO main.artifacts ({names}) {later}")

    def _columns(self, table: str) -> str:
        rows = self._execute("SELECT name FROM pragma_table_info(?)", (table,))
        return ", ".join(f'"{name}"' for (name,) in rows)
