"""What takes how much of an SQLite file, giving space back, and copying it while others write."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from nbtrail.store.upkeep import StoreSizes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbtrail.store.upkeep import OnStep

_GROUPS: Final = {
    "points": "points", "metrics": "metrics", "params": "params", "param_history": "params",
    "executions": "cells", "run_executions": "cells", "sources": "cells", "outputs": "outputs",
    "environments": "environments", "datasets": "data", "run_datasets": "data",
    "runs": "runs", "tags": "runs", "sessions": "runs", "artifacts": "runs", "journals": "runs",
}  # fmt: skip
"""What is kept in which table; all others are the engine's own bookkeeping."""
_INCREMENTAL: Final = 2
_PAGES_A_STEP: Final = 1000
"""Given back within one transaction: writers wait some 20 ms for it."""
_QUICKLY_REWRITTEN_BYTES: Final = 32 << 20
_LEAST_PART: Final = 0.1
"""Rewriting a whole store pays when at least this part of it is free."""
_USUALLY_EMPTY: Final = 0.15
"""This part of pages in use is empty in a store from which nothing was removed."""
_PATIENCE_MS: Final = 1000
_COPIED_PAGES: Final = 2000


def read_sizes(connection: sqlite3.Connection) -> StoreSizes:
    """What takes how much; by SQLite's own count where it was built with ``dbstat``."""
    page_bytes, pages, free = _pragmas(connection, "page_size", "page_count", "freelist_count")
    tables = _counted(connection)
    is_estimate = tables is None
    if tables is None:
        tables = estimate(connection, (pages - free) * page_bytes)
    parts = dict.fromkeys(dict.fromkeys(_GROUPS.values()), 0)
    for table, size in tables.items():
        if table in _GROUPS:
            parts[_GROUPS[table]] += size
    parts["other"] = (pages - free) * page_bytes - sum(parts.values())
    return StoreSizes(parts=parts, free=free * page_bytes, is_estimate=is_estimate)


def _counted(connection: sqlite3.Connection) -> dict[str, int] | None:
    sql = (
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name"
        " WHERE d.aggregate = TRUE GROUP BY m.tbl_name"
    )
    try:
        return dict(connection.execute(sql).fetchall())
    except sqlite3.OperationalError:
        return None


def estimate(connection: sqlite3.Connection, used_bytes: int) -> dict[str, int]:
    """By the lengths of what stands in each table, scaled so that the tables take ``used_bytes`` together."""
    lengths: dict[str, int] = {}
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    for (table,) in connection.execute(sql).fetchall():
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        content = " + ".join(f'coalesce(length("{column}"), 0) + 1' for column in columns)
        sql = f'SELECT coalesce(sum({content} + 8), 0) FROM "{table}"'  # noqa: S608 - names from the schema
        (lengths[table],) = connection.execute(sql).fetchone()
    whole = sum(lengths.values())
    return {table: used_bytes * length // whole for table, length in lengths.items()} if whole else {}


def compact(connection: sqlite3.Connection, *, thorough: bool, on_step: OnStep | None) -> int:
    """Give free pages back; writers are let in between two steps. What stays free, in bytes."""
    is_stepwise = connection.execute("PRAGMA auto_vacuum").fetchone()[0] == _INCREMENTAL
    if not (_pays(connection, thorough=thorough, is_stepwise=is_stepwise) and _rewrite(connection)) and is_stepwise:
        _give_back_stepwise(connection, on_step)
    with _impatient(connection):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return _free_bytes(connection)


def _pays(connection: sqlite3.Connection, *, thorough: bool, is_stepwise: bool) -> bool:
    """Whether to rewrite the whole store. Where pages have become half empty only that gives their space back."""
    pages, page_bytes = _pragmas(connection, "page_count", "page_size")
    whole, free = pages * page_bytes, _free_bytes(connection)
    if not thorough and (is_stepwise or whole - free > _QUICKLY_REWRITTEN_BYTES):
        return False
    return free + (_half_empty_bytes(connection) if thorough else 0) >= _LEAST_PART * whole


def _half_empty_bytes(connection: sqlite3.Connection) -> int:
    """What pages in use have left, beyond what they usually have; 0 where SQLite cannot say."""
    try:
        unused, used = connection.execute(
            "SELECT sum(unused), sum(pgsize) FROM dbstat WHERE aggregate = TRUE"
        ).fetchone()
    except sqlite3.OperationalError:
        return 0
    return max(0, int((unused or 0) - _USUALLY_EMPTY * (used or 0)))


def _rewrite(connection: sqlite3.Connection) -> bool:
    """Rewrite the store; ``False`` if the disk has no room. From then on space is given back in small steps."""
    connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        return False
    return True


def _pragmas(connection: sqlite3.Connection, *names: str) -> list[int]:
    return [int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names]


def _free_bytes(connection: sqlite3.Connection) -> int:
    pages, page_bytes = _pragmas(connection, "freelist_count", "page_size")
    return pages * page_bytes


def _give_back_stepwise(connection: sqlite3.Connection, on_step: OnStep | None) -> None:
    free = whole = _free_bytes(connection)
    while free:
        # ``execute`` would stop after the first page: the statement yields rows without columns.
        connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_A_STEP})")
        before, free = free, _free_bytes(connection)
        if on_step is not None:
            on_step(whole - free, whole)
        if free >= before:
            return
        # Another process that waits for the lock looks for it only every few milliseconds.
        time.sleep(0.01)


@contextlib.contextmanager
def _impatient(connection: sqlite3.Connection) -> Iterator[None]:
    """Do not hold writers up while some reader takes its time."""
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def copy_store(connection: sqlite3.Connection, path: Path, on_step: OnStep | None) -> None:
    """Copy the store as it is now into a new file. The caller holds a read transaction, so that it is one moment's."""
    # Without that transaction SQLite would begin anew each time another process has written.
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()

    def stepped(_status: int, left: int, total: int) -> None:
        if on_step is not None:
            on_step((total - left) * page_bytes, total * page_bytes)

    target = sqlite3.connect(path, isolation_level=None)
    try:
        connection.backup(target, pages=_COPIED_PAGES, progress=stepped, sleep=0)
        # One file that is whole by itself; whoever opens the copy chooses anew.
        target.execute("PRAGMA journal_mode = delete").fetchall()
    finally:
        target.close()
