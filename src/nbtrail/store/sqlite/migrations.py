"""Bringing an SQLite store up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from nbtrail.notices import announce
from nbtrail.store.sqlite.before import copied_before
from nbtrail.store.sqlite.loading import load_sqlite_utils
from nbtrail.store.sqlite.schema import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlite_utils import Database

MIGRATION_SET: Final = "nbtrail"
_LARGE_BYTES: Final = 500_000_000
"""A store of more takes seconds to copy."""

_RECORD: Final = """
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
"""
"""Where sqlite-utils notes what was applied, as it makes it."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the store in ``path`` up to date, in one transaction; a store that is up to date stays as it is.

    An older store is first copied to ``store.db.before-0007`` (the first migration's number), and the user is told.
    Two processes may do this at once: the second one waits, and finds nothing left to do. Whatever stops it leaves the
    store as it was.

    Raises
    ------
    StoreError
        The disk cannot take the copy.
    """
    kept = None
    with _one_transaction(connection):
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            kept = _update_with_copy(connection, path)
        else:
            _create(connection)
    if kept is not None:
        announce(
            f"{path} was written by an older nbtrail and has been brought up to date. How it was before stands in "
            f"{kept.name} beside it; remove that when you no longer need it."
        )


def migrate_copy(connection: sqlite3.Connection) -> None:
    """Bring a store up to date that is itself a copy: nothing is kept of how it was before."""
    with _one_transaction(connection):
        _update(connection)


@contextlib.contextmanager
def _one_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _update_with_copy(connection: sqlite3.Connection, path: Path) -> Path | None:
    """The copy, if there was something to do."""
    pending = _pending(connection)
    if not pending:
        return None
    if path.stat().st_size > _LARGE_BYTES:
        announce(f"{path} is being brought up to date, and copied before; that takes a while …")
    with copied_before(path, pending[0].partition("_")[0]) as copy:
        _update(connection)
        return copy.keep()


def _pending(connection: sqlite3.Connection) -> list[str]:
    applied = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
    return sorted(SCRIPTS.keys() - {name for (name,) in applied})


def _create(connection: sqlite3.Connection) -> None:
    """A new store, without loading sqlite_utils: it brings pandas along, half a second in a user's kernel."""
    for script in (_RECORD, *SCRIPTS.values()):
        for statement in _statements(script):
            connection.execute(statement)
    now = str(datetime.now(UTC))
    rows = [(MIGRATION_SET, name, now) for name in SCRIPTS]
    connection.executemany("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", rows)


def _update(connection: sqlite3.Connection) -> None:
    load_sqlite_utils()
    from sqlite_utils import Database, Migrations

    migrations = Migrations(MIGRATION_SET)
    for name, script in SCRIPTS.items():
        migrations(name=name)(_step(script))
    migrations.apply(Database(connection, execute_plugins=False))


def _statements(script: str) -> Iterator[str]:
    """One by one: ``executescript`` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _step(script: str) -> Callable[[Database], None]:
    def step(db: Database, /) -> None:
        db.executescript(script)

    return step
