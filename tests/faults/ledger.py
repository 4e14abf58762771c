"""What a process was told is kept, noted where a kill cannot reach: in a mapped file, one number a slot."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SLOTS = 1024
PHASE, STARTED, FINISHED = 0, 1, 2
"""What the process was doing; how many runs it started, and finished."""
READS, SEEN, STOP = 3, 4, 5
"""How often a viewer has read, what it saw last, and whether it is to stop."""
_OF_RUNS = 8
_PER_RUN = 4
_POINTS, _PARAMS, _ARTIFACTS = 0, 1, 2


class Ledger:
    """Numbers that one process sets and another reads, each whole at any moment."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8 * SLOTS))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8 * SLOTS)
        self._slots = memoryview(self._map).cast("Q")

    def __getitem__(self, slot: int) -> int:
        return self._slots[slot]

    def __setitem__(self, slot: int, number: int) -> None:
        self._slots[slot] = number

    def close(self) -> None:
        self._slots.release()
        self._map.close()


def points_of(run: int) -> int:
    """The slot that counts the points of a run for which ``log`` has returned."""
    return _OF_RUNS + _PER_RUN * run + _POINTS


def params_of(run: int) -> int:
    """The slot that counts a run's params."""
    return _OF_RUNS + _PER_RUN * run + _PARAMS


def artifacts_of(run: int) -> int:
    """The slot that counts a run's artifacts."""
    return _OF_RUNS + _PER_RUN * run + _ARTIFACTS
