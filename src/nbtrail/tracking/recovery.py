"""Bringing what dead processes left in their journals into the store."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from nbtrail.changes import Receipt, SessionBeat, positions_of
from nbtrail.errors import InputError
from nbtrail.notices import announce
from nbtrail.tracking.journal import journal_folders
from nbtrail.tracking.journal.damage import damaged_at, set_aside
from nbtrail.tracking.journal.reading import journals_in
from nbtrail.tracking.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.changes import Change
    from nbtrail.project import Project
    from nbtrail.records import Session
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal.reading import Entry, JournalFiles

_BATCH: Final = 5000
_FORGOTTEN_S: Final = 86_400.0
"""A journal of another machine is replayed when that is silent, and removed only after so long: it may come back."""
_YOUNG_S: Final = 60.0
"""A journal without a whole first frame is being made, unless it is older than this."""


@dataclass(frozen=True, slots=True)
class _Orphan:
    """A journal whose process is gone."""

    journal: JournalFiles
    owner: Session | None
    written_s: float


def recover(project: Project) -> int:
    """Move the journals of processes that are gone into the store. With none it costs a look into two folders.

    A journal that cannot be read stays as it is and holds up none of the others; one with damage is read up to there,
    and its bytes are kept beside it. Either is said once. Several processes may do this at once, and any of them may
    be killed: the store knows how far it has read each journal.

    Returns
    -------
    int
        How many changes were recovered.

    Raises
    ------
    StoreError
        The store cannot take them; the journals stay as they are.
    """
    orphans = [orphan for journal in _journals(project) if (orphan := _orphan_of(journal)) is not None]
    if not orphans:
        return 0
    store = project.open(read_only=False)
    try:
        return sum(_recover_one(orphan, store) for orphan in orphans)
    finally:
        store.close()


def _journals(project: Project) -> Iterator[JournalFiles]:
    for folder in journal_folders(project):
        with suppress(OSError):  # a folder that may not be looked into holds none of ours
            yield from journals_in(folder.path)


def _orphan_of(journal: JournalFiles) -> _Orphan | None:
    """The journal with what is known of its process; ``None`` if that may be there still."""
    from nbtrail.machine.liveness import process_is_alive

    try:
        owner, written_s = journal.owner(), journal.written_s()
    except FileNotFoundError:
        return None
    except OSError as error:
        _say_once(f"{journal.paths[0]} cannot be read ({error.strerror}); what it holds is not in the store.")
        return None
    now = time.time()
    if owner is None:
        return _Orphan(journal, None, written_s) if now - written_s > _YOUNG_S else None
    # Of a process on another machine only signs of life are known, and writing its journal is the latest one.
    latest = replace(owner, heartbeat=max(owner.heartbeat, written_s))
    return None if process_is_alive(latest, now=now) else _Orphan(journal, owner, written_s)


def _recover_one(orphan: _Orphan, store: Store) -> int:
    try:
        count = _replay(orphan.journal, store)
    except FileNotFoundError:
        return 0  # another process has recovered it
    except OSError as error:
        _say_once(f"{orphan.journal.paths[0]} cannot be read to its end ({error.strerror}); it was left as it is.")
        return 0
    if orphan.owner is not None:
        store.apply([SessionBeat(session_id=orphan.owner.id, at=orphan.written_s)])
    if _is_done_with(orphan):
        try:
            _let_go(orphan.journal)
        except OSError as error:
            _say_once(f"{orphan.journal.paths[0]} is in the store, and cannot be removed ({error.strerror}).")
    return count


def _is_done_with(orphan: _Orphan) -> bool:
    from nbtrail.machine.liveness import is_certain

    return orphan.owner is None or is_certain(orphan.owner) or time.time() - orphan.written_s > _FORGOTTEN_S


def _let_go(journal: JournalFiles) -> None:
    """Remove what is in the store, the last segment first, and set aside what nobody could read."""
    for path in reversed(journal.paths):
        with suppress(FileNotFoundError):
            offset = damaged_at(path.read_bytes())
            if offset is None:
                path.unlink()
                continue
            kept = set_aside(path)
            _say_once(
                f"a journal was damaged on the disk from byte {offset} on. What stood before is in the store; all its"
                f" bytes are kept in {kept}."
            )


def _replay(journal: JournalFiles, store: Store) -> int:
    entries = journal.entries(after=store.applied(journal.id))
    return sum(_apply(batch, store, journal.id) for batch in _batches(entries))


def _apply(batch: list[Entry], store: Store, journal_id: str) -> int:
    known = [(entry.change, entry.position) for entry in batch if entry.change is not None]
    if not known:
        return 0
    changes, positions = zip(*known, strict=True)
    try:
        store.apply(changes, receipt=Receipt(journal_id, positions))
    except InputError:
        # One record that no store can take must not hold up those behind it for ever.
        for change, position in known:
            _apply_alone(change, position, store, journal_id)
    return sum(positions_of(change) for change, _ in known)


def _apply_alone(change: Change, position: int, store: Store, journal_id: str) -> None:
    try:
        store.apply([change], receipt=Receipt(journal_id, (position,)))
    except InputError as error:
        store.apply([], receipt=Receipt(journal_id, (position,)))
        announce(f"one record was left out, because it cannot be stored ({error}): {shown(change)}")


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch


@lru_cache(maxsize=256)
def _say_once(message: str) -> None:
    announce(message)
