"""Opening an SQLite file as a store: modes, journals, schema, and the translation of SQLite's errors."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from nbtrail.errors import (
    NbtrailError,
    PointsDamagedError,
    StoreError,
    StoreReadOnlyError,
    StoreTooNewError,
    StoreUnreadableError,
)
from nbtrail.machine.disk import make_folder, sync_folder
from nbtrail.machine.mounts import is_on_network
from nbtrail.store.points import DamagedChunkError, DamagedSeriesError
from nbtrail.store.sqlite.migrations import MIGRATION_SET, migrate
from nbtrail.store.sqlite.new import make_store
from nbtrail.store.sqlite.schema import SCRIPTS
from nbtrail.store.sqlite.wal import choose_journal, keeps_wal, leave_wal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MEMORY: Final = ":memory:"
BUSY_TIMEOUT_S: Final = 30.0
_SCHEMA_TIMEOUT_S: Final = 1.0
_EVERYWHERE: Final = (
    f"journal_size_limit = {8 << 20}",  # the log of a large import would stay large
    "fullfsync = ON",  # what macOS calls a sync leaves the bytes in the disk's own memory
)
_ON_DISK: Final = ("synchronous = NORMAL", *_EVERYWHERE)
_ON_NETWORK: Final = ("synchronous = EXTRA", *_EVERYWHERE)
"""Without a log, only ``EXTRA`` makes the end of a commit, the removal of its journal, reach the disk."""
_UNREADABLE: Final = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN}
_PRIMARY_CODE: Final = 0xFF
"""SQLite's error codes hold the kind of the error in their lowest byte."""
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGE: Final = (UnicodeDecodeError, json.JSONDecodeError, DamagedChunkError)
_OF_A_RECORD: Final = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
_CODES_OF_A_RECORD: Final = {
    sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH,
}  # fmt: skip
"""A row that is there already, or one that is missing, is no fault of a record: the store is damaged, or behind."""


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into the kind of ``StoreError`` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(path, error) from error
    except DamagedSeriesError as error:
        raise PointsDamagedError(path, run=error.run, metric=error.key, reason=error.reason) from error
    except _DAMAGE as error:
        raise StoreUnreadableError(path, reason=f"what was written there has changed on the disk ({error})") from error


def translate(path: Path, error: sqlite3.Error) -> StoreError:
    """The kind of ``StoreError`` that an error of SQLite amounts to."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
    if code in _UNREADABLE:
        return StoreUnreadableError(path, reason=str(error))
    if code == sqlite3.SQLITE_READONLY:
        return StoreReadOnlyError(path, reason=str(error))
    if code in _BUSY:
        return StoreError(f"{path} has been held by another process for {BUSY_TIMEOUT_S:.0f} s. Try again later.")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(f"{path} cannot be reached ({error}): its disk, or the server that it lies on, fails.")
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"{path} cannot grow: the disk is full. Free some space; nothing of this call was kept.")
    return StoreError(f"{path} cannot serve: {error}.")


def is_of_a_record(error: BaseException) -> bool:
    """Whether an error of writing a record comes of what it holds, and not of the state that the store is in."""
    if isinstance(error, (NbtrailError, *_DAMAGE)):
        return False
    if not isinstance(error, sqlite3.Error):
        return isinstance(error, _OF_A_RECORD)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python's own word: it has no SQLite type for a value
        return "binding parameter" in str(error)
    return code in _CODES_OF_A_RECORD


def execute(connection: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
    """Run one statement, whatever the texts among its values."""
    try:
        return connection.execute(sql, values)
    except UnicodeEncodeError:
        return connection.execute(sql, [encodable(value) for value in values])


def encodable(value: object) -> object:
    """The value; in a text, question marks for halves of surrogate pairs, which no encoding has bytes for."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection to the store in ``path``, its schema up to date.

    A writer makes the file and its folder where they are missing. A reader changes nothing, unless the schema is old
    and can be brought up to date. ``:memory:`` is an empty store that is gone once it is closed.

    Raises
    ------
    StoreError
        One of its kinds; the file was left as it is.
    """
    if str(path) == MEMORY:
        return _connect_memory()
    with translated(path):
        try:
            return _connect_reader(path) if read_only else _connect_writer(path)
        except OSError as error:
            # A folder that may not be looked into, or a server that does not answer.
            raise StoreUnreadableError(path, reason=error.strerror or str(error)) from error


def _connect_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
    # No record of what was applied: nothing newer or older will ever open it.
    connection.executescript("".join(SCRIPTS.values()))
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _connect_writer(path: Path) -> sqlite3.Connection:
    _refuse_unwritable(path)
    _refuse_newer(path)
    is_new = not path.exists()
    on_network = is_on_network(path)
    if on_network and keeps_wal(path):
        leave_wal(path, timeout_s=BUSY_TIMEOUT_S)
    if is_new:
        make_store(path, keeps_wal=not on_network)
    connection = _open(path, "rwc")
    try:
        pending = _pending(connection, path)
        choose_journal(connection, "delete" if on_network else "wal", timeout_s=BUSY_TIMEOUT_S)
        for setting in _ON_NETWORK if on_network else _ON_DISK:
            connection.execute(f"PRAGMA {setting}")
        if pending:
            migrate(connection, path)
        connection.execute("PRAGMA foreign_keys = ON")
        if is_new:
            sync_folder(path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_unwritable(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise StoreReadOnlyError(path, reason=f"its folder cannot be made ({error.strerror})") from error
    if path.is_dir():
        raise StoreUnreadableError(path, reason="it is a folder")
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreReadOnlyError(path, reason="the file is read-only")
    if not os.access(path.parent, os.W_OK):
        raise StoreReadOnlyError(path, reason="its folder is read-only")


def open_as_it_is(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection for reading a store of this version or an older one, and whether it is an older one.

    Raises
    ------
    StoreError
        It cannot be read, or a newer nbtrail wrote it.
    """
    with translated(path):
        if not path.is_file():
            raise StoreUnreadableError(path, reason="there is no such file")
        return _open_reader(path)


