"""Bringing what dead processes left in their journals into the store."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from nbtrail.changes import Receipt, SessionBeat, positions_of
from nbtrail.tracking.journal import journal_folders
from nbtrail.tracking.journal_reading import journals_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal_reading import Entry, JournalFiles

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
    orphans = [journal for journal in _journals(project) if _is_orphan(journal)]
    if not orphans:
        return 0
    store = project.open(read_only=False)
    try:
        return sum(_replay(journal, store) for journal in orphans)
    finally:
        store.close()


def _journals(project: Project) -> Iterator[JournalFiles]:
    for folder in journal_folders(project):
        yield from journals_in(folder.path)


def _is_orphan(journal: JournalFiles) -> bool:
    from nbtrail.store.liveness import process_is_alive

    try:
        owner, written_s = journal.owner(), journal.written_s()
        if owner is None:
            return time.time() - written_s > _YOUNG_S
    except FileNotFoundError:
        return False
    # Of a process on another machine only signs of life are known, and writing its journal is the latest one.
    owner = replace(owner, heartbeat=max(owner.heartbeat, written_s))
    return not process_is_alive(owner, now=time.time())


def _replay(journal: JournalFiles, store: Store) -> int:
    from nbtrail.store.liveness import is_certain

    try:
        owner, last_sign_s = journal.owner(), journal.written_s()
        entries = journal.entries(after=store.applied(journal.id))
        count = sum(_apply(batch, store, journal.id) for batch in _batches(entries))
    except FileNotFoundError:
        return 0
    if owner is not None:
        store.apply([SessionBeat(session_id=owner.id, at=last_sign_s)])
    if owner is None or is_certain(owner) or time.time() - last_sign_s > _FORGOTTEN_S:
        journal.remove()
    return count


def _apply(batch: list[Entry], store: Store, journal_id: str) -> int:
    known = [(entry.change, entry.position) for entry in batch if entry.change is not None]
    if known:
        changes, positions = zip(*known, strict=True)
        store.apply(changes, receipt=Receipt(journal_id, positions))
    return sum(positions_of(change) for change, _ in known)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
