"""Copying a whole project while it is being written to."""

from __future__ import annotations

import os
import shutil
import zipfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.errors import InputError, StoreError
from nbtrail.housekeeping.blob_files import look_into
from nbtrail.housekeeping.progress import unheard
from nbtrail.housekeeping.recording import digests_in, waiting_journals
from nbtrail.housekeeping.sinks import FolderSink, ZipSink
from nbtrail.machine.disk import sync_folder
from nbtrail.project import FOLDER
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.housekeeping.sinks import Sink
    from nbtrail.project import Project
    from nbtrail.store.protocol import Store

_ZIP: Final = ".zip"
_NOT_MADE: Final = {
    ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".tzst", ".lz4", ".br", ".7z", ".rar",
    ".db", ".sqlite", ".sqlite3",
}  # fmt: skip
"""Who gives such a name expects something else than a folder."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up."""

    path: Path
    runs: int
    """Those in the trash included."""
    files: int
    """Artifacts, outputs and code."""
    size: int
    """Bytes on the disk."""
    missing: tuple[str, ...]
    """Digests of files that the project itself lacks, or has damaged: the backup cannot have them whole."""


def back_up(project: Project, path: Path, *, with_blobs: bool = True, on_progress: OnProgress = unheard) -> Backup:
    """Copy a project, as it is at one moment, into a folder that is a project itself, or into a zip of such a folder.

    Others may go on recording. The copy gets its name when it is complete and has been checked; what is stopped before
    leaves nothing under that name.

    Parameters
    ----------
    project
        The project.
    path
        The folder to make, or the archive, whose name ends in ``.zip``. Nothing is there yet.
    with_blobs
        Copy artifacts, outputs and code too.
    on_progress
        Hears how far it is, in bytes.

    Raises
    ------
    InputError
        Something is at ``path``, its name is that of another kind of archive or of a store, or it lies within what is
        to be copied; or there is nothing to copy.
    StoreError
        The store cannot be read, or is damaged.
    OSError
        The copy cannot be written.
    """
    path = Path(os.path.abspath(path))
    _check(project, path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    staged = partial.with_name(f"{partial.name}.db")
    try:
        backup = _write(project, _Places(path, partial, staged), with_blobs=with_blobs, on_progress=on_progress)
        # Not ``replace``: what somebody has put there meanwhile stays.
        _check(project, path)
        partial.rename(path)
        sync_folder(path.parent)
    finally:
        staged.unlink(missing_ok=True)
        _remove(partial)
    return backup


def _check(project: Project, path: Path) -> None:
    if path.exists() or path.is_symlink():
        msg = f"{path} is there already. Choose a name that is free: a backup replaces nothing."
        raise InputError(msg)
    if path.suffix.lower() in _NOT_MADE:
        msg = f"a backup is a folder, or an archive in {_ZIP}, but no {path.suffix}. Give {path.name} another ending."
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"there is no folder {path.parent} to put the backup into. Make it first."
        raise InputError(msg)
    if path.is_relative_to(project.folder) and project.folder.name == FOLDER:
        msg = f"{path} lies in what is to be backed up. Choose a place outside {project.folder}."
        raise InputError(msg)
    if not project.exists:
        msg = f"nothing was recorded in {project.root} yet, so there is nothing to back up."
        raise InputError(msg)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a backup goes, where it grows until it is whole, and where the store is copied to first."""

    path: Path
    partial: Path
    staged: Path


def _write(project: Project, places: _Places, *, with_blobs: bool, on_progress: OnProgress) -> Backup:
    path, partial, staged = places.path, places.partial, places.staged
    is_zip = path.suffix.lower() == _ZIP
    sink: Sink = ZipSink(partial, path.stem) if is_zip else FolderSink(partial)
    with closing(sink), reader(project) as reading:
        store = reading.store
        for name in ("settings.toml", ".gitignore"):
            with suppress(FileNotFoundError):
                sink.add(project.folder / name, f"{FOLDER}/{name}")
        # Before the store: what a journal has let go by then is in it.
        mentioned = _copy_journals(project, store, sink)
        files = _Files(project, sink, on_progress)
        if with_blobs:
            # Before the store too: a purge may remove files whose rows the copy will still have.
            files.copy(set(store.blob_uses()) | (mentioned & look_into(project.blobs).files.keys()))
        store.copy_to(staged, on_step=lambda done, total: on_progress("copying the store", done, total))
        copied = _open_copy(staged, project)
        try:
            runs = _verify(copied, project)
            if with_blobs:
                files.copy(set(copied.blob_uses()))
        finally:
            copied.close()
        sink.add(staged, f"{FOLDER}/store.db")
    if is_zip:
        _verify_archive(partial)
    size = sum(file.stat().st_size for file in ([partial] if is_zip else partial.rglob("*")) if file.is_file())
    return Backup(path, runs, files.count, size, tuple(sorted(files.missing)))


class _Files:
    """Copies blobs, each once, and checks that they are what their names say."""

    def __init__(self, project: Project, sink: Sink, on_progress: OnProgress) -> None:
        self._blobs = project.blobs
        self._sink = sink
        self._on_progress = on_progress
        self._done: set[str] = set()
        self.count = 0
        self.missing: set[str] = set()

    def copy(self, digests: set[str]) -> None:
        sizes = {digest: file.size for digest, file in look_into(self._blobs).files.items()}
        wanted = sorted(digest for digest in digests - self._done if digest)
        total, done = sum(sizes.get(digest, 0) for digest in wanted), 0
        for digest in wanted:
            self._copy_one(digest)
            done += sizes.get(digest, 0)
            self._on_progress("copying files", done, total)

    def _copy_one(self, digest: str) -> None:
        try:
            source = self._blobs.path(digest)
            found = self._sink.add(source, f"{FOLDER}/blobs/{digest[:2]}/{digest[2:]}")
        except (FileNotFoundError, InputError):
            self.missing.add(digest)
            return
        self._done.add(digest)
        self.missing.discard(digest)
        self.count += 1
        if found != digest:
            self.missing.add(digest)


def _copy_journals(project: Project, store: Store, sink: Sink) -> set[str]:
    """Those of live processes whose records are not all in the store: whoever opens the copy may replay them.

    Returns
    -------
    set of str
        The digests of files that they speak of.
    """
    mentioned: set[str] = set()
    for journal in waiting_journals(project):
        with suppress(FileNotFoundError):
            if any(True for _ in journal.entries(after=store.applied(journal.id))):
                for path in journal.paths:
                    data = path.read_bytes()
                    mentioned |= digests_in(data)
                    sink.write(data, f"{FOLDER}/journal/{path.name}")
    return mentioned


def _open_copy(staged: Path, project: Project) -> Store:
    try:
        return open_store(staged, read_only=True)
    except StoreError as error:
        raise _damaged(project, str(getattr(error, "reason", error))) from error


def _damaged(project: Project, problem: str) -> StoreError:
    return StoreError(
        f"{project.url} is damaged ({problem}), so its copy was not kept. `nbtrail doctor` tells more, and "
        "`nbtrail doctor --salvage NEW.db` copies what can still be read."
    )


def _verify(copied: Store, project: Project) -> int:
    problems = copied.problems()
    if problems:
        raise _damaged(project, str(problems[0]))
    return copied.count(RunQuery()) + copied.count(RunQuery(trashed=True))


def _verify_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        message = f"{damaged} does not read back as it was written, so the backup was not kept. Check the disk."
        raise StoreError(message)


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)