def _refuse_newer(path: Path) -> None:
    """Whoever may write folds a log that a crash left into the store, even if only to find that it is a newer one."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size and path.exists() and path.stat().st_size:
        _open_reader(path)[0].close()


def _connect_reader(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreUnreadableError(path, reason="there is no such file")
    # In this order: a process that opens the file by itself, and closes it, lets go of every lock that its own
    # connections hold on it, and another process then takes itself for the last one and removes the log under them.
    if is_on_network(path) and keeps_wal(path):
        # Where that cannot be, nobody writes it, or somebody is writing it without knowing where it lies.
        with contextlib.suppress(StoreError, sqlite3.Error):
            _connect_writer(path).close()
    connection, pending = _open_reader(path)
    if pending:
        connection.close()
        _update(path)
        connection, pending = _open_reader(path)
    if pending:
        connection.close()
        raise StoreUnreadableError(path, reason="it is empty")
    return connection


def _update(path: Path) -> None:
    """Bring an old schema up to date, or make that of a store whose maker died while it made it."""
    try:
        _connect_writer(path).close()
    except StoreReadOnlyError as error:
        if _stays_empty(path):
            return
        reason = f"an older nbtrail wrote it, and it cannot be brought up to date ({error.reason})"
        raise StoreUnreadableError(path, reason=reason) from error


def _stays_empty(path: Path) -> bool:
    """Whether no other process is just making it."""
    deadline = time.monotonic() + _SCHEMA_TIMEOUT_S
    while not path.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.05)
    return not path.stat().st_size


def _open_reader(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection for reading, and whether the schema is not up to date."""
    connection = _open(path, "ro")
    try:
        return connection, _pending(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & _PRIMARY_CODE not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
    except BaseException:
        connection.close()
        raise
    connection = _open_immutable(path)
    try:
        return connection, _pending(connection, path)
    except BaseException:
        connection.close()
        raise


def _open_immutable(path: Path) -> sqlite3.Connection:
    """Without the files that WAL wants beside the store, which cannot be made in a read-only folder."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        reason = f"its latest changes wait in {log.name}, and the folder is read-only; open a copy of the folder"
        raise StoreUnreadableError(path, reason=reason)
    return _open(path, "ro&immutable=1")


def _open(path: Path, mode: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin where the code says so, and nowhere else.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _pending(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether migrations are to be applied.

    Asked in plain SQL, so that opening a store that is up to date never loads sqlite_utils.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    applied: set[str] = set()
    if "_sqlite_migrations" in tables:
        rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
        applied = {name for (name,) in rows}
    if unknown := sorted(applied - SCRIPTS.keys()):
        raise StoreTooNewError(path, unknown=unknown)
    if tables and not applied:
        raise StoreUnreadableError(path, reason="it is an SQLite file of another program")
    return applied != SCRIPTS.keys()
