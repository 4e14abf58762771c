"""Bringing what dead processes left in their journals into the store."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from nbtrail.records import Receipt, SessionBeat, SessionStarted
from nbtrail.tracking.journal import SUFFIX, journal_folders, read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.records import Session
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal import Entry

_BATCH = 5000
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
        owner = _owner(path)
        if owner is None:
            return time.time() - path.stat().st_mtime > _YOUNG_S
    except FileNotFoundError:
        return False
    return not process_is_alive(owner, now=time.time())


def _owner(path: Path) -> Session | None:
    first = next(read_journal(path), None)
    return first.change.session if first is not None and isinstance(first.change, SessionStarted) else None


def _replay(path: Path, store: Store) -> int:
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
    path.unlink(missing_ok=True)
    return count


def _apply(batch: list[Entry], store: Store, journal_id: str) -> int:
    changes = [entry.change for entry in batch if entry.change is not None]
    store.apply(changes, receipt=Receipt(journal_id, batch[-1].position))
    return len(changes)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
