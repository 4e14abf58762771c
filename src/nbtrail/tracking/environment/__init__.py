"""The environment of runs: looked at in the background when a run begins, and again when it has ended."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from nbtrail.changes import EnvironmentSeen
from nbtrail.machine.forks import unforked

if TYPE_CHECKING:
    from nbtrail.records import Environment
    from nbtrail.tracking.environment.look import Observer
    from nbtrail.tracking.recorder import Recorder

__all__ = ["EnvironmentRecord"]


class EnvironmentRecord:
    """Records the environment of a recorder's runs; runs that begin while a look is awaited share it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lock = threading.RLock()
        self._begun: list[str] = []
        self._ended: list[str] = []
        self._of_run: dict[str, Environment] = {}
        """The environments of runs that go on."""
        self._observer: Observer | None = None
        # Python forgets it as soon as the script's last line has run, which a look may come after.
        self._script: str | None = getattr(sys.modules.get("__main__"), "__file__", None)

    def run_began(self, run_id: str) -> None:
        """Look at the environment soon; this costs a run no more than a note."""
        self._await(self._begun, run_id)

    def run_ended(self, run_id: str) -> None:
        """Look soon what was imported while the run went on."""
        self._await(self._ended, run_id)

    def _await(self, waiting: list[str], run_id: str) -> None:
        with self._lock:
            is_awaited = bool(self._begun or self._ended)
            waiting.append(run_id)
        if not is_awaited:
            self._recorder.run_later(self._look)

    def _look(self) -> None:
        with self._lock:
            begun, ended = tuple(self._begun), tuple(self._ended)
            self._begun.clear()
            self._ended.clear()
        if self._observer is None:
            with unforked():
                import psutil  # noqa: F401 - what is to be looked at needs it

                from nbtrail.tracking.environment.look import Observer

            self._observer = Observer(self._recorder.project.root, self._recorder.blobs, script=self._script)
        if begun:
            environment = self._observer.look()
            self._recorder.append(EnvironmentSeen(environment=environment, run_ids=begun))
            self._of_run.update(dict.fromkeys(begun, environment))
        for run_id in ended:
            before = self._of_run.pop(run_id, None)
            if before is None or run_id in begun:
                continue
            after = self._observer.look_again(before)
            if after != before:
                self._recorder.append(EnvironmentSeen(environment=after, run_ids=(run_id,)))
