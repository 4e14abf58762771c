"""Bringing what dead processes left in their journals into the store."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from nbtrail.changes import Receipt, SessionBeat, SessionStarted
from nbtrail.tracking.journal import SUFFIX, journal_folders, read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.records import Session
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal import Entry

_BATCH = 5000
_FORGOTTEN_S = 86_400.0
"""A journal of another machine is replayed when that is silent, and removed only after so long: it may come back."""
_YOUNG_S = 60.0
"""A journal without a whole first frame is being made, unless it is older than this."""


def recover(project: Project) -> int:
    """Move the journals of processes that are gone into the store. With none it costs a look into two folders.

    Returns
    -------
    int
        How many changes were recovered.

    Raises
    ------
    StoreError
        The store cannot take them; the journals stay as they are.
    """
    orphans = tuple(path for path in _journals(project) if _is_orphan(path))
    if not orphans:
        return 0
    store = project.open(read_only=False)
    try:
        return sum(_replay(path, store) for path in orphans)
    finally:
        store.close()


def _journals(project: Project) -> Iterator[Path]:
    for folder in journal_folders(project):
        if folder.path.is_dir():
            yield from sorted(folder.path.glob(f"*{SUFFIX}"))


def _is_orphan(path: Path) -> bool:
    from nbtrail.store.liveness import process_is_alive

    try:
        owner, written_s = _owner(path), path.stat().st_mtime
        if owner is None:
            return time.time() - written_s > _YOUNG_S
    except FileNotFoundError:
        return False
    # Of a process on another machine only signs of life are known, and writing its journal is the latest one.
    owner = replace(owner, heartbeat=max(owner.heartbeat, written_s))
    return not process_is_alive(owner, now=time.time())


def _owner(path: Path) -> Session | None:
    first = next(read_journal(path), None)
    return first.change.session if first is not None and isinstance(first.change, SessionStarted) else None


def _replay(path: Path, store: Store) -> int:
    from nbtrail.store.liveness import is_certain

    journal_id = path.name.removesuffix(SUFFIX)
    try:
        owner, last_sign_s = _owner(path), path.stat().st_mtime
        applied = store.applied(journal_id)
        entries = (entry for entry in read_journal(path) if entry.position > applied)
        count = sum(_apply(batch, store, journal_id) for batch in _batches(entries))
    except FileNotFoundError:
        return 0
    if owner is not None:
        store.apply([SessionBeat(session_id=owner.id, at=last_sign_s)])
    if owner is None or is_certain(owner) or time.time() - last_sign_s > _FORGOTTEN_S:
        path.unlink(missing_ok=True)
    return count


def _apply(batch: list[Entry], store: Store, journal_id: str) -> int:
    # A call that was interrupted may have left a frame whose position the next call took again.
    once = {entry.position: entry.change for entry in batch}
    changes = [change for change in once.values() if change is not None]
    store.apply(changes, receipt=Receipt(journal_id, batch[-1].position))
    return len(changes)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
