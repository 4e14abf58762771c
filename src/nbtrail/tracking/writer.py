"""The writer: one thread that moves what happened from the journal into the store."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from nbtrail.changes import Receipt
from nbtrail.errors import NbtrailError
from nbtrail.tracking.values import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrail.changes import Change
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.journal import Journal

_GATHER_S = 0.1
"""How long changes gather before they are moved: a viewer sees them within this time."""
_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Pauses between attempts while the store is in trouble; the last one repeats."""
_BATCH = 5000
_OF_THE_RECORD = (TypeError, ValueError)
"""What a store raises because of what a record holds, and not because of the state that the store is in."""


class OnTrouble(Protocol):
    """Takes a message, and the error of the store that it is about, if one was."""

    def __call__(self, message: str, error: Exception | None = None, /) -> None:
        """Take it."""


class Writer:
    """Moves pending changes into the store in the background, in order, a batch a transaction.

    Parameters
    ----------
    open_store
        Opens the store for writing; called in the writer's thread, again after trouble.
    journal
        Where the changes stand until they are in the store; ``None`` where no journal could be made.
    on_trouble
        Called once with a message when the store stops taking changes, and never again until it has recovered.
    lock
        Held while the state changes; one that whoever holds it may take again.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        journal: Journal | None,
        *,
        on_trouble: OnTrouble,
        lock: threading.RLock,
    ) -> None:
        self._open_store = open_store
        self._journal = journal
        self._on_trouble = on_trouble
        self._state = threading.Condition(lock)
        self._job_came = threading.Condition(lock)
        self._pending: list[Change] = []
        self._jobs: list[Callable[[], None]] = []
        self._applied = 0
        self._closing = False
        self._urgent = False
        self._attempts = 0
        self._failures = 0
        self._store: Store | None = None
        self._thread: threading.Thread | None = None
        self._jobs_thread: threading.Thread | None = None

    def add(self, changes: tuple[Change, ...]) -> None:
        """Take changes that stand in the journal already."""
        with self._state:
            self._pending.extend(changes)
            self._start()
            if len(self._pending) == len(changes):
                self._state.notify_all()

    def count(self) -> int:
        """How many changes were ever added."""
        with self._state:
            return self._applied + len(self._pending)

    def run_later(self, job: Callable[[], None]) -> None:
        """Do something slow in a thread of its own: a viewer need not wait for it, nor the end of a run."""
        with self._state:
            self._jobs.append(job)
            # The thread stays: to start one takes a hundred times as long as to wake it, and runs may be short.
            is_started = self._jobs_thread is not None or self._start_jobs()
            self._job_came.notify_all()
        if not is_started:
            self._do_jobs()

    def flush(self, timeout_s: float, *, with_jobs: bool = True) -> bool:
        """Wait until everything added so far, and what the jobs add, is in the store; says whether it is."""
        deadline = time.monotonic() + timeout_s
        with self._state:
            attempts = self._attempts
            wanted: int | None = None
            while True:
                if wanted is None and not (with_jobs and self._jobs):
                    wanted = self._applied + len(self._pending)
                if wanted is not None and self._applied >= wanted:
                    return True
                left = deadline - time.monotonic()
                if left <= 0 or (self._failures and self._attempts > attempts):
                    return False
                self._urgent = True
                self._state.notify_all()
                self._state.wait(left)

    def close(self, timeout_s: float) -> bool:
        """Move what is left, then end the thread; says whether nothing is left over."""
        done = self.flush(timeout_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
            self._job_came.notify_all()
            ending = (self._thread, None if self._jobs else self._jobs_thread)
        for thread in ending:
            if thread is not None:
                thread.join(timeout_s)
        return done

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="nbtrail-writer", daemon=True)
            self._thread.start()

    def _start_jobs(self) -> bool:
        thread = threading.Thread(target=self._await_jobs, name="nbtrail-jobs", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no thread can begin any more while the interpreter exits
            return False
        self._jobs_thread = thread
        return True

    def _work(self) -> None:
        while self._wait_for_work():
            self._move_batch()
        if self._store is not None:
            self._store.close()

    def _wait_for_work(self) -> bool:
        with self._state:
            while not self._pending:
                if self._closing:
                    return False
                self._state.wait()
            pause_s = _RETRY_S[min(self._failures, len(_RETRY_S)) - 1] if self._failures else _GATHER_S
            deadline = time.monotonic() + pause_s
            while not (self._urgent or self._closing) and (left := deadline - time.monotonic()) > 0:
                self._state.wait(left)
            self._urgent = False
            return not (self._closing and self._failures)

    def _await_jobs(self) -> None:
        while not self._closing:
            self._do_jobs()
            with self._state:
                if not (self._jobs or self._closing):
                    self._job_came.wait()

    def _do_jobs(self) -> None:
        while True:
            with self._state:
                if not self._jobs:
                    return
                job = self._jobs[0]
            try:
                job()
            except Exception as error:  # noqa: BLE001 - a background look at the machine must not end anything
                self._on_trouble(f"a background task failed ({type(error).__name__}: {error}); the run goes on")
            with self._state:
                self._jobs.pop(0)
                self._state.notify_all()

    def _move_batch(self) -> None:
        with self._state:
            batch = self._pending[:_BATCH]
            target = self._applied + len(batch)
        if not batch:
            return
        try:
            store = self._store = self._store or self._open_store()
            self._apply(store, batch, target)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the records wait and the user's code goes on
            self._fail(error)
        else:
            self._settle(len(batch), target)

    def _apply(self, store: Store, batch: list[Change], target: int) -> None:
        try:
            store.apply(batch, receipt=self._receipt(target))
        except _OF_THE_RECORD:
            # One record that no store can take must not hold up those behind it for ever.
            for position, change in enumerate(batch, start=target - len(batch) + 1):
                self._apply_alone(store, change, position)

    def _apply_alone(self, store: Store, change: Change, position: int) -> None:
        try:
            store.apply([change], receipt=self._receipt(position))
        except _OF_THE_RECORD as error:
            self._on_trouble(f"one record was left out, because it cannot be stored ({error}): {shown(change)}")

    def _receipt(self, position: int) -> Receipt | None:
        return None if self._journal is None else Receipt(self._journal.id, position)

    def _settle(self, count: int, target: int) -> None:
        with self._state:
            del self._pending[:count]
            self._applied = target
            self._attempts += 1
            self._failures = 0
            left = bool(self._pending)
            self._state.notify_all()
        if self._journal is not None and not left:
            self._journal.clear_if_at(target)

    def _fail(self, error: Exception) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
        with self._state:
            self._attempts += 1
            self._failures += 1
            first = self._failures == 1
            self._state.notify_all()
        if first:
            what = str(error) if isinstance(error, NbtrailError) else f"{type(error).__name__}: {error}."
            where = self._journal.path if self._journal else "memory"
            self._on_trouble(
                f"{what} What is recorded waits in {where} until the store takes it; your code goes on.", error
            )
