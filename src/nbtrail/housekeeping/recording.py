"""Who may still be recording into a project: what they are about to refer to must not be removed."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.machine.liveness import is_certain, process_is_alive
from nbtrail.tracking.journal import journal_folders
from nbtrail.tracking.journal.reading import journals_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.records import Session
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal.reading import JournalFiles

_SILENT_S: Final = 86_400.0
"""A process that only its heartbeat tells of may be asleep with its machine, and come back."""
_DIGEST: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of those who may still be recording."""

    sessions: frozenset[str]
    """Of processes that are there, or may come back; and those whose journal is not in the store yet."""
    over: frozenset[str]
    """Sessions whose processes are gone."""
    forgotten: frozenset[str]
    """Those of them of which it is certain that no copy of their journal is left anywhere."""
    mentioned: frozenset[str]
    """Digests that the journals speak of."""

    def __bool__(self) -> bool:
        """Whether there may be any."""
        return bool(self.sessions)


def find_recording(project: Project, store: Store) -> Recording:
    """Look at sessions and journals."""
    journals = tuple(waiting_journals(project))
    known = store.sessions()
    now = time.time()
    recording = {session.id for session in known if may_record(session, now=now)} | {journal.id for journal in journals}
    over = {session.id for session in known} - recording
    return Recording(
        sessions=frozenset(recording),
        over=frozenset(over),
        forgotten=frozenset(session.id for session in known if session.id in over and is_certain(session)),
        mentioned=frozenset(digest for journal in journals for path in journal.paths for digest in _digests_in(path)),
    )


def may_record(session: Session, *, now: float) -> bool:
    """Whether the process of a session is there, or may come back."""
    if session.ended is not None:
        return False
    return process_is_alive(session, now=now) or (not is_certain(session) and now - session.heartbeat < _SILENT_S)


def waiting_journals(project: Project) -> Iterator[JournalFiles]:
    """Every journal of the project, in it and in the user's state folder."""
    for folder in journal_folders(project):
        yield from journals_in(folder.path)


def digests_in(data: bytes) -> set[str]:
    """What looks like a digest in a journal, wherever it stands: also behind the place where it is damaged."""
    return {digest.decode() for digest in _DIGEST.findall(data)}


def _digests_in(path: Path) -> set[str]:
    try:
        return digests_in(path.read_bytes())
    except OSError:
        return set()
