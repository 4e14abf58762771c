"""Bringing the runs of another project into this one. docs/merging.md says what wins where both know a run."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.errors import FileMissingError, InputError, StoreError
from nbtrail.housekeeping.progress import unheard
from nbtrail.housekeeping.recording import may_record
from nbtrail.project import FOLDER, STORE_VARIABLE, find_project, refuse_archive
from nbtrail.store.snapshots import can_be_read_in_place, copy_up_to_date
from nbtrail.store.transfer import MergedCounts
from nbtrail.tracking import reader
from nbtrail.tracking.journal import journal_folders
from nbtrail.tracking.journal.reading import journals_in
from nbtrail.tracking.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.project import Project
    from nbtrail.store.blobs import Blobs
    from nbtrail.store.transfer import Merging

_BATCH_RUNS: Final = 100
_BATCH_POINTS: Final = 1_000_000
"""A transaction brings at most so many runs, and about so many points: notebooks that record wait for it."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge brought."""

    counts: MergedCounts
    blobs: int
    """Files: artifacts, outputs and code."""
    size: int
    """Bytes of these files."""
    missing: tuple[str, ...]
    """Digests of files that the other project itself lacks, or has damaged."""
    waiting: int
    """Processes that may still be recording there: what they have not written into its store yet was not brought."""


def merge(project: Project, other: str | Path, *, on_progress: OnProgress = unheard) -> Merged:
    """Bring every run of another project, with all that belongs to it.

    The other project is only read. It may be repeated at any time, also after it was stopped: only what is new is
    brought. Notebooks may go on recording in both.

    Parameters
    ----------
    project
        Where to; a store is made if there is none.
    other
        A project's folder, its ``.nbtrail``, or its ``store.db``.
    on_progress
        Hears how many runs are done.

    Raises
    ------
    FileMissingError
        Nothing is there.
    InputError
        There is no store, or it is this project's own, or in an archive.
    StoreError
        One of the stores cannot serve: the other was written by a newer nbtrail, or is damaged.
    """
    source = _find_other(project, Path(other))
    with (
        _as_readable(source) as (path, waiting),
        reader(project),
        contextlib.closing(project.open(read_only=False)) as store,
        store.merging(path) as merging,
    ):
        files = _Files(source.blobs, project.blobs)
        counts, done, runs = MergedCounts(), 0, merging.runs()
        for batch in _batches(runs):
            counts += _bring(merging, files, batch)
            done += len(batch)
            on_progress("merging runs", done, len(runs))
    return Merged(counts, files.count, files.size, tuple(sorted(files.missing)), waiting)


def _find_other(project: Project, other: Path) -> Project:
    if not other.exists():
        raise FileMissingError(other, purpose="merge from")
    refuse_archive(other)
    path = other / "store.db" if (other / "store.db").is_file() else other
    found = find_project(other, environ={STORE_VARIABLE: str(path)})
    if not found.exists:
        msg = f"there is no store in {other}. Name a project's folder, its {FOLDER}, or its store.db."
        raise InputError(msg)
    if project.exists and Path(found.url).samefile(project.url):
        msg = f"{other} is this project itself. Name another one, or say with --project into which one to merge."
        raise InputError(msg)
    return found


def _batches(runs: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    batch: list[str] = []
    points = 0
    for run_id, count in runs:
        if batch and (len(batch) == _BATCH_RUNS or points + count > _BATCH_POINTS):
            yield batch
            batch, points = [], 0
        batch.append(run_id)
        points += count
    if batch:
        yield batch


def _bring(merging: Merging, files: _Files, batch: list[str]) -> MergedCounts:
    digests = merging.blobs(batch)
    # Files first: a row that refers to one that is not there yet would be wrong, a file without a row is not.
    files.bring(digests)
    counts = merging.bring(batch)
    # Once more: as long as no row spoke of them, a purge was free to remove them.
    files.bring(digests)
    return counts


class _Files:
    """Copies blobs that are not here, and checks that they are what their names say."""

    def __init__(self, source: Blobs, target: Blobs) -> None:
        self._source = source
        self._target = target
        self.count = 0
        self.size = 0
        self.missing: set[str] = set()

    def bring(self, digests: Sequence[str]) -> None:
        for digest in digests:
            try:
                if digest not in self.missing and not self._target.renew(digest):
                    self._copy(digest)
            except (FileMissingError, InputError):
                self.missing.add(digest)

    def _copy(self, digest: str) -> None:
        path = self._source.path(digest)
        if self._target.put_file(path) != digest:
            self.missing.add(digest)
            return
        self.count += 1
        self.size += path.stat().st_size


@contextlib.contextmanager
def _as_readable(source: Project) -> Iterator[tuple[Path, int]]:
    """The other store as it can be read with what dead processes left in its journals, and how many live ones have one.

    It is never written: where it would have to be, a copy is.
    """
    orphans, waiting = _journals(source)
    path = Path(source.url)
    if not orphans and can_be_read_in_place(path):
        yield path, waiting
        return
    with tempfile.TemporaryDirectory(prefix="nbtrail-merge-") as folder:
        copy = find_project(environ={STORE_VARIABLE: folder})
        try:
            copy.create()
            copy.journals.mkdir()
            # Before the store: what is gone from a journal by then is in it. With their times, which tell who is alive.
            for journal in orphans:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy2(journal, copy.journals)
            copy_up_to_date(path, Path(copy.url))
        except OSError as error:
            message = (
                f"{path} has to be copied to be merged, and {folder} cannot take it: {error.strerror}. Make room there."
            )
            raise StoreError(message) from error
        recover(copy)
        yield Path(copy.url), waiting


def _journals(source: Project) -> tuple[list[Path], int]:
    """Files of journals of processes that are gone, and how many other processes have one."""
    orphans: list[Path] = []
    waiting = 0
    for folder in journal_folders(source):
        for journal in journals_in(folder.path):
            with contextlib.suppress(FileNotFoundError):
                owner = journal.owner()
                if owner is not None and may_record(owner, now=time.time()):
                    waiting += 1
                elif owner is not None:
                    orphans += journal.paths
    return orphans, waiting
