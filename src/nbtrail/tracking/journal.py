"""The journal: what happened but is not in the store yet, in a file that outlives the process.

Each change is one frame, written with one ``write`` so that it is in the system's page cache when the call
returns: ``length (u32) · crc32 (u32) · position (u64) · payload``, little-endian; the checksum covers position and
payload. The first frame, which says whose journal it is, stays when the rest is let go. A torn or damaged tail is cut,
never guessed.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.tracking.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbtrail.changes import Change
    from nbtrail.project import Project

SUFFIX = ".journal"
_HEAD = struct.Struct("<II")
_POSITION = struct.Struct("<Q")


class Journal:
    """One process's journal, appended to by any of its threads.

    Parameters
    ----------
    path
        The file; it is made, and must not be there.

    Raises
    ------
    OSError
        The file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.id = path.name.removesuffix(SUFFIX)
        self.position = 0
        """The position of the last change that was written."""
        self._kept_bytes = 0
        self._lock = threading.RLock()
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)

    def append(self, changes: Sequence[Change], *, end: int) -> None:
        """Write changes down, in order; when this returns they survive the process.

        Parameters
        ----------
        changes
            What happened.
        end
            The position of the last of them: how many changes the process has had by then.

        Raises
        ------
        OSError
            The disk is full or gone. What of the changes was written is cut off again.
        """
        first = end - len(changes) + 1
        frames = b"".join(_frame(first + i, encode(change)) for i, change in enumerate(changes))
        with self._lock:
            self._write(frames)
            self.position = end
            self._kept_bytes = self._kept_bytes or len(frames)

    def clear_if_at(self, position: int) -> bool:
        """Let go of all but the first frame if nothing was appended since ``position``; says whether it did."""
        with self._lock:
            if self.position != position or self._fd < 0:
                return False
            # What stays is in the store already, and its position says so to whoever reads it again.
            try:
                os.ftruncate(self._fd, self._kept_bytes)
            except OSError:
                return False
            return True

    def close(self, *, remove: bool) -> None:
        """Let go of the file, and remove it if all of it is in the store."""
        with self._lock:
            if self._fd < 0:
                return
            fd, self._fd = self._fd, -1
            os.close(fd)
        if remove:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _write(self, frames: bytes) -> None:
        written = os.write(self._fd, frames)
        if written == len(frames):
            return
        size = os.fstat(self._fd).st_size
        os.ftruncate(self._fd, size - written)
        msg = f"only {written} of {len(frames)} bytes fitted into {self.path}"
        raise OSError(msg)


@dataclass(frozen=True, slots=True)
class JournalFolder:
    """A folder that may hold journals of a project."""

    path: Path
    project: Project
    is_fallback: bool

    def prepare(self) -> None:
        """Make the folder.

        Raises
        ------
        NbtrailError, OSError
            It cannot be made.
        """
        if not self.is_fallback:
            self.project.create()
        self.path.mkdir(parents=True, exist_ok=True)
        if self.is_fallback:
            (self.path / "project.txt").write_text(f"{self.project.url}\n", encoding="utf-8")


def journal_folders(project: Project) -> tuple[JournalFolder, ...]:
    """Where journals of a project may stand: in the project, or in the user's own state folder if that is read-only."""
    import platformdirs

    fallback = Path(platformdirs.user_state_dir("nbtrail", appauthor=False)) / "journal" / project.id
    return (
        JournalFolder(project.journals, project, is_fallback=False),
        JournalFolder(fallback, project, is_fallback=True),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A change read back from a journal; ``None`` stands for one that only a newer nbtrail understands."""

    position: int
    change: Change | None


def read_journal(path: Path) -> Iterator[Entry]:
    """The whole frames of a journal, first to last, up to the first that is torn or damaged."""
    data = path.read_bytes()
    offset = 0
    while offset + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, offset)
        body = data[offset + _HEAD.size : offset + _HEAD.size + length]
        if length < _POSITION.size or len(body) < length or zlib.crc32(body) != checksum:
            return
        (position,) = _POSITION.unpack_from(body)
        yield Entry(position, decode(body[_POSITION.size :]))
        offset += _HEAD.size + length


def _frame(position: int, payload: bytes) -> bytes:
    body = _POSITION.pack(position) + payload
    return _HEAD.pack(len(body), zlib.crc32(body)) + body
