"""What a cell prints, as the user ends up seeing it, and never more of it than is kept."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

STREAM_CHARS: Final = 64_000
"""Of each stream of a cell, so much is kept: the beginning and the end."""
_HALF: Final = STREAM_CHARS // 2
_MOVES: Final = re.compile(r"[\r\b\n]|[^\r\b\n]+")
_TORN_END: Final = re.compile(r"(?<=\s)\S{1,400}\Z")
_TORN_BEGINNING: Final = re.compile(r"\A\S{1,400}(?=\s)")
"""Words that the cut goes through are left out whole: half a secret would not be known as one."""


@dataclass(slots=True)
class Piece:
    """A stretch of one stream, up to the next output of another kind."""

    name: str
    length: int = 0
    """Characters as they came, of which a progress line overwrites most."""
    _head: str = ""
    _tail: str = ""
    _left_out: int = 0
    _line: str = ""
    """The last line; a carriage return may still take the cursor back into it."""
    _cursor: int = 0

    def text(self) -> tuple[str, bool]:
        """What is kept of it, and whether something was left out."""
        if not self._left_out:
            return f"{self._head}{self._tail}{self._line}", False
        head, tail = _TORN_END.sub("", self._head), _TORN_BEGINNING.sub("", self._tail)
        left_out = self._left_out + len(self._head) - len(head) + len(self._tail) - len(tail)
        return f"{head}\n[… {left_out:,} characters left out …]\n{tail}{self._line}", True

    def type_in(self, text: str) -> str:
        """Take text as a terminal does, and give the lines that are done."""
        self.length += len(text)
        at_end = self._cursor == len(self._line)
        if at_end and "\r" not in text and "\b" not in text:
            done, newline, line = text.rpartition("\n")
            done = f"{self._line}{done}{newline}" if newline else ""
            self._line = line if newline else self._line + line
            self._cursor = len(self._line)
        else:
            done = "".join(self._move(part) for part in _MOVES.findall(text))
        if len(self._line) > _HALF:
            done, self._line, self._cursor = done + self._line, "", 0
        return done

    def _move(self, part: str) -> str:
        if part == "\n":
            done, self._line, self._cursor = f"{self._line}\n", "", 0
            return done
        if part == "\r":
            self._cursor = 0
        elif part == "\b":
            self._cursor = max(self._cursor - 1, 0)
        else:
            end = self._cursor + len(part)
            self._line = f"{self._line[: self._cursor]}{part}{self._line[end:]}"
            self._cursor = end
        return ""

    def keep(self, text: str, room: int) -> None:
        """Keep text at the beginning while there is room, then at the end."""
        self._head += text[:room]
        self._tail += text[room:]

    def trim(self, count: int) -> int:
        """Leave out so many characters of the end's beginning; gives how many there were to leave out."""
        gone = min(count, len(self._tail))
        self._tail = self._tail[gone:]
        self._left_out += gone
        return gone


@dataclass(slots=True)
class Stream:
    """One stream of one cell: the beginning and the end of all its pieces together."""

    _head: int = 0
    _tail: int = 0
    _ends: deque[Piece] = field(default_factory=deque)

    def add(self, piece: Piece, text: str) -> None:
        """Add text to a piece, which is the last one or a new one."""
        done = piece.type_in(text)
        room = _HALF - self._head
        piece.keep(done, room)
        self._head += min(len(done), room)
        self._tail += max(len(done) - room, 0)
        if not self._ends or self._ends[-1] is not piece:
            self._ends.append(piece)
        while self._tail > _HALF:
            self._tail -= self._ends[0].trim(self._tail - _HALF)
            if self._tail > _HALF:
                self._ends.popleft()


def shortened(text: str) -> tuple[str, bool]:
    """A text that is at most as long as a stream may be, and whether something was left out."""
    piece = Piece("")
    Stream().add(piece, f"{text}\n")
    kept, is_cut = piece.text()
    return kept.removesuffix("\n"), is_cut
