"""Seeing what a process does, and ending it there, with Python's own profiling hook: no code of nbtrail is changed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.ledger import PHASE

if TYPE_CHECKING:
    from types import FrameType

    from tests.faults.ledger import Ledger

PHASES = {
    "waiting for records": None,
    "making the store": ("sqlite/connection.py", "connect"),
    "in a transaction": ("sqlite/writes.py", "apply"),
    "merging chunks": ("sqlite/points.py", "_take_open"),
    "committing": ("sqlite/__init__.py", "execute"),
    "cutting the journal": ("journal/__init__.py", "ftruncate"),
    "removing a journal": ("journal/__init__.py", "unlink"),
}
"""What the writer's thread may be doing: the file and the function, of Python's or of a C call made there."""
_NUMBERS = {place: number for number, place in enumerate(PHASES.values())}
TOUCHING = frozenset(
    {
        "close", "connect", "execute", "executemany", "executescript", "fdatasync", "fsync", "ftruncate", "mkdir",
        "open", "remove", "rename", "replace", "unlink", "write",
    }
)  # fmt: skip
"""C functions that change what is on the disk, or that talk to SQLite."""


def note_phases(ledger: Ledger) -> None:
    """Let every thread that starts from now on note what it does for the store."""
    known: dict[tuple[str, str], int] = {}
    stack = [0]

    def note(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        name = code.co_name if event in {"call", "return"} else argument.__name__
        number = known.get(place := (code.co_filename, name))
        if number is None:
            file = "/".join(Path(code.co_filename).parts[-2:]) if "nbtrail" in code.co_filename else ""
            number = known[place] = _NUMBERS.get((file, name), 0)
        if number:
            if event in {"call", "c_call"}:
                stack.append(number)
            elif len(stack) > 1:
                stack.pop()
            ledger[PHASE] = stack[-1]

    threading.setprofile(note)


class Countdown:
    """Ends the process at the n-th time that nbtrail calls a function, in whichever thread.

    Parameters
    ----------
    name
        Of the function: one of ``TOUCHING``, or one of nbtrail's own, such as ``apply``.
    number
        Which call, from 1; one that never comes lets the process live.
    after
        Whether the call is done first.
    """

    def __init__(self, name: str, number: int, *, after: bool) -> None:
        self._name = name
        self._left = number
        self._events = {"c_return", "return"} if after else {"c_call", "call"}

    def start(self) -> None:
        threading.setprofile(self._look)
        sys.setprofile(self._look)

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if event not in self._events:
            return
        name = frame.f_code.co_name if event in {"call", "return"} else argument.__name__
        if name == self._name and "/nbtrail/" in frame.f_code.co_filename:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Census:
    """Counts how often nbtrail calls what ``Countdown`` could stop at."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def start(self) -> None:
        threading.setprofile(self._look)
        sys.setprofile(self._look)

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and argument.__name__ in TOUCHING and "/nbtrail/" in frame.f_code.co_filename:
            self.counts[argument.__name__] = self.counts.get(argument.__name__, 0) + 1
        elif event == "call" and frame.f_code.co_name in {"_take_open", "apply"} and self._is_own(frame):
            self.counts[frame.f_code.co_name] = self.counts.get(frame.f_code.co_name, 0) + 1

    @staticmethod
    def _is_own(frame: FrameType) -> bool:
        return "/nbtrail/" in frame.f_code.co_filename
