"""The part of ``SqliteStore`` that keeps the store in order. What it promises stands in ``upkeep.Upkeep``."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nbtrail.errors import StoreReadOnlyError
from nbtrail.store.sqlite import checks
from nbtrail.store.sqlite import purge as purging
from nbtrail.store.sqlite import sizes as measuring

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbtrail.records import Session
    from nbtrail.store.upkeep import BlobUse, OnStep, Problem, PurgedCounts, StoreSizes


class SqliteUpkeep:
    """What ``SqliteStore`` inherits; the connection is the store's."""

    _path: Path
    _read_only: bool

    def _locked(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    # --- removing ---

    def purge(self, run_ids: Sequence[str], *, recording: Collection[str] = ()) -> PurgedCounts:
        """See ``Upkeep``."""
        with self._changing() as connection:
            return purging.purge_runs(connection, run_ids, recording)

    def sweep(
        self, *, over: Collection[str] = (), forgotten: Collection[str] = (), is_recorded: bool = True
    ) -> PurgedCounts:
        """See ``Upkeep``."""
        with self._changing() as connection:
            return purging.sweep_unused(connection, over, forgotten, is_recorded=is_recorded)

    def compact(self, *, thorough: bool = False, on_step: OnStep | None = None) -> int:
        """See ``Upkeep``."""
        with self._writable() as connection:
            return measuring.compact(connection, thorough=thorough, on_step=on_step)

    # --- measuring and copying ---

    def sessions(self) -> list[Session]:
        """See ``Upkeep``."""
        with self._reading() as connection:
            return purging.read_sessions(connection)

    def blob_uses(self, *, without: Sequence[str] = ()) -> dict[str, BlobUse]:
        """See ``Upkeep``."""
        with self._reading() as connection:
            return purging.read_blob_uses(connection, without)

    def run_bytes(self) -> dict[str, int]:
        """See ``Upkeep``."""
        with self._reading() as connection:
            return purging.read_run_bytes(connection)

    def sizes(self) -> StoreSizes:
        """See ``Upkeep``."""
        with self._reading() as connection:
            return measuring.read_sizes(connection)

    def copy_to(self, path: Path, *, on_step: OnStep | None = None) -> None:
        """See ``Upkeep``."""
        with self._reading() as connection:
            # The transaction holds on to its moment from the first statement that reads.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            measuring.copy_store(connection, path, on_step)

    # --- checking and mending ---

    def problems(self, *, deep: bool = False) -> list[Problem]:
        """See ``Upkeep``."""
        with self._reading() as connection:
            return list(checks.find_problems(connection, deep=deep))

    def mend(self) -> list[str]:
        """See ``Upkeep``."""
        with self._changing() as connection:
            return list(checks.mend(connection))

    # --- the connection ---

    @contextlib.contextmanager
    def _writable(self) -> Iterator[sqlite3.Connection]:
        if self._read_only:
            raise StoreReadOnlyError(self._path, reason="it was opened for reading")
        with self._locked() as connection:
            yield connection

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that has reached the disk at its end: files that rows spoke of are removed after it."""
        with self._writable() as connection:
            (before,) = connection.execute("PRAGMA synchronous").fetchone()
            connection.execute("PRAGMA synchronous = EXTRA")
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute(f"PRAGMA synchronous = {before}")
