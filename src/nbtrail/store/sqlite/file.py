"""Reading the pages of an SQLite file without SQLite, so that damage to some does not hide the others.

The format is described in https://www.sqlite.org/fileformat2.html. What does not make sense is passed over: nothing
here raises because of what a file holds.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

Value: TypeAlias = int | float | str | bytes | None
Row: TypeAlias = tuple[Value, ...]

_MAGIC: Final = b"SQLite format 3\0"
_HEADER_BYTES: Final = 100
_USUAL_PAGE_BYTES: Final = 4096
_LEAST_PAGE_BYTES: Final = 512
_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
_KINDS: Final = {_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR}
_LONGEST_CHAIN: Final = 1 << 20
_INT_BYTES: Final = (0, 1, 2, 3, 4, 6, 8)
_FLOAT, _ZERO, _ONE, _FIRST_TEXT = 7, 8, 9, 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a tree."""

    number: int
    is_table: bool
    """Of a table with row ids; else of an index, or of a table without them."""
    children: tuple[int, ...]
    rows: tuple[Row, ...]
    broken: int
    """Cells that could not be read."""


class DatabaseFile:
    """The pages of an SQLite file.

    Parameters
    ----------
    data
        All bytes of the file.
    """

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        self._has_head = data[: len(_MAGIC)] == _MAGIC and len(data) > _HEADER_BYTES
        self.page_bytes = _page_bytes(data) if self._has_head else _USUAL_PAGE_BYTES
        self._usable = self.page_bytes - (data[20] if self._has_head else 0)
        self.count = len(data) // self.page_bytes

    def free_pages(self) -> set[int]:
        """Pages that hold nothing any more, as far as the list of them can be followed."""
        free: set[int] = set()
        trunk = self._number(32) if self._has_head else 0
        while 0 < trunk <= self.count and trunk not in free:
            free.add(trunk)
            start = (trunk - 1) * self.page_bytes
            leaves = min(self._number(start + 4), self._usable // 4 - 2)
            free.update(self._number(start + 8 + 4 * index) for index in range(leaves))
            trunk = self._number(start)
        return free

    def page(self, number: int) -> Page | None:
        """A page of a tree; ``None`` for one that is none, or whose head is damaged."""
        if not 0 < number <= self.count:
            return None
        start = (number - 1) * self.page_bytes
        head = start + (_HEADER_BYTES if number == 1 else 0)
        kind = self._data[head]
        cells = int.from_bytes(self._data[head + 3 : head + 5], "big")
        is_interior = kind in {_TABLE_INTERIOR, _INDEX_INTERIOR}
        pointers = head + (12 if is_interior else 8)
        if kind not in _KINDS or cells > self._usable // 4 or pointers + 2 * cells > start + self.page_bytes:
            return None
        children, rows, broken = [], [], 0
        for index in range(cells):
            offset = int.from_bytes(self._data[pointers + 2 * index : pointers + 2 * index + 2], "big")
            if not head - start + 8 <= offset < self._usable:
                broken += 1
                continue
            cell = start + offset
            if is_interior:
                children.append(self._number(cell))
                cell += 4
            if kind != _TABLE_INTERIOR:
                row = self._row(cell, is_table=kind == _TABLE_LEAF)
                broken += row is None
                rows += [row] if row is not None else []
        if is_interior:
            children.append(self._number(head + 8))
        return Page(number, kind in {_TABLE_LEAF, _TABLE_INTERIOR}, tuple(children), tuple(rows), broken)

    def tree(self, root: int) -> Iterator[Page]:
        """The pages of a tree that can be reached from its root."""
        waiting, seen = [root], set()
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            page = self.page(number)
            if page is not None:
                yield page
                waiting.extend(reversed(page.children))

    def _row(self, cell: int, *, is_table: bool) -> Row | None:
        try:
            size, cell = self._varint(cell)
            if is_table:
                _, cell = self._varint(cell)
            payload = self._payload(cell, size, is_table=is_table)
            return None if payload is None else _values(payload)
        except (IndexError, ValueError, struct.error):
            return None

    def _payload(self, cell: int, size: int, *, is_table: bool) -> bytes | None:
        usable = self._usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if size > len(self._data):
            return None
        if size <= most:
            return self._data[cell : cell + size]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        if local > most:
            local = least
        parts, have = [self._data[cell : cell + local]], local
        following, steps = self._number(cell + local), 0
        while have < size:
            if not 0 < following <= self.count or steps > _LONGEST_CHAIN:
                return None
            start = (following - 1) * self.page_bytes
            part = self._data[start + 4 : start + 4 + min(usable - 4, size - have)]
            parts.append(part)
            have += len(part)
            following, steps = self._number(start), steps + 1
        return b"".join(parts)

    def _number(self, offset: int) -> int:
        return int.from_bytes(self._data[offset : offset + 4], "big")

    def _varint(self, offset: int) -> tuple[int, int]:
        return _varint(self._data, offset)


def _page_bytes(data: bytes | mmap) -> int:
    told = int.from_bytes(data[16:18], "big")
    size = 65536 if told == 1 else told
    return size if size >= _LEAST_PAGE_BYTES and size & (size - 1) == 0 else _USUAL_PAGE_BYTES


def _varint(data: bytes | mmap, offset: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for index in range(8):
        byte = data[offset + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return value, offset + index + 1
    return value << 8 | data[offset + 8], offset + 9


def _values(payload: bytes) -> Row | None:
    """The columns of a record; ``None`` if it is not one that fills its bytes exactly."""
    head, offset = _varint(payload, 0)
    if head > len(payload):
        return None
    position, values = head, []
    while offset < head:
        kind, offset = _varint(payload, offset)
        length = _length(kind)
        if length is None or position + length > len(payload):
            return None
        values.append(_value(kind, payload[position : position + length]))
        position += length
    return tuple(values) if position == len(payload) else None


def _length(kind: int) -> int | None:
    if kind < len(_INT_BYTES):
        return _INT_BYTES[kind]
    if kind == _FLOAT:
        return 8
    if kind in {_ZERO, _ONE}:
        return 0
    return (kind - _FIRST_TEXT) // 2 if kind >= _FIRST_TEXT else None


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind < len(_INT_BYTES):
        return int.from_bytes(data, "big", signed=True)
    if kind == _FLOAT:
        number: float = struct.unpack(">d", data)[0]
        return number
    if kind in {_ZERO, _ONE}:
        return kind - _ZERO
    return data.decode("utf-8") if kind % 2 else data
