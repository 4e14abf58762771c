"""The part of ``SqliteStore`` through which data come and go in bulk. It promises what ``transfer.Transfer`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail.errors import StoreReadOnlyError
from nbtrail.store.sqlite.merge import merging
from nbtrail.store.sqlite.parts import read_part
from nbtrail.store.sqlite.select import select

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbtrail.records import Series
    from nbtrail.store.transfer import Merging, Selection


class SqliteTransfer:
    """What ``SqliteStore`` inherits; the connection is the store's."""

    _path: Path
    _read_only: bool
    _connection: sqlite3.Connection | None

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def select(
        self, sql: str, params: Sequence[object] | Mapping[str, object] = ()
    ) -> AbstractContextManager[Selection]:
        """See ``Transfer``."""
        return select(self._path, sql, params, memory=self._connection)

    def part(self, run_id: str, key: str, *, first: int) -> Series:
        """See ``Transfer``."""
        with self._reading() as connection:
            return read_part(connection, run_id, key, first=first)

    def merging(self, other: Path) -> AbstractContextManager[Merging]:
        """See ``Transfer``."""
        if self._read_only:
            raise StoreReadOnlyError(self._path, reason="it was opened for reading")
        return merging(self._path, other)
