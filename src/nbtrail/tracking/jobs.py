"""Slow work in a thread of its own: a viewer need not wait for it, nor the end of a run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from nbtrail.machine.threads import begin_thread

if TYPE_CHECKING:
    from collections.abc import Callable


_GATHER_S: Final = 0.1
"""How long jobs wait for others: of many short runs each would ask for the same, and would be slowed by it."""


class Jobs:
    """Does jobs one after the other in the background, soon.

    Parameters
    ----------
    on_trouble
        Takes a message when a job has failed.
    lock
        Held while the state changes; one that whoever holds it may take again.
    """

    def __init__(self, on_trouble: Callable[[str], None], lock: threading.RLock) -> None:
        self._on_trouble = on_trouble
        self._state = threading.Condition(lock)
        self._jobs: list[Callable[[], None]] = []
        self._urgent = False
        self._closing = False
        self._is_doing = False
        self._thread: threading.Thread | None = None

    def add(self, job: Callable[[], None]) -> None:
        """Do it soon."""
        with self._state:
            self._jobs.append(job)
            # The thread stays: to start one takes a hundred times as long as to wake it, and runs may be short.
            if self._thread is None:
                self._thread = begin_thread(self._await_jobs, "nbtrail-jobs")
            self._state.notify_all()
        if self._thread is None:
            self._do_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is done that was asked for so far, and what it asked for; says whether it is."""
        deadline_s = time.monotonic() + timeout_s
        if self._thread is None:
            self._do_all()
        with self._state:
            while self._jobs:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return False
                self._urgent = True
                self._state.notify_all()
                self._state.wait(left_s)
            return True

    def close(self, timeout_s: float) -> None:
        """End the thread once nothing is left to do."""
        with self._state:
            self._closing = True
            self._state.notify_all()
            thread = None if self._jobs else self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _await_jobs(self) -> None:
        while not self._closing:
            with self._state:
                while not (self._jobs or self._closing):
                    self._state.wait()
                due_s = time.monotonic() + _GATHER_S
                while not (self._urgent or self._closing) and (left_s := due_s - time.monotonic()) > 0:
                    self._state.wait(left_s)
                self._urgent = False
            self._do_all()

    def _do_all(self) -> None:
        """Do what there is, in one thread at a time: who comes meanwhile leaves its job to the one that is at it."""
        with self._state:
            if self._is_doing:
                return
            self._is_doing = True
        try:
            while self._do_next():
                pass
        except BaseException:
            with self._state:
                self._is_doing = False
            raise

    def _do_next(self) -> bool:
        with self._state:
            if not self._jobs:
                self._is_doing = False
                return False
            job = self._jobs[0]
        try:
            job()
        except Exception as error:  # noqa: BLE001 - a background look at the machine must not end anything
            self._on_trouble(f"a background task failed ({type(error).__name__}: {error}); the run goes on")
        finally:
            with self._state:
                self._jobs.pop(0)
                self._state.notify_all()
        return True
