"""A copy of an SQLite store as it is before its schema is changed."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

from nbtrail.errors import StoreError
from nbtrail.machine.disk import sync_folder
from nbtrail.store.sqlite.sizes import copy_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class CopyBefore:
    """A whole copy, on the disk, that has no lasting name yet."""

    def __init__(self, scratch: Path, wanted: Path) -> None:
        self._scratch = scratch
        self._wanted = wanted

    def keep(self) -> Path:
        """Give it its name, or one with a number if that is taken, and say which."""
        path, number = self._wanted, 1
        while path.exists():
            number += 1
            path = self._wanted.with_name(f"{self._wanted.name}-{number}")
        self._scratch.rename(path)
        sync_folder(path.parent)
        return path


@contextlib.contextmanager
def copied_before(path: Path, number: str) -> Iterator[CopyBefore]:
    """Copy the store beside itself; the copy is removed again unless it is kept.

    The caller holds the right to write, so nobody else writes the store, or such a copy, meanwhile.

    Raises
    ------
    StoreError
        The disk cannot take it.
    """
    wanted = path.with_name(f"{path.name}.before-{number}")
    scratch = wanted.with_name(f"{wanted.name}.part")
    scratch.unlink(missing_ok=True)
    try:
        _copy(path, scratch)
        yield CopyBefore(scratch, wanted)
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def _copy(path: Path, scratch: Path) -> None:
    # Another connection: SQLite copies nothing from one that has begun to write.
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source:
        pages, page_bytes = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        needed, free = pages * page_bytes, shutil.disk_usage(path.parent).free
        if free < needed:
            raise StoreError(_no_room(path, f"that takes {_mb(needed)}, and {_mb(free)} are free"))
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            copy_store(source, scratch, None)
            with scratch.open("rb+") as file:
                os.fsync(file.fileno())
        except (OSError, sqlite3.Error) as error:
            raise StoreError(_no_room(path, str(error))) from error


def _no_room(path: Path, why: str) -> str:
    return (
        f"{path} was written by an older nbtrail, and is copied before it is brought up to date; the copy cannot be "
        f"written: {why}. Nothing was changed. Make room in its folder and open it again."
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
