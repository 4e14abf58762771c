"""Fingerprints of files: size and a digest of the content."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nbtrail.records import Dataset
from nbtrail.tracking.fingerprints.tables import VERSION, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WHOLE_BYTES: Final = 256_000_000
_SAMPLE_BYTES: Final = 16_000_000
_AT_ONCE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells, without reading it, that a file is as it was."""

    path: Path
    size: int
    changed_ns: int


def state_of(path: Path) -> FileState | None:
    """How a file is now; ``None`` if it is gone or is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FileState(path, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def file_dataset(state: FileState, name: str) -> Dataset:
    """What a file held in that state.

    Of more than 256 MB evenly spaced blocks count. Of a file that is in another state by now, only size and time do.
    """
    from xxhash import xxh3_128

    is_whole = state.size <= _WHOLE_BYTES
    hashed = xxh3_128(f"nbtrail {VERSION} file {state.size} {is_whole}".encode())
    if not _read(state, hashed, state.size if is_whole else _SAMPLE_BYTES):
        is_whole = False
        hashed = xxh3_128(f"nbtrail {VERSION} unread {name} {state.size} {state.changed_ns}".encode())
    return Dataset(digest=hashed.hexdigest(), name=name, kind="file", size=state.size, sampled=not is_whole)


def folder_dataset(paths: Sequence[Path], name: str) -> Dataset:
    """Many files of one folder as one: how many, their names and their sizes."""
    from xxhash import xxh3_128

    states = [state for state in map(state_of, sorted(paths)) if state is not None]
    listed = [(state.path.name, state.size) for state in states]
    digest = xxh3_128(f"nbtrail {VERSION} files {listed!r}".encode("utf-8", "surrogatepass")).hexdigest()
    size = sum(state.size for state in states)
    return Dataset(digest=digest, name=name, kind="files", shape=(len(states),), size=size, sampled=True)


def _read(state: FileState, hashed: Any, wanted: int) -> bool:
    """Give a file's content to a digest; says whether it still was in that state at the end."""
    try:
        with state.path.open("rb", buffering=0) as file:
            for part in blocks(state.size, wanted):
                file.seek(part.start)
                left = part.stop - part.start
                while left > 0 and (data := file.read(min(left, _AT_ONCE_BYTES))):
                    hashed.update(data)
                    left -= len(data)
            found = os.fstat(file.fileno())
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) == (state.size, state.changed_ns) and state_of(state.path) == state
