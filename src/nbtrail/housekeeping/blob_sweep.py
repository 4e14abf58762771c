"""Removing files that nothing refers to, without ever taking one that somebody is about to refer to."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nbtrail.errors import InputError
from nbtrail.housekeeping.blob_files import GONE, clock_of, look_into
from nbtrail.housekeeping.progress import unheard
from nbtrail.housekeeping.recording import find_recording

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nbtrail.housekeeping.blob_files import BlobFile, BlobFolder
    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.housekeeping.recording import Recording
    from nbtrail.project import Project
    from nbtrail.store.blobs import Blobs
    from nbtrail.store.protocol import Store

_STRAY_REST_S: Final = 3600.0
"""While somebody records: a file is written before the row that refers to it, and a large folder takes its time."""
_FREED_REST_S: Final = 60.0
"""The same for a file whose rows were just purged: it was written for those, unless it was stored again since."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What became of files that nothing refers to."""

    removed: int
    removed_bytes: int
    waiting: int
    """Left for now, because somebody records and may be about to refer to them."""
    waiting_bytes: int


def sweep_blobs(
    project: Project, store: Store, *, freed: Collection[str] = (), on_progress: OnProgress = unheard
) -> Sweep:
    """Remove files that nothing refers to, and temporaries of writers that are gone. May be repeated at any time.

    Parameters
    ----------
    project
        Whose files are looked at.
    store
        The project's store.
    freed
        Digests whose last rows were just purged.
    on_progress
        Hears how many files are done.

    Raises
    ------
    OSError
        A file cannot be removed.
    """
    blobs = project.blobs
    if not blobs.folder.is_dir():
        return Sweep(0, 0, 0, 0)
    # In this order: who has stored a file by then has a journal, and is seen; who comes later renews the file's time.
    now = clock_of(blobs)
    recording = find_recording(project, store)
    folder = look_into(blobs)
    _put_back_what_was_set_aside(folder, blobs)
    used = store.blob_uses().keys()
    unused = [file for digest, file in folder.files.items() if digest not in used] + folder.temporaries
    ripe = [file for file in unused if file.written < _limit(file, now=now, recording=recording, freed=freed)]
    removed = 0, 0
    for number, file in enumerate(ripe, start=1):
        if _remove(file, blobs):
            removed = removed[0] + 1, removed[1] + file.size
        on_progress("removing files", number, len(ripe))
    waiting = sum(file.size for file in unused) - sum(file.size for file in ripe)
    return Sweep(*removed, waiting=len(unused) - len(ripe), waiting_bytes=waiting)


def _limit(file: BlobFile, *, now: float, recording: Recording, freed: Collection[str]) -> float:
    """Before which moment a file must have been written for the last time to be removed."""
    if not recording:
        return now
    if file.digest in recording.mentioned:
        return -math.inf
    return now - (_FREED_REST_S if file.digest in freed else _STRAY_REST_S)


def _remove(file: BlobFile, blobs: Blobs) -> bool:
    """Take a file out, unless somebody has stored it again meanwhile; whether it is gone."""
    if not file.digest:
        file.path.unlink(missing_ok=True)
        return True
    aside = blobs.folder / f"{GONE}{file.digest}"
    try:
        file.path.replace(aside)
        # Who came before this found the file and renewed its time; who comes after finds none and writes it anew.
        is_renewed = aside.stat().st_mtime != file.written
    except FileNotFoundError:
        # Another purge was here.
        return False
    if is_renewed:
        _put_back(aside, blobs.path(file.digest))
        return False
    aside.unlink(missing_ok=True)
    return True


def _put_back_what_was_set_aside(folder: BlobFolder, blobs: Blobs) -> None:
    """A purge that was stopped between two steps leaves a file aside, and somebody may have come to need it."""
    for file in folder.gone:
        with suppress(FileNotFoundError, InputError):
            path = blobs.path(file.digest)
            _put_back(file.path, path)
            folder.files[file.digest] = replace(file, path=path)


def _put_back(aside: Path, path: Path) -> None:
    if path.exists():
        aside.unlink(missing_ok=True)
    else:
        path.parent.mkdir(exist_ok=True)
        aside.replace(path)
