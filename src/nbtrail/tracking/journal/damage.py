"""Telling a journal that a crash cut short from one whose bytes have changed, and keeping the bytes of the latter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from nbtrail.tracking.journal import HEAD, ROWS

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED: Final = ".damaged"
_SEARCHED_BYTES: Final = 1 << 20


def damaged_at(data: bytes) -> int | None:
    """From which byte on a journal's segment is damaged; ``None`` for a whole one, and one that a crash cut short."""
    offset = 0
    while (end := _end_of_frame(data, offset)) is not None:
        offset = end
    if not any(data[offset:]):
        # A file that had grown when the power went may end in zeros.
        return None
    is_cut = offset + HEAD.size > len(data) or offset + HEAD.size + HEAD.unpack_from(data, offset)[0] > len(data)
    searched = range(offset + 1, min(len(data) - HEAD.size, offset + _SEARCHED_BYTES))
    goes_on = any(_end_of_frame(data, later) is not None for later in searched)
    return None if is_cut and not goes_on else offset


def set_aside(path: Path) -> Path:
    """Give a damaged segment a name under which nothing reads it; every byte is kept.

    Raises
    ------
    OSError
        It cannot be renamed.
    """
    return path.replace(path.with_name(path.name + DAMAGED))


def damaged_journals(folder: Path) -> tuple[Path, ...]:
    """The segments of a folder that were set aside."""
    return tuple(sorted(folder.glob(f"*{DAMAGED}")))


def _end_of_frame(data: bytes, offset: int) -> int | None:
    """Where the frame that begins here ends; ``None`` if there is no whole one."""
    begin = offset + HEAD.size
    if begin > len(data):
        return None
    length, checksum = HEAD.unpack_from(data, offset)
    if length < ROWS.size or begin + length > len(data):
        return None
    return begin + length if crc32(data[begin : begin + length]) == checksum else None
