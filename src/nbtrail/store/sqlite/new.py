"""Making the file of a new store: whole, or not at all."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

from nbtrail.store.sqlite.migrations import migrate

if TYPE_CHECKING:
    from pathlib import Path

_FORGOTTEN_S: Final = 60.0


def make_store(path: Path, *, keeps_wal: bool) -> None:
    """Make an empty store, unless there is a file in its place already.

    It is made under another name first: many processes may begin at once, and any of them may be killed, without one
    ever finding a store that is half made. Where the file system cannot give a file a second name nothing is made, and
    the store has to grow in its place.

    Parameters
    ----------
    path
        Where it is to be.
    keeps_wal
        Whether it is written with a write-ahead log.

    Raises
    ------
    OSError, sqlite3.Error
        The disk is full or fails.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        _write(scratch, keeps_wal=keeps_wal)
        # Not a rename, which would put an empty store in the place of one that is full already.
        with suppress(OSError):
            os.link(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
        _remove_strays(path)


def _remove_strays(path: Path) -> None:
    """What processes left that were killed in the midst of it."""
    for stray in path.parent.glob(f".{path.name}.*.new"):
        with suppress(OSError):
            if time.time() - stray.stat().st_mtime > _FORGOTTEN_S:
                stray.unlink()


def _write(scratch: Path, *, keeps_wal: bool) -> None:
    scratch.unlink(missing_ok=True)
    with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
        # Nobody knows of the file yet: what is half written after a crash is in nobody's way.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        # So that a purge can give space back in small steps; it has to be said before anything is written.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        migrate(connection, scratch)
        connection.execute(f"PRAGMA journal_mode = {'wal' if keeps_wal else 'delete'}")
    with scratch.open("rb+") as file:
        os.fsync(file.fileno())
