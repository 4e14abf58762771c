"""The store in an SQLite file. What it promises stands in ``protocol.Store``."""

from __future__ import annotations

import contextlib
import difflib
import math
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

from nbtrail.changes import RunEnded
from nbtrail.errors import RunNotFoundError, StoreError, StoreReadOnlyError
from nbtrail.machine.forks import unforked
from nbtrail.machine.liveness import process_is_alive
from nbtrail.store.sqlite import cell_reads, reads
from nbtrail.store.sqlite.connection import connect, encodable, translate, translated
from nbtrail.store.sqlite.listing import SqliteListing
from nbtrail.store.sqlite.transfer import SqliteTransfer
from nbtrail.store.sqlite.upkeep import SqliteUpkeep
from nbtrail.store.sqlite.writes import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from nbtrail.changes import Change, Receipt
    from nbtrail.machine.liveness import IsAlive
    from nbtrail.records import (
        Artifact,
        DatasetUse,
        Environment,
        Execution,
        Metric,
        Output,
        Param,
        Run,
        Series,
        Session,
    )


class SqliteStore(SqliteListing, SqliteUpkeep, SqliteTransfer):
    """A store in one SQLite file, through one connection behind a lock."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        is_alive: IsAlive = process_is_alive,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = f"sqlite:///{path.as_posix()}"
        self._path = path
        self._read_only = read_only
        self._is_alive = is_alive
        self._clock = clock
        self._pid = os.getpid()
        self._lock = threading.RLock()
        with unforked():
            self._connection: sqlite3.Connection | None = connect(path, read_only=read_only)
        self._file = _identity(path)
        SqliteListing.__init__(self)
        self._gone: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._path)!r})"

    # --- writing ---

    def apply(self, changes: Iterable[Change], *, receipt: Receipt | None = None) -> None:
        """See ``Store``."""
        batch = list(changes)
        if self._read_only:
            raise StoreReadOnlyError(self._path, reason="it was opened for reading")
        # What has ended will not be written again: it must outlive a loss of power too.
        durable = any(isinstance(change, RunEnded) for change in batch)
        with self._locked() as connection, _synchronous(connection, full=durable):
            connection.execute("BEGIN IMMEDIATE")
            try:
                Transaction(connection).apply(batch, receipt)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    # --- reading ---

    def applied(self, journal_id: str) -> int:
        """See ``Store``."""
        row = self._row("SELECT position FROM journals WHERE id = ?", journal_id)
        return int(row[0]) if row else 0

    def run(self, wanted: str) -> Run:
        """See ``Store``."""
        with self._reading() as connection:
            run_id = reads.find_run(connection, wanted)
            if run_id is not None:
                return reads.read_runs(connection, [run_id], self._alive(connection))[0]
            names = [name for (name,) in connection.execute("SELECT name FROM runs ORDER BY started DESC LIMIT 20000")]
        similar = difflib.get_close_matches(wanted, names)
        raise RunNotFoundError(wanted, store=str(self._path), similar=similar, is_empty=not names)

    def id_of_name(self, name: str) -> str | None:
        """See ``Store``."""
        row = self._row("SELECT id FROM runs WHERE name = ?", encodable(name))
        return str(row[0]) if row else None

    def params(self, run_ids: Sequence[str]) -> list[Param]:
        """See ``Store``."""
        with self._reading() as connection:
            return reads.read_params(connection, run_ids)

    def metrics(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, system: bool = False
    ) -> list[Metric]:
        """See ``Store``."""
        with self._reading() as connection:
            return reads.read_metrics(connection, run_ids, keys, system=system)

    def series(self, run_id: str, key: str) -> Series:
        """See ``Store``."""
        with self._reading() as connection:
            return reads.read_series(connection, run_id, key)

    def executions(self, run_id: str) -> list[Execution]:
        """See ``Store``."""
        with self._reading() as connection:

            def died(session_id: str) -> float | None:
                session = reads.read_session(connection, session_id)
                if session is None:
                    return -math.inf
                if session.ended is not None:
                    return session.ended
                return None if self._is_alive(session, now=self._clock()) else session.heartbeat

            return cell_reads.read_executions(connection, run_id, died)

    def outputs(self, execution_ids: Sequence[str]) -> list[Output]:
        """See ``Store``."""
        with self._reading() as connection:
            return cell_reads.read_outputs(connection, execution_ids)

    def artifacts(self, run_id: str) -> list[Artifact]:
        """See ``Store``."""
        with self._reading() as connection:
            return cell_reads.read_artifacts(connection, run_id)

    def datasets(self, run_ids: Sequence[str]) -> list[DatasetUse]:
        """See ``Store``."""
        with self._reading() as connection:
            return cell_reads.read_datasets(connection, run_ids)

    def environment(self, environment_id: str) -> Environment | None:
        """See ``Store``."""
        with self._reading() as connection:
            return cell_reads.read_environment(connection, environment_id)

    def session(self, session_id: str) -> Session | None:
        """See ``Store``."""
        with self._reading() as connection:
            return reads.read_session(connection, session_id)

    def revision(self) -> int:
        """See ``Store``."""
        row = self._row("SELECT value FROM meta WHERE key = 'revision'")
        return int(row[0]) if row else 0

    def changed_since(self, revision: int) -> list[str]:
        """See ``Store``."""
        with self._reading() as connection:
            sql = "SELECT id FROM runs WHERE revision > ? ORDER BY revision"
            return [run_id for (run_id,) in connection.execute(sql, (revision,))]

    def change_mark(self) -> int:
        """See ``Store``."""
        # Asked many times a second: without the context managers that the other calls go through.
        self._refuse_after_fork()
        with self._lock:
            if self._connection is None:
                raise self._closed()
            try:
                (mark,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error as error:
                raise translate(self._path, error) from error
        return int(mark)

    def is_in_place(self) -> bool:
        """See ``Store``."""
        return _identity(self._path) == self._file

    def close(self) -> None:
        """See ``Store``."""
        if os.getpid() != self._pid:
            return
        with unforked(), self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- the connection ---

    @contextlib.contextmanager
    def _locked(self) -> Iterator[sqlite3.Connection]:
        self._refuse_after_fork()
        with unforked(), self._lock, translated(self._path):
            if self._connection is None:
                raise self._closed()
            yield self._connection

    def _refuse_after_fork(self) -> None:
        """SQLite forbids to carry a connection over a fork, and the lock may be held by a thread that is not here."""
        if os.getpid() != self._pid:
            message = f"{self._path} was opened before this process was forked; open the store again."
            raise StoreError(message)

    def _closed(self) -> StoreError:
        return StoreError(f"{self._path} was closed; open the store again.")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One view of the store for several statements."""
        with self._locked() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with self._locked() as connection:
            row: tuple[Any, ...] | None = connection.execute(sql, values).fetchone()
            return row

    def _alive(self, connection: sqlite3.Connection) -> list[str]:
        now = self._clock()
        alive = []
        for session in reads.running_sessions(connection):
            # Who is gone does not come back without a sign of life; years of lost runs need no look each time.
            if self._gone.get(session.id) == session.heartbeat:
                continue
            if self._is_alive(session, now=now):
                alive.append(session.id)
            else:
                self._gone[session.id] = session.heartbeat
        return alive


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file has this name now; ``None`` for a store in memory, and where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _synchronous(connection: sqlite3.Connection, *, full: bool) -> Iterator[None]:
    """Let the next transaction reach the disk before its commit returns."""
    if not full:
        yield
        return
    (before,) = connection.execute("PRAGMA synchronous").fetchone()
    # With a log the same as FULL; without one, FULL leaves it to chance whether the last commit outlives the power.
    connection.execute("PRAGMA synchronous = EXTRA")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA synchronous = {before}")
