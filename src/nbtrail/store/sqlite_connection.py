"""Opening an SQLite file as a store: modes, journals, schema, and the translation of SQLite's errors."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.errors import StoreError, StoreReadOnlyError, StoreTooNewError, StoreUnreadableError
from nbtrail.store.sqlite_migrations import MIGRATION_SET, migrate
from nbtrail.store.sqlite_schema import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MEMORY: Final = ":memory:"
BUSY_TIMEOUT_S: Final = 30.0
_SCHEMA_TIMEOUT_S: Final = 1.0
_LARGEST_JOURNAL_BYTES: Final = 8 << 20
"""To which the log is cut once its content is in the store; a large import would leave it large."""
_NETWORK_FILE_SYSTEMS: Final = (
    "nfs", "cifs", "smb", "afp", "afs", "9p", "ceph", "glusterfs", "lustre", "webdav", "vboxsf", "fuse.", "remote",
)  # fmt: skip
"""How the kinds begin on which a log with shared memory cannot be relied on. Not ``fuseblk``, which is a local disk."""
_UNREADABLE: Final = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
_PRIMARY_CODE: Final = 0xFF
"""SQLite's error codes hold the kind of the error in their lowest byte."""
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into the kind of ``StoreError`` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(path, error) from error


def translate(path: Path, error: sqlite3.Error) -> StoreError:
    """The kind of ``StoreError`` that an error of SQLite amounts to."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE
    if code in _UNREADABLE:
        return StoreUnreadableError(path, reason=str(error))
    if code == sqlite3.SQLITE_READONLY:
        return StoreReadOnlyError(path, reason=str(error))
    if code == sqlite3.SQLITE_CANTOPEN:
        return StoreUnreadableError(path, reason=str(error))
    if code in _BUSY:
        return StoreError(f"{path} has been held by another process for {BUSY_TIMEOUT_S:.0f} s. Try again later.")
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"{path} cannot grow: the disk is full. Free some space; nothing of this call was kept.")
    return StoreError(f"{path} cannot serve: {error}.")


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
        return _connect_reader(path) if read_only else _connect_writer(path)


def _connect_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
    # No record of what was applied: nothing newer or older will ever open it.
    connection.executescript("".join(SCRIPTS.values()))
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _connect_writer(path: Path) -> sqlite3.Connection:
    _refuse_unwritable(path)
    connection = _open(path, "rwc")
    try:
        pending = _pending(connection, path)
        on_network = is_on_network(path)
        _choose_journal(connection, on_network=on_network)
        connection.execute(f"PRAGMA synchronous = {'FULL' if on_network else 'NORMAL'}")
        connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_JOURNAL_BYTES}")
        if pending:
            migrate(connection)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_unwritable(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnlyError(path, reason=f"its folder cannot be made ({error.strerror})") from error
    if path.is_dir():
        raise StoreUnreadableError(path, reason="it is a folder")
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreReadOnlyError(path, reason="the file is read-only")
    if not os.access(path.parent, os.W_OK):
        raise StoreReadOnlyError(path, reason="its folder is read-only")


def _connect_reader(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreUnreadableError(path, reason="there is no such file")
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
    """Bring an old schema up to date, once another process that is just making the file has begun to write it."""
    deadline = time.monotonic() + _SCHEMA_TIMEOUT_S
    while not path.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.05)
    if not path.stat().st_size:
        return
    try:
        _connect_writer(path).close()
    except StoreReadOnlyError as error:
        reason = f"an older nbtrail wrote it, and it cannot be brought up to date ({error.reason})"
        raise StoreUnreadableError(path, reason=reason) from error


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


def _choose_journal(connection: sqlite3.Connection, *, on_network: bool) -> None:
    """WAL, which lets readers read while a writer writes; but its shared memory does not work over a network."""
    wanted = "delete" if on_network else "wal"
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        try:
            (mode,) = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself for this lock.
            if error.sqlite_errorcode & _PRIMARY_CODE not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            if mode != wanted:
                return


def is_on_network(path: Path, mounts: Iterable[tuple[str, str]] | None = None) -> bool:
    """Whether a file lies, or will lie, on a network file system.

    Parameters
    ----------
    path
        The file.
    mounts
        Folder and kind of each mounted file system; those of this machine if left out.
    """
    folder = path.absolute().parent.resolve()
    if mounts is None:
        import psutil

        # Windows says it of a drive in its options.
        parts = psutil.disk_partitions(all=True)
        mounts = [(part.mountpoint, "remote" if "remote" in part.opts.split(",") else part.fstype) for part in parts]
    above = [(Path(mountpoint), kind) for mountpoint, kind in mounts if folder.is_relative_to(mountpoint)]
    # Of several file systems mounted on one folder, the last one hides the others.
    _, kind = max(reversed(above), key=lambda mount: len(mount[0].parts), default=(folder, ""))
    return kind.lower().startswith(_NETWORK_FILE_SYSTEMS) or str(folder).startswith("\\\\")
