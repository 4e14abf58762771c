"""SQLite's write-ahead log: used on this machine's own disks, and left where several machines may meet."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY_CODE: Final = 0xFF


def keeps_wal(path: Path) -> bool:
    """Whether a store is written with a write-ahead log; ``False`` where there is no file, or an empty one."""
    try:
        if not path.stat().st_size:
            return False
    except OSError:
        return False
    # Asked of SQLite and not read from the file: a process that opens the file by itself and closes it lets go of every
    # lock that its own connections hold on it.
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")
    except sqlite3.Error:
        # Without a log nothing beside the file is needed to read so far.
        return True


def leave_wal(path: Path, *, timeout_s: float) -> None:
    """Fold the log of a store into it and work without one from now on.

    For a store that was moved to a network: alone with it, SQLite needs no memory that is shared with other processes,
    which there could be on other machines.

    Raises
    ------
    sqlite3.OperationalError
        Other processes have used it all the time.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=timeout_s)
    try:
        # Before anything is read: from then on the log's index stands in this process alone.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        choose_journal(connection, "delete", timeout_s=timeout_s)
    finally:
        connection.close()
    # Nobody's any more; SQLite does not look for one that it did not make itself.
    with suppress(OSError):
        path.with_name(f"{path.name}-shm").unlink()


def choose_journal(connection: sqlite3.Connection, wanted: str, *, timeout_s: float) -> None:
    """Let the store keep the journal that is ``wanted`` (``wal`` or ``delete``), if the file system allows it."""
    deadline = time.monotonic() + timeout_s
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
