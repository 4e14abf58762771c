"""The journal: what happened but is not in the store yet, in files that outlive the process.

A journal is a row of segments, ``ID.journal``, ``ID.000001.journal``, …, each of frames ``length (u32) · crc32 (u32) ·
position (u64) · payload``, little-endian; the checksum covers position and payload. The payload's first byte says what
it is:

- ``[``  one change as JSON, at ``position``;
- ``L``  a number (u32) and the layout of rows (JSON) that it stands for in this segment; it has no position;
- ``P``  the number (u32) of a layout and rows of points, the last one at ``position``.

Each call is one ``write``, so that what it brings is in the system's page cache when it returns. The first frame, which
says whose journal it is, stands at the head of every segment. A torn or damaged tail is cut, never guessed;
``reading`` reads.
"""

from __future__ import annotations

import errno
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

from nbtrail.changes import PointsLogged, positions_of
from nbtrail.tracking.journal.codec import encode, encode_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.changes import Change, RowLayout
    from nbtrail.project import Project
    from nbtrail.tracking.rows import RowShape

SUFFIX: Final = ".journal"
HEAD: Final = struct.Struct("<II")
POSITION: Final = struct.Struct("<Q")
ROWS: Final = struct.Struct("<QcI")
"""What stands before rows: position, kind and the number of their layout."""
LAYOUT: Final = b"L"
POINTS: Final = b"P"
SEGMENT_BYTES: Final = 16 << 20


class Journal:
    """One process's journal. Its callers see to it that only one thread at a time is in it.

    Parameters
    ----------
    path
        The first segment; it is made, and must not be there.
    segment_bytes
        From here on a new segment begins, so that one whose content is in the store can go while the journal goes on.

    Raises
    ------
    OSError
        The file cannot be made.
    """

    def __init__(self, path: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.path = path
        """Of the segment that is written."""
        self.id = path.name.removesuffix(SUFFIX)
        self.position = 0
        """The position of the last change that was written."""
        self._segment = object()
        """Another one for each segment: the numbers of layouts count in one only."""
        self._first_path = path
        self._head = b""
        self._numbers: dict[RowLayout, int] = {}
        self._full: list[tuple[Path, int]] = []
        """Segments that are no longer written, each with its last position."""
        self._segment_bytes = segment_bytes
        self._segments = 0
        self._size = 0
        self._fd = _create(path)

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
        position = end - sum(map(positions_of, changes))
        frames = []
        for change in changes:
            position += positions_of(change)
            frames.append(self._frame(change, position))
        self._write(b"".join(frames))
        self.position = end
        self._head = self._head or b"".join(frames)
        self._begin_segment_if_full()

    def append_row(self, shape: RowShape, cells: Sequence[float], position: int) -> bytes:
        """Write down one row of points, and return it as it stands in its frame, from ``ROWS`` on.

        Raises
        ------
        OSError
            As for ``append``.
        struct.error
            A step has no place in 64 bits.
        """
        if shape.segment is not self._segment:
            shape.number, shape.segment = self._number_of(shape.layout), self._segment
        row = shape.pack(position, POINTS, shape.number, *cells)
        frame = HEAD.pack(len(row), crc32(row)) + row
        written = os.write(self._fd, frame)
        if written != len(frame):
            self._cut(written, of=frame)
        self.position = position
        self._size += len(frame)
        if self._size > self._segment_bytes:
            self._begin_segment_if_full()
        return row

    def release(self, position: int) -> None:
        """Let go of what ends at ``position`` or before it: it is in the store."""
        while self._full and self._full[0][1] <= position:
            path, _ = self._full.pop(0)
            with suppress(OSError):
                path.unlink(missing_ok=True)
        if self.position != position or self._fd < 0 or self._size <= len(self._head):
            return
        # What stays is in the store already, and its position says so to whoever reads it again.
        with suppress(OSError):
            os.ftruncate(self._fd, len(self._head))
            self._forget_numbers(len(self._head))

    def is_there(self) -> bool:
        """Whether the file that is written is still the one under its name."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._fd))
        except OSError:
            return False

    def renew(self) -> None:
        """Begin again under the first name, because somebody took the files away; what they held is forgotten.

        Raises
        ------
        OSError
            The file cannot be made.
        """
        self._go_on_in(self._first_path, full=[])

    @property
    def paths(self) -> tuple[Path, ...]:
        """The segments, first to last."""
        return (*(path for path, _ in self._full), self.path)

    def close(self, *, remove: bool) -> None:
        """Let go of the files, and remove them if all that is in them is in the store."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        os.close(fd)
        if remove:
            for path in self.paths:
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _number_of(self, layout: RowLayout) -> int:
        """What stands for a layout in this segment; written down when it is new."""
        number = self._numbers.get(layout)
        if number is None:
            number, frame = self._defined(layout)
            self._write(frame)
            self._numbers[layout] = number
        return number

    def _frame(self, change: Change, position: int) -> bytes:
        if not isinstance(change, PointsLogged):
            return frame_of(POSITION.pack(position) + encode(change))
        number, definition = self._numbers.get(change.layout), b""
        if number is None:
            # Not noted: if this cannot be written, the number was never given.
            number, definition = self._defined(change.layout)
        return definition + frame_of(ROWS.pack(position, POINTS, number) + change.rows)

    def _defined(self, layout: RowLayout) -> tuple[int, bytes]:
        number = len(self._numbers)
        return number, frame_of(ROWS.pack(0, LAYOUT, number) + encode_layout(layout))

    def _write(self, frames: bytes) -> None:
        written = os.write(self._fd, frames)
        if written != len(frames):
            self._cut(written, of=frames)
        self._size += len(frames)

    def _cut(self, written: int, *, of: bytes) -> None:
        """Take back what was only half written."""
        # An interrupt may have kept ``_size`` behind: the file itself knows.
        os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
        msg = f"only {written} of {len(of)} bytes fitted into {self.path}"
        raise OSError(errno.ENOSPC, msg)

    def _begin_segment_if_full(self) -> None:
        if self._size <= self._segment_bytes:
            return
        # Counted at once: what an interrupt leaves half made keeps its name, and holds up none after it.
        self._segments += 1
        path = self._first_path.with_name(f"{self.id}.{self._segments:06d}{SUFFIX}")
        with suppress(OSError):  # the one that is full takes more
            self._go_on_in(path, full=[*self._full, (self.path, self.position)])

    def _go_on_in(self, path: Path, *, full: list[tuple[Path, int]]) -> None:
        """Write in a new file, once that says whose it is.

        An interrupt may come between any two steps: what is written to is never a number that was closed, which the
        next file that somebody opens would get; and none of the numbers of layouts gets into the new file.
        """
        fd = _create(path)
        try:
            _write_whole(fd, self._head)
        except BaseException:
            os.close(fd)
            path.unlink(missing_ok=True)
            raise
        before = self._fd
        self._forget_numbers(len(self._head))
        self._fd, self.path, self._full = fd, path, full
        os.close(before)

    def _forget_numbers(self, size: int) -> None:
        self._segment = object()  # first: a shape must not go on with a number that another layout gets
        self._numbers = {}
        self._size = size


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


def frame_of(body: bytes) -> bytes:
    """A frame around a position and its payload."""
    return HEAD.pack(len(body), crc32(body)) + body


def _write_whole(fd: int, data: bytes) -> None:
    if os.write(fd, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _create(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
