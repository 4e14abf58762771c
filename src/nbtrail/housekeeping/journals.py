"""Journals as they lie there: whose they are, and whether they are whole."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.housekeeping.recording import waiting_journals
from nbtrail.machine.liveness import process_is_alive
from nbtrail.tracking.journal import SUFFIX, journal_folders
from nbtrail.tracking.journal.damage import damaged_at, damaged_journals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project
    from nbtrail.tracking.journal.reading import JournalFiles


@dataclass(frozen=True, slots=True)
class JournalState:
    """One file of a journal."""

    path: Path
    size: int
    is_live: bool
    """Its process is there, or may be."""
    damaged_at: int | None = None
    """From which byte on it cannot be read, although it was written to the end."""
    error: str = ""
    """Why it cannot be read at all."""


@dataclass(frozen=True, slots=True)
class StrayJournals:
    """Journals in the user's state folder, of one other project."""

    folder: Path
    url: str
    """The store that they belong to."""
    count: int
    size: int
    is_gone: bool
    """There is no such store any more: the project was removed, or moved."""


def look_at_journals(project: Project) -> Iterator[JournalState]:
    """Every journal of a project, file by file."""
    for journal in waiting_journals(project):
        is_live, error = _is_live(journal)
        for path in journal.paths:
            try:
                data = b"" if error else path.read_bytes()
                yield JournalState(path, len(data), is_live=is_live, damaged_at=damaged_at(data), error=error)
            except FileNotFoundError:
                continue
            except OSError as trouble:
                yield JournalState(path, 0, is_live=is_live, error=trouble.strerror or str(trouble))


def set_aside_journals(project: Project) -> list[Path]:
    """Damaged journals, each kept with every byte under a name that nothing reads."""
    return [path for folder in journal_folders(project) for path in damaged_journals(folder.path)]


def stray_journals(project: Project) -> Iterator[StrayJournals]:
    """What lies in the user's state folder for projects other than this one."""
    own = next(folder.path for folder in journal_folders(project) if folder.is_fallback)
    folders = sorted(own.parent.iterdir()) if own.parent.is_dir() else []
    for folder in folders:
        if folder == own or not folder.is_dir():
            continue
        journals = list(folder.glob(f"*{SUFFIX}"))
        try:
            url = (folder / "project.txt").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            url = ""
        is_gone = "://" not in url and not Path(url).exists()
        yield StrayJournals(folder, url, len(journals), sum(path.stat().st_size for path in journals), is_gone)


def _is_live(journal: JournalFiles) -> tuple[bool, str]:
    """Whether its process is there, or may be; and why that cannot be told."""
    try:
        owner, written_s = journal.owner(), journal.written_s()
    except FileNotFoundError:
        return False, ""
    except OSError as error:
        return False, error.strerror or str(error)
    if owner is None:
        return False, ""
    return process_is_alive(replace(owner, heartbeat=max(owner.heartbeat, written_s)), now=time.time()), ""
