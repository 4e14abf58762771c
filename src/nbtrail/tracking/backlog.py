"""What waits to be moved into the store: in memory, or, when that would be too much, in the journal alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.changes import Change, positions_of
from nbtrail.tracking.journal.reading import read_journal
from nbtrail.tracking.rows import rows_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from nbtrail.changes import RowLayout
    from nbtrail.tracking.journal import Journal

MOST_WAITING: Final = 250_000
"""Changes in memory; a row of three metrics takes some 100 bytes."""
_MOST_WITHOUT_JOURNAL: Final = 1_000_000
_STRETCH: Final = 10_000
"""Rows that are taken together at most."""
_BATCH: Final = 20_000
"""Changes from which on a transaction takes no more: others want to write as well."""
_BATCH_FROM_JOURNAL: Final = 200_000
"""More: to read part of a segment takes as long as to read it all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes to move in one transaction, each with its position."""

    changes: list[Change]
    positions: tuple[int, ...]
    last: int
    """The position that the store has reached once the changes are in it."""


class _Stretch:
    """Rows of one layout that follow each other, as they were packed for the journal; or one other change.

    The rows are no objects of their own that Python's garbage collector would look through again and again.
    """

    __slots__ = ("change", "last", "layout", "rows")

    def __init__(self, last: int, layout: RowLayout | None = None, change: Change | None = None) -> None:
        self.last = last
        """The position of its last change."""
        self.layout = layout
        self.rows: list[bytes] = []
        self.change = change

    def __len__(self) -> int:
        return positions_of(self.change) if self.change is not None else len(self.rows)

    def as_change(self) -> Change:
        if self.change is not None:
            return self.change
        assert self.layout is not None
        return rows_of(self.layout, self.rows)


class Backlog:
    """Changes in the order of their positions: those beyond ``applied`` are not in the store yet.

    Parameters
    ----------
    journal
        Where the changes stand as well; ``None`` where no journal could be made.
    lock
        Held wherever the state changes. Who adds something sees to that himself.
    most_waiting
        How many changes may wait in memory while the journal has them too.
    """

    def __init__(self, journal: Journal | None, lock: threading.RLock, *, most_waiting: int = MOST_WAITING) -> None:
        self.position = 0
        """Of the last change that was added."""
        self.applied = 0
        self.waiting_count = 0
        """How many changes wait in memory, apart from those that are being moved."""
        self.is_in_journal = journal is not None
        """Whether the journal has all that waits."""
        self._journal = journal
        self._lock = lock
        self._most_waiting = most_waiting
        self._waiting: list[_Stretch] = []
        self._moving: list[_Stretch] = []

    def add_row(self, position: int, layout: RowLayout, row: bytes) -> None:
        """Take a row that was packed for the journal."""
        stretch = self._waiting[-1] if self._waiting else None
        if stretch is None or stretch.layout is not layout or len(stretch.rows) >= _STRETCH:
            stretch = _Stretch(position, layout)
            self._waiting.append(stretch)
        self.position = stretch.last = position
        stretch.rows.append(row)
        self.waiting_count += 1

    def add_change(self, position: int, change: Change) -> None:
        """Take a change whose last position this is."""
        self.position = position
        self._waiting.append(_Stretch(position, change=change))
        self.waiting_count += positions_of(change)

    @property
    def is_empty(self) -> bool:
        """Whether all is in the store."""
        return self.applied >= self.position

    def has_room(self, *, store_is_in_trouble: bool) -> bool:
        """Whether more can be taken at once. While the store is in trouble the journal alone keeps what waits."""
        with self._lock:
            if self.waiting_count <= self._most_waiting:
                return True
            if store_is_in_trouble and self.is_in_journal:
                self._waiting, self.waiting_count = [], 0
                return True
            return store_is_in_trouble and self.waiting_count <= _MOST_WITHOUT_JOURNAL

    def next_batch(self) -> Batch:
        """What is to be moved next, again and again the same until ``settle``; empty when nothing is left."""
        with self._lock:
            if not self._moving:
                before = self._waiting[0].last - len(self._waiting[0]) if self._waiting else self.position
                if self._journal is not None and before > self.applied:
                    return self._from_journal(self._journal, before)
                self._take()
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
        for stretch in (*self._moving, *self._waiting):
            yield stretch.last, stretch.as_change()

    def _take(self) -> None:
        count = stretches = 0
        while stretches < len(self._waiting) and count < _BATCH:
            count += len(self._waiting[stretches])
            stretches += 1
        self._moving, self._waiting = self._waiting[:stretches], self._waiting[stretches:]
        self.waiting_count -= count

    def _from_journal(self, journal: Journal, last: int) -> Batch:
        """What memory does not hold any more, or never did: the call that brought it may have been interrupted."""
        changes: list[Change] = []
        positions: list[int] = []
        with suppress(FileNotFoundError):  # somebody took the files away; any other trouble may pass
            for entry in read_journal(journal.paths, after=self.applied, up_to=last):
                if entry.change is not None:
                    changes.append(entry.change)
                    positions.append(entry.position)
                if entry.position - self.applied >= _BATCH_FROM_JOURNAL:
                    break
        return Batch(changes, tuple(positions), positions[-1] if positions else last)


def _batch_of(stretches: Sequence[_Stretch]) -> Batch:
    positions = tuple(stretch.last for stretch in stretches)
    return Batch([stretch.as_change() for stretch in stretches], positions, positions[-1])
