"""The writer: one thread that moves what happened from the journal into the store."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from nbtrail.changes import Receipt
from nbtrail.errors import InputError, NbtrailError
from nbtrail.machine.threads import begin_thread
from nbtrail.tracking.values import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.changes import Change
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.backlog import Backlog, Batch
    from nbtrail.tracking.journal import Journal

_GATHER_S: Final = 0.1
"""How long changes gather before they are moved: a viewer sees them within this time."""
_RETRY_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Pauses between attempts while the store is in trouble; the last one repeats."""
BEAT_S: Final = 30.0
"""How often a process gives a sign of life; only other machines rely on it."""


class Source(Protocol):
    """Whose changes are moved."""

    def open_store(self) -> Store:
        """Open the store for writing; called in the writer's thread, and again after trouble."""

    def hear(self, message: str, error: Exception | None = None, /) -> None:
        """Take a message about trouble, and the error of the store, if one was. Trouble that lasts is told once."""

    def moved(self, changes: Sequence[Change], store: Store) -> None:
        """Hear that changes are in the store."""

    def signs_of_life(self) -> Sequence[Change]:
        """What says that the process is still there; nothing where nobody needs to know."""

    def begin_again(self) -> Sequence[Change]:
        """The files were deleted or replaced: what a store has to know of that which goes on."""


class Writer:
    """Moves the backlog into the store in the background, in order, a batch a transaction.

    Parameters
    ----------
    source
        Whose changes they are.
    backlog
        What waits to be moved.
    journal
        Where it stands until it is in the store; ``None`` where no journal could be made.
    lock
        Held while the state changes; one that whoever holds it may take again.
    beat_s
        How often a sign of life is given.
    """

    def __init__(
        self, source: Source, backlog: Backlog, journal: Journal | None, *, lock: threading.RLock, beat_s: float
    ) -> None:
        self._source = source
        self._backlog = backlog
        self._journal = journal
        self._lock = lock
        self._state = threading.Condition(lock)
        self._closing = False
        self._urgent = False
        self._attempts = 0
        self._failures = 0
        self._next_beat_s = time.monotonic() + beat_s
        self._beat_s = beat_s
        self._store: Store | None = None
        self._thread: threading.Thread | None = None
        self._mover: int | None = None
        """The thread of a caller that moves what waits, while none of our own can begin."""

    def wake(self) -> None:
        """Something is there to be moved."""
        with self._state:
            if self._thread is None and self._mover is None:
                self._thread = begin_thread(self._work, "nbtrail-writer")  # where none can begin, ``flush`` moves
            self._state.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything added so far is in the store; says whether it is."""
        deadline_s = time.monotonic() + timeout_s
        if self._thread is None:
            self._move_here(deadline_s)
        with self._state:
            attempts, wanted = self._attempts, self._backlog.position
            while self._backlog.applied < wanted:
                left_s = deadline_s - time.monotonic()
                is_alone = self._thread is None and self._mover in {None, threading.get_ident()}
                if left_s <= 0 or is_alone or (self._failures and self._attempts > attempts):
                    return False
                self._urgent = True
                self._state.notify_all()
                self._state.wait(left_s)
            return True

    def has_room(self) -> bool:
        """Whether the backlog can take more; if not, the disk is slower than the user's loop."""
        with self._state:
            is_alone = self._thread is None  # nobody will make room
            has_room = self._backlog.has_room(store_is_in_trouble=is_alone or self._failures > 0)
            if self._closing or is_alone or has_room:
                return True
            self._urgent = True
            self._state.notify_all()
            return False

    def wait(self, timeout_s: float) -> None:
        """Wait until something has been moved, or could not be."""
        with self._state:
            self._state.wait(timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Move what is left, then end the thread; says whether nothing is left over."""
        done = self.flush(timeout_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
        else:
            self._close_store()
        return done

    def _work(self) -> None:
        while self._wait_for_work():
            self._move_batch()
            self._give_sign_of_life()
        self._close_store()

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _move_here(self, deadline_s: float) -> None:
        """Move what was added so far in the caller's thread, unless another is at it or a handler came in between."""
        with self._state:
            if self._mover is not None:
                return
            self._mover = threading.get_ident()
            wanted, failures = self._backlog.position, self._failures
        try:
            while self._backlog.applied < wanted and self._failures == failures and time.monotonic() < deadline_s:
                self._move_batch()
        finally:
            with self._state:
                self._mover = None
                self._state.notify_all()

    def _wait_for_work(self) -> bool:
        with self._state:
            while self._backlog.is_empty:
                if self._closing:
                    return False
                if (left_s := self._next_beat_s - time.monotonic()) <= 0:
                    return True
                self._state.wait(left_s)
            pause_s = _RETRY_S[min(self._failures, len(_RETRY_S)) - 1] if self._failures else _GATHER_S
            # Not by a deadline of our own: libraries that fake the time let the clock of a user's process stand still.
            self._state.wait_for(lambda: self._urgent or self._closing, pause_s)
            self._urgent = False
            return not (self._closing and self._failures)

    def _move_batch(self) -> None:
        try:
            batch = self._backlog.next_batch()
            if batch.changes:
                store = self._ready_store()
                self._apply(store, batch)
                self._source.moved(batch.changes, store)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the records wait and the user's code goes on
            self._fail(error)
        else:
            with self._state:
                self._backlog.settle(batch)
                self._attempts += 1
                self._failures = 0
                self._state.notify_all()

    def _give_sign_of_life(self) -> None:
        if time.monotonic() < self._next_beat_s:
            return
        self._next_beat_s = time.monotonic() + self._beat_s
        signs = self._source.signs_of_life()
        if not signs or self._failures:
            return
        try:
            self._ready_store().apply(signs)
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(error)

    def _ready_store(self) -> Store:
        """The store, opened, and aware of what goes on."""
        if self._store is not None and not self._store.is_in_place():
            store, self._store = self._store, None
            store.close()
        if self._store is not None and self._has_journal():
            return self._store
        store = self._store = self._store or self._source.open_store()
        # One that has less than was moved is another one, or an earlier one, under the same name.
        has_all = self._journal is None or store.applied(self._journal.id) >= self._backlog.applied
        if not (has_all and self._has_journal()):
            store.apply(self._source.begin_again())
        return store

    def _has_journal(self) -> bool:
        with self._lock:
            return self._journal is None or self._journal.is_there()

    def _apply(self, store: Store, batch: Batch) -> None:
        try:
            store.apply(batch.changes, receipt=self._receipt(batch.positions))
        except InputError:
            # One record that no store can take must not hold up those behind it for ever.
            for change, position in zip(batch.changes, batch.positions, strict=True):
                self._apply_alone(store, change, position)

    def _apply_alone(self, store: Store, change: Change, position: int) -> None:
        try:
            store.apply([change], receipt=self._receipt((position,)))
        except InputError as error:
            store.apply([], receipt=self._receipt((position,)))
            self._source.hear(f"one record was left out, because it cannot be stored ({error}): {shown(change)}")

    def _receipt(self, positions: tuple[int, ...]) -> Receipt | None:
        return None if self._journal is None else Receipt(self._journal.id, positions)

    def _fail(self, error: Exception) -> None:
        self._close_store()
        with self._state:
            self._attempts += 1
            self._failures += 1
            first = self._failures == 1
            self._state.notify_all()
        if first:
            what = str(error) if isinstance(error, NbtrailError) else f"{type(error).__name__}: {error}."
            where = self._journal.path if self._journal else "memory"
            self._source.hear(
                f"{what} What is recorded waits in {where} until the store takes it; your code goes on.", error
            )
