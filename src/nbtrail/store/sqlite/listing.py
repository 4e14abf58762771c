"""The part of ``SqliteStore`` that lists and tables ask. What it promises stands in ``listing.Listing``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from nbtrail.store.sqlite import columns, reads
from nbtrail.store.sqlite.pages import is_deep, page_ids, sorted_ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Hashable, Sequence
    from contextlib import AbstractContextManager

    from nbtrail.records import Names, Run, Series
    from nbtrail.store.listing import GroupKey, MetricColumn, ParamColumn
    from nbtrail.store.protocol import RunQuery

_Answer = TypeVar("_Answer")
_MOST_ANSWERS: Final = 100
FEW_RUNS: Final = 2_000
"""Of a filter that passes no more, the runs themselves are remembered, and not only their number."""


class SqliteListing:
    """What ``SqliteStore`` inherits; the connection is the store's.

    What lists ask again and again while nothing changes, and what takes a look at every run, is remembered until
    somebody writes.
    """

    def __init__(self) -> None:
        self._mark: tuple[int, int] | None = None
        self._answers: dict[Hashable, object] = {}
        self._few = FEW_RUNS

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _alive(self, connection: sqlite3.Connection) -> list[str]:
        raise NotImplementedError

    def runs(self, query: RunQuery) -> list[Run]:
        """See ``Store``."""
        with self._reading() as connection:
            alive = self._alive(connection)
            if query.limit is None:
                return reads.read_all_runs(connection, query, alive)
            return reads.read_runs(connection, self._page_ids(connection, query, alive), alive)

    def count(self, query: RunQuery) -> int:
        """See ``Store``."""
        with self._reading() as connection:
            return self._matching(connection, query, self._alive(connection) if query.where else ())[0]

    def names(self) -> Names:
        """See ``Store``."""
        with self._reading() as connection:
            return self._remembered(connection, "names", lambda: reads.read_names(connection))

    def param_columns(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, most: int | None = None
    ) -> dict[str, ParamColumn]:
        """See ``Listing``."""
        with self._reading() as connection:
            return columns.read_param_columns(connection, run_ids, keys, most)

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

    def metric_counts(self, run_ids: Sequence[str]) -> dict[str, int]:
        """See ``Listing``."""
        with self._reading() as connection:
            key = ("metrics", tuple(run_ids))
            return self._remembered(connection, key, lambda: columns.count_metrics(connection, run_ids))

    def outline(self, run_id: str, key: str, *, most_points: int) -> Series:
        """See ``Listing``."""
        with self._reading() as connection:
            return reads.read_outline(connection, run_id, key, most_points=most_points)

    def group_counts(self, query: RunQuery, by: GroupKey) -> dict[str | None, int]:
        """See ``Listing``."""
        with self._reading() as connection:
            alive = self._alive(connection)
            key = ("groups", by, query.where, query.trashed, tuple(alive))
            read = lambda: reads.count_groups(connection, query, by, alive)
            return self._remembered(connection, key, read)

    def _page_ids(self, connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]) -> list[str]:
        matched, few = self._matching(connection, query, alive)
        assert query.limit is not None
        if few is not None:
            return sorted_ids(connection, query, alive, few)
        total = matched if query.where is None else self._matching(connection, replace(query, where=None), alive)[0]
        if query.where is None or not is_deep(query, matched=matched):
            return page_ids(connection, query, alive, matched=matched, total=total)
        # Somebody scrolls: the pages around this one are the next to be asked for.
        whole = replace(query, limit=None, offset=0)
        asked = (whole, tuple(alive))
        kept: dict[Any, list[str]] = self._remembered(connection, "list", dict)
        if asked not in kept:
            kept.clear()
            kept[asked] = page_ids(connection, whole, alive, matched=matched, total=total)
        return kept[asked][query.offset : query.offset + query.limit]

    def _matching(
        self, connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str]
    ) -> tuple[int, list[str] | None]:
        key = ("count", query.where, query.trashed, tuple(alive) if query.where else ())
        return self._remembered(connection, key, lambda: reads.count_runs(connection, query, alive, few=self._few))

    def _remembered(self, connection: sqlite3.Connection, key: Hashable, read: Callable[[], _Answer]) -> _Answer:
        """What ``read`` says, or said since anybody last wrote; within a transaction, which sees one state."""
        (others,) = connection.execute("PRAGMA data_version").fetchone()
        mark = (others, connection.total_changes)
        if mark != self._mark or len(self._answers) >= _MOST_ANSWERS:
            self._mark, self._answers = mark, {}
        if key not in self._answers:
            self._answers[key] = read()
        return cast("_Answer", self._answers[key])
