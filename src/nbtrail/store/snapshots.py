"""Stores as they lie there, whatever version wrote them: looked at and copied, never changed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from nbtrail.store.sqlite.connection import open_as_it_is, translated
from nbtrail.store.sqlite.migrations import migrate_copy
from nbtrail.store.sqlite.sizes import copy_store
from nbtrail.store.sqlite.wal import keeps_wal

if TYPE_CHECKING:
    from pathlib import Path


def can_be_read_in_place(path: Path) -> bool:
    """Whether a store has this version's schema, and lies where it can be read while others write it.

    Raises
    ------
    StoreError
        It cannot be read, or a newer nbtrail wrote it.
    """
    connection, is_old = open_as_it_is(path)
    connection.close()
    # SQLite needs a file beside a store with a log, and may not make one there.
    return not is_old and (os.access(path.parent, os.W_OK) or not keeps_wal(path))


def copy_up_to_date(path: Path, target: Path) -> None:
    """Copy a store of any version, as it is at one moment, into a new file, and bring that up to date.

    Raises
    ------
    StoreError
        It cannot be read, or the copy not be written.
    """
    connection, _ = open_as_it_is(path)
    with closing(connection), translated(target):
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        copy_store(connection, target, None)
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            migrate_copy(copy)
