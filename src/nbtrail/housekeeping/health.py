"""Looking a project over: what is well, what is worth knowing, what is wrong and what to do about it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from nbtrail.errors import InputError, NbtrailError
from nbtrail.housekeeping.blob_files import look_into
from nbtrail.housekeeping.counting import counted
from nbtrail.housekeeping.folder import project_files
from nbtrail.housekeeping.journals import look_at_journals, set_aside_journals, stray_journals
from nbtrail.housekeeping.progress import unheard
from nbtrail.machine.mounts import is_on_network
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter
from nbtrail.tracking.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.project import Project
    from nbtrail.store.protocol import Store

_MOST_NAMED: Final = 5
_LEAST_FREE_BYTES: Final = 500_000_000
_MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    text: str
    level: Literal["good", "note", "bad"] = "good"
    is_mendable: bool = False
    """``repair`` mends it."""

    @property
    def is_bad(self) -> bool:
        """Whether something is wrong."""
        return self.level == "bad"


def examine(project: Project, *, deep: bool = False, on_progress: OnProgress = unheard) -> Iterator[Finding]:
    """Look a project over. What journals of dead processes hold is brought into the store, as every reader does.

    Parameters
    ----------
    project
        The project.
    deep
        Read every point, and every file, and compare them with what the store says of them.
    on_progress
        Hears how many files were read.
    """
    settings = project.settings_problem()
    if settings is not None:
        yield Finding(str(settings), "bad")
    yield from _stray_journals(project)
    if not project.exists and not any(True for _ in look_at_journals(project)):
        yield Finding(f"no store yet; the first run makes {project.url}")
        return
    yield from _place(project)
    yield from _journals(project)
    yield from _store(project, deep=deep, on_progress=on_progress)
    yield from _other_files(project)


def _place(project: Project) -> Iterator[Finding]:
    if is_on_network(Path(project.url)):
        text = "the project lies on a network file system: it is used without a write-ahead log, which is slower"
        yield Finding(text, "note")
    free = shutil.disk_usage(project.folder if project.folder.exists() else project.root).free
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            f"only {free / _MEGABYTE:.0f} MB are free on the disk; `nbtrail du` says what takes how much", "note"
        )


# --- journals ---


def _journals(project: Project) -> Iterator[Finding]:
    damaged = [journal for journal in look_at_journals(project) if journal.damaged_at is not None]
    kept_before = set_aside_journals(project)
    try:
        count = recover(project)
    except (NbtrailError, OSError) as error:
        yield Finding(f"what processes left behind cannot be brought into the store: {error}", "bad")
        count = 0
    if count:
        yield Finding(f"{counted(count, 'record')} of processes that died: brought into the store")
    for journal in damaged:
        text = f"{journal.path.name} is damaged from byte {journal.damaged_at} on; what stands before is not lost"
        yield Finding(text, "note" if journal.is_live else "bad")
    for path in set_aside_journals(project):
        text = f"{path} keeps every byte of a damaged journal; remove it when you need it no more"
        yield Finding(text, "note" if path in kept_before else "bad")
    left = list(look_at_journals(project))
    live = [journal for journal in left if journal.is_live]
    yield Finding(f"{counted(len(live), 'journal')} of live processes" if live else "no journal is waiting")
    for journal in left:
        if journal.error:
            yield Finding(f"{journal.path} cannot be read: {journal.error}. It was left as it is.", "bad")
        elif not journal.is_live:
            text = f"{journal.path} waits: its process, on another machine or in a container, may come back"
            yield Finding(text, "note")


def _stray_journals(project: Project) -> Iterator[Finding]:
    for stray in stray_journals(project):
        if not stray.count or not stray.is_gone:
            continue
        yield Finding(
            f"{stray.folder} has {counted(stray.count, 'journal')} ({stray.size} bytes) of"
            f" {stray.url or 'an unknown project'}, which is gone. If that project was moved, copy them into"
            " .nbtrail/journal of its new place; else remove them.",
            "note",
        )


# --- the store ---


def _store(project: Project, *, deep: bool, on_progress: OnProgress) -> Iterator[Finding]:
    try:
        store = project.open(read_only=True)
    except NbtrailError as error:
        yield Finding(f"{error} {_SALVAGE}", "bad")
        return
    try:
        yield from _contents(project, store, deep=deep)
        yield from _files(project, store, deep=deep, on_progress=on_progress)
    except NbtrailError as error:
        yield Finding(f"{error} {_SALVAGE}", "bad")
    finally:
        store.close()


_SALVAGE: Final = "`nbtrail doctor --salvage NEW.db` copies every row that can still be read into a new store."


def _contents(project: Project, store: Store, *, deep: bool) -> Iterator[Finding]:
    problems = store.problems(deep=deep)
    for problem in problems:
        yield Finding(f"{project.url}: {problem}", "bad", is_mendable=problem.is_mendable)
    if any(not problem.is_mendable for problem in problems):
        yield Finding(_SALVAGE, "note")
    if problems:
        return
    runs, trashed = store.count(RunQuery()), store.count(RunQuery(trashed=True))
    in_trash = f" and {trashed} in the trash" if trashed else ""
    yield Finding(f"the store is whole: {counted(runs, 'run')}{in_trash} in {project.url}")
    lost = store.runs(RunQuery(where=parse_filter("lost")))
    if lost:
        names = _some([run.name for run in lost])
        yield Finding(f"{counted(len(lost), 'lost run')}, whose process ended without a goodbye: {names}", "note")


def _files(project: Project, store: Store, *, deep: bool, on_progress: OnProgress) -> Iterator[Finding]:
    folder = look_into(project.blobs)
    uses = {digest: use for digest, use in store.blob_uses().items() if digest}
    missing = sorted(uses.keys() - folder.files.keys())
    if missing:
        kinds = sorted({uses[digest].kind for digest in missing})
        text = (
            f"{counted(len(missing), 'file')} that the store speaks of ({', '.join(kinds)}), missing in"
            f" {project.blobs.folder}: {_some([digest[:12] for digest in missing])}. Put them back from a backup."
        )
        yield Finding(text, "bad")
    damaged = _damaged(project, sorted(uses.keys() & folder.files.keys()), on_progress) if deep else []
    if damaged:
        text = f"{counted(len(damaged), 'damaged file')}: {_some(damaged)}. Put them back from a backup."
        yield Finding(text, "bad")
    if uses and not missing and not damaged:
        yield Finding(f"all files are there ({len(uses):,}){' and whole' if deep else ''}")
    strays = [file for digest, file in folder.files.items() if digest not in uses]
    strays += folder.temporaries + folder.gone
    if strays:
        size = sum(file.size for file in strays) / _MEGABYTE
        what = f"{counted(len(strays), 'file')} ({size:.1f} MB) that nothing uses"
        yield Finding(f"{what}; `nbtrail purge` removes what is not just being written", "note")


def _damaged(project: Project, digests: list[str], on_progress: OnProgress) -> list[str]:
    """Paths of the files whose content is not what their name says."""
    damaged = []
    for number, digest in enumerate(digests, start=1):
        try:
            path = project.blobs.path(digest)
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            continue
        except (OSError, InputError) as error:
            damaged.append(f"{digest[:12]} ({error})")
            continue
        if found != digest:
            damaged.append(str(path))
        on_progress("reading files", number, len(digests))
    return damaged


def _other_files(project: Project) -> Iterator[Finding]:
    for file in project_files(project):
        if file.role == "other":
            size = file.size / _MEGABYTE
            yield Finding(f"{file.path} ({size:.1f} MB) was left over; remove it when you need it no more", "note")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
