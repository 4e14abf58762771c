"""The files in a project's blob folder, as they lie there."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.store.blobs import Blobs

NEW: Final = ".new-"
"""How the names of files begin that are being written."""
GONE: Final = ".gone-"
"""How the names of files begin that are being removed; the digest follows."""
_FOLDER_DIGITS: Final = 2
_DIGEST_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class BlobFile:
    """One file."""

    path: Path
    digest: str
    """Empty for a temporary."""
    size: int
    written: float
    """When it was written, or stored again; UTC seconds by the file system's clock."""


@dataclass(slots=True)
class BlobFolder:
    """What lies in a blob folder."""

    files: dict[str, BlobFile] = field(default_factory=dict)
    """Whole files by digest."""
    temporaries: list[BlobFile] = field(default_factory=list)
    """Left or being written under another name."""
    gone: list[BlobFile] = field(default_factory=list)
    """Taken out by a purge that was stopped before it could remove them."""


def look_into(blobs: Blobs) -> BlobFolder:
    """List a blob folder; one that is not there is empty. Files that are none of nbtrail's are passed over."""
    found = BlobFolder()
    for entry in _entries(blobs.folder):
        if entry.name.startswith(NEW):
            found.temporaries.extend(_file(entry, ""))
        elif entry.name.startswith(GONE):
            found.gone.extend(_file(entry, entry.name.removeprefix(GONE)))
        elif len(entry.name) == _FOLDER_DIGITS and entry.is_dir(follow_symlinks=False):
            for inner in _entries(Path(entry.path)):
                digest = entry.name + inner.name
                if len(digest) == _DIGEST_DIGITS:
                    found.files.update((digest, one) for one in _file(inner, digest))
    return found


def clock_of(blobs: Blobs) -> float:
    """What time it is for the file system: on a network that may be another time than here.

    Raises
    ------
    OSError
        Nothing can be written there.
    """
    with tempfile.NamedTemporaryFile(dir=blobs.folder, prefix=NEW) as mark:
        return os.fstat(mark.fileno()).st_mtime


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return


def _file(entry: os.DirEntry[str], digest: str) -> Iterator[BlobFile]:
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    yield BlobFile(Path(entry.path), digest, stat.st_size, stat.st_mtime)
