"""The part of ``SqliteStore`` that lists and tables ask. What it promises stands in ``listing.Listing``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

from nbtrail.store import sqlite_columns as columns
from nbtrail.store import sqlite_reads as reads

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Hashable, Sequence
    from contextlib import AbstractContextManager

    from nbtrail.records import Names
    from nbtrail.store.listing import GroupKey, MetricColumn, ParamColumn
    from nbtrail.store.protocol import RunQuery

_Answer = TypeVar("_Answer")
_MOST_ANSWERS: Final = 100


class SqliteListing:
    """What ``SqliteStore`` inherits; the connection is the store's.

    What lists ask again and again while nothing changes, and what takes a look at every run, is remembered until
    somebody writes.
    """

    def __init__(self) -> None:
        self._mark: tuple[int, int] | None = None
        self._answers: dict[Hashable, object] = {}

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _alive(self, connection: sqlite3.Connection) -> list[str]:
        raise NotImplementedError

    def count(self, query: RunQuery) -> int:
        """See ``Store``."""
        with self._reading() as connection:
            return self._count(connection, query, self._alive(connection))

    def names(self) -> Names:
        """See ``Store``."""
        with self._reading() as connection:
            return self._remembered(connection, "names", lambda: reads.read_names(connection))

    def param_columns(self, run_ids: Sequence[str], *, keys: Collection[str] | None = None) -> dict[str, ParamColumn]:
        """See ``Listing``."""
        with self._reading() as connection:
            return columns.read_param_columns(connection, run_ids, keys)

    def metric_columns(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, system: bool = False
    ) -> dict[str, MetricColumn]:
        """See ``Listing``."""
        with self._reading() as connection:
            return columns.read_metric_columns(connection, run_ids, keys, system=system)

    def metric_keys(self, run_ids: Sequence[str], *, least_points: int = 1) -> dict[str, list[str]]:
        """See ``Listing``."""
        with self._reading() as connection:
            return columns.read_metric_keys(connection, run_ids, least_points=least_points)

    def group_counts(self, query: RunQuery, by: GroupKey) -> dict[str | None, int]:
        """See ``Listing``."""
        with self._reading() as connection:
            alive = self._alive(connection)
            key = ("groups", by, query.where, query.trashed, tuple(alive))
            read = lambda: reads.count_groups(connection, query, by, alive)
            return self._remembered(connection, key, read)

    def _count(self, connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]) -> int:
        key = ("count", query.where, query.trashed, tuple(alive))
        return self._remembered(connection, key, lambda: reads.count_runs(connection, query, alive))

    def _remembered(self, connection: sqlite3.Connection, key: Hashable, read: Callable[[], _Answer]) -> _Answer:
        """What ``read`` says, or said since anybody last wrote; within a transaction, which sees one state."""
        (others,) = connection.execute("PRAGMA data_version").fetchone()
        mark = (others, connection.total_changes)
        if mark != self._mark or len(self._answers) >= _MOST_ANSWERS:
            self._mark, self._answers = mark, {}
        if key not in self._answers:
            self._answers[key] = read()
        return cast("_Answer", self._answers[key])
