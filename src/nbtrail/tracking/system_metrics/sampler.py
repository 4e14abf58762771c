"""The sampler: one thread a process that measures the machine while runs are open."""

from __future__ import annotations

import os
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.machine.forks import unforked
from nbtrail.machine.threads import begin_thread
from nbtrail.notices import announce

if TYPE_CHECKING:
    from nbtrail.tracking.run import Run
    from nbtrail.tracking.system_metrics.machine import Machine, Reading

SWITCH: Final = "NBTRAIL_SYSTEM_METRICS"
"""``0`` in this variable of the environment switches the sampler off, whatever a project says."""
_FIRST_S: Final = 1.0
"""The first sample comes when a run is so old: shorter ones have none."""
_CLOSE_S: Final = 2.0
_CLOSE_UNTIL_S: Final = 60.0
"""A young run is sampled every two seconds, so that runs of a minute have a curve."""
_TOGETHER_S: Final = 0.5
"""What is due within so short a time shares a reading."""


@dataclass(slots=True)
class _Watched:
    run: Run
    interval_s: float
    began_s: float
    """On the monotonic clock, as is the next."""
    due_s: float
    start: Reading | None = None

    def advance(self, now_s: float) -> None:
        is_young = now_s - self.began_s < _CLOSE_UNTIL_S
        self.due_s = now_s + (min(_CLOSE_S, self.interval_s) if is_young else self.interval_s)


class Sampler:
    """Logs for each open run how busy processors, memory, disk, network and GPUs are.

    Its thread lives only while runs are watched.
    """

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._watched: dict[str, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._latest: Reading | None = None
        self._failed = False

    def watch(self, run: Run) -> None:
        """Sample from now on until the run ends, unless its project, or the environment, says no."""
        settings = run.project.settings()
        if not settings.system_metrics or os.environ.get(SWITCH, "").strip() == "0":
            return
        age_s = max(0.0, time.time() - run.started)
        now_s = time.monotonic()
        one = _Watched(run, settings.system_interval_s, now_s - age_s, now_s + max(0.0, _FIRST_S - age_s))
        with self._state:
            if run.status != "running" or self._failed:
                return
            self._watched[run.id] = one
            self._state.notify_all()
            if self._thread is None:
                self._thread = begin_thread(self._work, "nbtrail-system")

    def forget(self, run: Run) -> None:
        """The run has ended."""
        if run.id in self._watched:
            with self._state:
                self._watched.pop(run.id, None)
                self._state.notify_all()

    def _work(self) -> None:
        with unforked():
            from nbtrail.tracking.gpus import opened_gpus
            from nbtrail.tracking.system_metrics.machine import Machine

        try:
            with ExitStack() as opened:
                machine = Machine(lambda: opened.enter_context(opened_gpus()))
                # Of a thread before this one: what its machine read says nothing to this one's.
                self._latest = None
                while self._wait():
                    self._sample(machine)
        except Exception as error:  # noqa: BLE001 - measuring must not end anything; it ends itself
            with self._state:
                self._failed = True
                self._watched.clear()
            announce(f"system metrics are off from here on ({type(error).__name__}: {error}); the run goes on.")

    def _wait(self) -> bool:
        """Wait until a run is new or a sample is due; says whether any run is left."""
        with self._state:
            while self._watched:
                left_s = min(one.due_s for one in self._watched.values()) - time.monotonic()
                if left_s <= 0 or any(one.start is None for one in self._watched.values()):
                    return True
                self._state.wait(left_s)
            # Under the lock: a run that comes now finds no thread and starts another.
            self._thread = None
            return False

    def _sample(self, machine: Machine) -> None:
        now_s = time.monotonic()
        with self._state:
            new = [one for one in self._watched.values() if one.start is None]
            due = [one for one in self._watched.values() if one.start is not None and one.due_s <= now_s + _TOGETHER_S]
            for one in due:
                one.advance(now_s)
        # Runs that begin in quick succession must not make a reading each.
        if due or self._latest is None or now_s - self._latest.at_s > _TOGETHER_S:
            self._latest = machine.read(with_gpus=bool(due))
        for one in new:
            one.start = self._latest
        for one in due:
            assert one.start is not None
            step = int(self._latest.at_s - one.began_s)
            reason = f"sampled in the background every {one.interval_s:g} s"
            one.run.log_system(self._latest.since(one.start), step, reason=reason)
