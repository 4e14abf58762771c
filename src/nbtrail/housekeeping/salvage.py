"""Saving what a damaged store still holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.errors import InputError, StoreError, StoreUnsupportedError
from nbtrail.housekeeping.progress import unheard
from nbtrail.machine.disk import sync_folder
from nbtrail.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.project import Project


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved of a damaged store."""

    path: Path
    counts: Mapping[str, int]
    """How many of each are in the new store: ``runs``, ``points``, ``params``, …; ``made up`` are the runs whose own
    row was lost and that got a made-up name."""


def salvage(project: Project, path: Path, *, on_progress: OnProgress = unheard) -> Salvaged:
    """Copy every row that can still be read of a project's store into a new one; the damaged one is not changed.

    Parameters
    ----------
    project
        The project.
    path
        The file of the new store; there is nothing yet.
    on_progress
        Hears how far it is.

    Raises
    ------
    InputError
        Something is at ``path``, or the project has no store.
    StoreUnsupportedError
        The project's store is not an SQLite file.
    StoreError
        What was saved cannot be made a whole store.
    OSError
        A file cannot be read or written.
    """
    from nbtrail.store.sqlite.salvage import salvage_into

    path = Path(os.path.abspath(path))
    if "://" in project.url:
        raise StoreUnsupportedError(project.url)
    source = Path(project.url)
    if path.exists():
        msg = f"{path} is there already. Choose a name that is free: nothing is replaced."
        raise InputError(msg)
    if not source.is_file() or not source.stat().st_size:
        msg = f"there is nothing in {source} to salvage."
        raise InputError(msg)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        counts = salvage_into(source, partial, lambda done, total: on_progress("reading pages", done, total))
        _verify(partial)
        partial.rename(path)
        sync_folder(path.parent)
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            partial.with_name(partial.name + ending).unlink(missing_ok=True)
    return Salvaged(path, counts)


def _verify(path: Path) -> None:
    store = open_store(path, read_only=True)
    try:
        problems = store.problems(deep=True)
    finally:
        store.close()
    if problems:
        message = f"what could be read makes no whole store ({problems[0]}), so it was not kept."
        raise StoreError(message)
