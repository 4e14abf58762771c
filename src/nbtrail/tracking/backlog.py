"""What waits to be moved into the store: in memory, or, when that would be too much, in the journal alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from nbtrail.changes import Change, positions_of
from nbtrail.tracking.journal_reading import read_journal
from nbtrail.tracking.rows import rows_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from nbtrail.changes import RowLayout
    from nbtrail.tracking.journal import Journal

Item: TypeAlias = "tuple[int, RowLayout | None, Change | bytes]"
"""A position, and a change, or the layout of a row that was packed for the journal and that row."""
MOST_WAITING: Final = 100_000
"""Items in memory; a row of three metrics takes some 200 bytes."""
_MOST_WITHOUT_JOURNAL: Final = 1_000_000
_BATCH: Final = 20_000
"""Items of one transaction: others want to write as well."""
_BATCH_FROM_JOURNAL: Final = 200_000
"""More: to read part of a segment takes as long as to read it all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes to move in one transaction, each with its position."""

    changes: list[Change]
    positions: tuple[int, ...]
    last: int
    """The position that the store has reached once the changes are in it."""


class Backlog:
    """Changes in the order of their positions: those beyond ``applied`` are not in the store yet.

    Parameters
    ----------
    journal
        Where the changes stand as well; ``None`` where no journal could be made.
    lock
        Held wherever the state changes. ``add`` leaves that to its caller.
    most_waiting
        How many items may wait in memory while the journal has them too.
    """

    def __init__(self, journal: Journal | None, lock: threading.RLock, *, most_waiting: int = MOST_WAITING) -> None:
        self.position = 0
        """Of the last change that was added."""
        self.applied = 0
        self.is_in_journal = journal is not None
        """Whether the journal has all that waits."""
        self._journal = journal
        self._lock = lock
        self._most_waiting = most_waiting
        self._waiting: list[Item] = []
        self._moving: list[Item] = []

    def add(self, position: int, layout: RowLayout | None, content: Change | bytes) -> int:
        """Take an item that follows those that wait; says how many wait in memory now."""
        self.position = position
        self._waiting.append((position, layout, content))
        return len(self._waiting)

    @property
    def waiting_count(self) -> int:
        """How many items wait in memory."""
        return len(self._waiting)

    @property
    def is_empty(self) -> bool:
        """Whether all is in the store."""
        return self.applied >= self.position

    def has_room(self, *, store_is_in_trouble: bool) -> bool:
        """Whether more can be taken at once. While the store is in trouble the journal alone keeps what waits."""
        with self._lock:
            if len(self._waiting) <= self._most_waiting:
                return True
            if store_is_in_trouble and self.is_in_journal:
                self._waiting = []
                return True
            return store_is_in_trouble and len(self._waiting) <= _MOST_WITHOUT_JOURNAL

    def next_batch(self) -> Batch:
        """What is to be moved next, again and again the same until ``settle``; empty when nothing is left."""
        with self._lock:
            if not self._moving:
                before = _before(self._waiting[0]) if self._waiting else self.position
                if self._journal is not None and before > self.applied:
                    return self._from_journal(self._journal, before)
                self._moving, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            return _batch_of(self._moving) if self._moving else Batch([], (), self.position)

    def settle(self, batch: Batch) -> None:
        """Note that a batch is in the store, and let the journal go as far as that allows."""
        with self._lock:
            self._moving = []
            self.applied = batch.last
            if self.is_empty:
                self.is_in_journal = self._journal is not None
            if self._journal is not None:
                self._journal.release(self.applied)

    def changes(self) -> Iterator[tuple[int, Change]]:
        """All that is in memory, each with its position, to write it down once more."""
        batch = _batch_of([*self._moving, *self._waiting])
        yield from zip(batch.positions, batch.changes, strict=True)

    def _from_journal(self, journal: Journal, last: int) -> Batch:
        """What memory does not hold any more, or never did: the call that brought it may have been interrupted."""
        changes: list[Change] = []
        positions: list[int] = []
        with suppress(OSError):
            for entry in read_journal(journal.paths, after=self.applied, up_to=last):
                if entry.change is not None:
                    changes.append(entry.change)
                    positions.append(entry.position)
                if entry.position - self.applied >= _BATCH_FROM_JOURNAL:
                    break
        return Batch(changes, tuple(positions), positions[-1] if positions else last)


def _before(item: Item) -> int:
    """The position before those of an item."""
    position, layout, content = item
    return position - (1 if layout is not None else positions_of(cast("Change", content)))


def _batch_of(items: list[Item]) -> Batch:
    changes: list[Change] = []
    positions: list[int] = []
    for layout, alike in groupby(items, key=itemgetter(1)):
        if layout is None:
            for position, _, change in alike:
                changes.append(cast("Change", change))
                positions.append(position)
        else:
            waiting = list(alike)
            changes.append(rows_of(layout, [cast("bytes", row) for _, _, row in waiting]))
            positions.append(waiting[-1][0])
    return Batch(changes, tuple(positions), positions[-1] if positions else 0)
