"""Reading journals back: what was written, up to what is torn or damaged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final
from zlib import crc32

from nbtrail.changes import PointsLogged, SessionStarted
from nbtrail.tracking.journal import HEAD, LAYOUT, POINTS, POSITION, ROWS, SUFFIX
from nbtrail.tracking.journal.codec import decode, decode_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nbtrail.changes import Change, RowLayout
    from nbtrail.records import Session

_MOST_FRAMES: Final = 10_000
"""Of points that are read as one change."""
_LARGEST_HEAD: Final = 1 << 20
"""Bytes of a first frame: it describes one process. More is damage."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change read back from a journal; ``None`` stands for one that only a newer nbtrail understands."""

    position: int
    """Of the last row, where the change is points."""
    change: Change | None


@dataclass(frozen=True, slots=True)
class JournalFiles:
    """The segments of one process's journal."""

    id: str
    paths: tuple[Path, ...]
    """First to last."""

    def owner(self) -> Session | None:
        """Whose journal it is; ``None`` while it has no whole first frame.

        Raises
        ------
        OSError
            It is gone, or cannot be read.
        """
        with self.paths[0].open("rb") as file:
            head = file.read(HEAD.size)
            length = HEAD.unpack(head)[0] if len(head) == HEAD.size else 0
            first = next(_entries(head + file.read(min(length, _LARGEST_HEAD))), None)
        return first.change.session if first is not None and isinstance(first.change, SessionStarted) else None

    def written_s(self) -> float:
        """When it was last written (UTC seconds)."""
        return self.paths[-1].stat().st_mtime

    def entries(self, *, after: int = 0) -> Iterator[Entry]:
        """What stands in it beyond a position, in order. See ``read_journal``."""
        return read_journal(self.paths, after=after)

    def remove(self) -> None:
        """Remove the files, the last one first: what is left is whole up to where it ends."""
        for path in reversed(self.paths):
            path.unlink(missing_ok=True)


def journals_in(folder: Path) -> list[JournalFiles]:
    """The journals of a folder, by id; none where there is no such folder."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=_place)
    return [JournalFiles(journal_id, tuple(segments)) for journal_id, segments in groupby(paths, _id_of)]


def _place(path: Path) -> tuple[str, int, str]:
    """By journal, its first segment before the numbered ones."""
    return _id_of(path), path.name.count("."), path.name


def _id_of(path: Path) -> str:
    return path.name.partition(".")[0]


def read_journal(paths: Sequence[Path], *, after: int = 0, up_to: float = math.inf) -> Iterator[Entry]:
    """The whole frames of a journal's segments, in order.

    A segment is read up to its first frame that is torn or damaged. Rows of one layout that follow each other come as
    one change.

    Parameters
    ----------
    paths
        The segments, first to last.
    after, up_to
        What ends at the first position or before it, or beyond the second, is passed over.

    Raises
    ------
    OSError
        A segment is gone, or cannot be read.
    """
    for data, end in _stretches(paths):
        for entry in _entries(data, after=after, up_to=min(end, up_to)):
            after = entry.position
            yield entry


def _stretches(paths: Sequence[Path]) -> Iterator[tuple[bytes, float]]:
    """The segments, each with the last position that counts in it.

    Where a call was interrupted at the end of a segment, the first one of the next took its positions.
    """
    data: bytes | None = None
    head = 0
    for path in paths:
        later = path.read_bytes()
        if data is None:
            data, head = later, next((frame.last for frame in _frames(later)), 0)
            continue
        begin = next((frame.first for frame in _frames(later) if frame.first > head), None)
        if begin is not None:
            yield data, begin - 1
            data = later
    if data is not None:
        yield data, math.inf


@dataclass(frozen=True, slots=True)
class _Frame:
    """One whole frame."""

    first: int
    last: int
    """Positions."""
    layout: RowLayout | None
    content: bytes
    """Rows where there is a layout, else a change."""


def _entries(data: bytes, *, after: int = 0, up_to: float = math.inf) -> Iterator[Entry]:
    frames = [frame for frame in _in_force(_frames(data)) if after < frame.last <= up_to]
    for layout, alike in groupby(frames, lambda frame: frame.layout):
        if layout is None:
            yield from (Entry(frame.last, decode(frame.content)) for frame in alike)
        else:
            yield from _joined(layout, alike)


def _in_force(frames: Iterable[_Frame]) -> list[_Frame]:
    """Without those whose call was interrupted: the next call took the same positions again."""
    kept: list[_Frame] = []
    for frame in frames:
        while kept and kept[-1].last >= frame.first:
            kept.pop()
        kept.append(frame)
    return kept


def _joined(layout: RowLayout, frames: Iterable[_Frame]) -> Iterator[Entry]:
    rows: list[bytes] = []
    last = 0
    for frame in frames:
        if rows and (frame.first != last + 1 or len(rows) >= _MOST_FRAMES):
            yield Entry(last, PointsLogged(layout, b"".join(rows)))
            rows = []
        rows.append(frame.content)
        last = frame.last
    yield Entry(last, PointsLogged(layout, b"".join(rows)))


def _frames(data: bytes) -> Iterator[_Frame]:
    layouts: dict[int, RowLayout | None] = {}
    for body in _bodies(data):
        kind = body[POSITION.size : POSITION.size + 1]
        if kind not in {LAYOUT, POINTS}:
            (position,) = POSITION.unpack_from(body)
            yield _Frame(position, position, None, body[POSITION.size :])
            continue
        position, _, number = ROWS.unpack_from(body)
        content = body[ROWS.size :]
        if kind == LAYOUT:
            layouts[number] = decode_layout(content)
        elif (layout := layouts.get(number)) is not None:
            yield _Frame(position - len(content) // layout.row_bytes + 1, position, layout, content)


def _bodies(data: bytes) -> Iterator[bytes]:
    """What the frames hold, up to the first that is torn or damaged."""
    offset = 0
    while offset + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, offset)
        body = data[offset + HEAD.size : offset + HEAD.size + length]
        if length < ROWS.size or len(body) < length or crc32(body) != checksum:
            return
        yield body
        offset += HEAD.size + length
