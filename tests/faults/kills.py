"""Processes that are killed while they log, and what of their records is there afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import nbtrail
from nbtrail.project import find_project
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from tests.faults.ledger import FINISHED, PHASE, STARTED, Ledger, artifacts_of, params_of, points_of
from tests.faults.watching import PHASES
from tests.faults.works import loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from nbtrail.records import Run
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.reading import Reader

ROOT = Path(__file__).parents[2]
SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""


class Zygote:
    """Starts processes that work in a project, each a fork of one that has nbtrail loaded."""

    def __init__(self, state: Path) -> None:
        environ = {
            **os.environ,
            "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}",
            "XDG_STATE_HOME": str(state),
        }
        environ.pop("NBTRAIL_STORE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def fork(self, root: Path, name: str, *, work: str, **options: Any) -> int:
        """The id of a new process that works in the project at ``root``, with runs named ``NAME-0``, ``NAME-1``, …"""
        order = {"root": str(root), "name": name, "work": work, "ledger": str(root / f"{name}.ledger"), **options}
        Ledger(Path(order["ledger"])).close()  # here, so that no kill finds it half made
        return int(self._ask(order)["pid"])

    def wait(self, pid: int) -> int:
        """How a process has ended: its exit code, or a signal's number below zero."""
        return int(self._ask({"wait": pid})["exit"])

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextlib.contextmanager
def zygote(state: Path) -> Iterator[Zygote]:
    """A zygote whose forks keep what they cannot write in a project below ``state``."""
    one = Zygote(state)
    try:
        yield one
    finally:
        one.close()


@dataclass(slots=True)
class Tally:
    """What was found after kills."""

    kills: int = 0
    runs: int = 0
    finished: int = 0
    points: int = 0
    """For which ``log`` had returned."""
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    """Everything that is not as it was told, one line each; lost points are among it."""
    phases: dict[str, int] = field(default_factory=dict)
    """How many kills found the writer's thread at what."""

    def add(self, other: Tally) -> None:
        for name in ("kills", "runs", "finished", "points", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong += other.wrong
        for phase, count in other.phases.items():
            self.phases[phase] = self.phases.get(phase, 0) + count


class Killer:
    """Starts processes, and ends them as the system does when memory is short.

    Parameters
    ----------
    zygote
        Starts the processes.
    luck
        Chooses the moments.
    """

    def __init__(self, zygote: Zygote, luck: Random) -> None:
        self._zygote = zygote
        self._luck = luck

    def volley(self, roots: Sequence[Path], name: str, *, work: str, longest_s: float) -> Tally:
        """A process in each project, each killed at a moment of its own; then what was found of all of them."""
        victims = [
            (self._luck.uniform(0, longest_s), self._fork(root, f"{name}-{lane}", work), root, lane)
            for lane, root in enumerate(roots)
        ]
        tally, start = Tally(), time.monotonic()
        for moment_s, pid, *_ in sorted(victims):
            time.sleep(max(0.0, start + moment_s - time.monotonic()))
            os.kill(pid, signal.SIGKILL)
        for _, pid, root, lane in victims:
            self._zygote.wait(pid)
            tally.add(look(root, f"{name}-{lane}"))
        return tally

    def _fork(self, root: Path, name: str, work: str) -> int:
        return self._zygote.fork(root, name, work=work, watched=True)

    def stop(self, root: Path, function: str, call: int, *, after: bool) -> Tally:
        """A process in a project, ended before or after a certain call of a function; then what was found.

        A call that never came, because threads took turns otherwise, has killed nobody.
        """
        name = f"{function}-{call}-{'after' if after else 'before'}"
        code = self._zygote.wait(self._zygote.fork(root, name, work="log_few", kill=[function, call, after]))
        tally = look(root, name)
        tally.kills = int(code == -signal.SIGKILL)
        tally.phases = {function: tally.kills}
        if code not in {0, -signal.SIGKILL}:
            tally.wrong.append(f"{name} ended with {code}")
        return tally


def census(zygote: Zygote, root: Path, *, work: str = "log_few") -> dict[str, int]:
    """How often the work calls each function that it can be stopped at."""
    counts = root / "census.json"
    assert zygote.wait(zygote.fork(root, "census", work=work, census=str(counts))) == 0
    found: dict[str, int] = json.loads(counts.read_text(encoding="utf-8"))
    return found


def project_in(folder: Path) -> Path:
    """A new project's root."""
    (folder / ".nbtrail").mkdir(parents=True)
    return folder


def look(root: Path, name: str, *, ledger_path: Path | None = None, only_finished: bool = False) -> Tally:
    """Read a project as a viewer does, and compare the runs ``NAME-…`` with what their process was told.

    With ``only_finished``, as after a loss of power, other runs need not be there, but what there is must be right.
    """
    ledger = Ledger(ledger_path or root / f"{name}.ledger")
    tally = Tally(kills=1, phases={list(PHASES)[ledger[PHASE]]: 1})
    started = ledger[STARTED]
    try:
        with reader(find_project(root)) as reading:
            found = {run.name: run for run in reading.store.runs(RunQuery()) if run.name.startswith(f"{name}-")}
            for number in range(started):
                run = found.get(f"{name}-{number}")
                if only_finished and number >= ledger[FINISHED]:
                    ledger[points_of(number)] = _points_of(reading.store, run)
                    ledger[params_of(number)] = ledger[artifacts_of(number)] = 0
                    if run is None:
                        continue
                if run is None:
                    tally.wrong.append(f"run {name}-{number} is not there")
                else:
                    _compare(reading.store, run, number, ledger, tally)
                    _compare_artifacts(reading, run, ledger[artifacts_of(number)], tally)
            if len(found) > started + 1:
                tally.wrong.append(f"{len(found)} runs of {started} that were started")
    finally:
        ledger.close()
    return tally


def _points_of(store: Store, run: Run | None) -> int:
    return 0 if run is None else min((metric.count for metric in store.metrics([run.id])), default=0)


def _compare(store: Store, run: Run, number: int, ledger: Ledger, tally: Tally) -> None:
    told = ledger[points_of(number)]
    tally.runs += 1
    tally.points += told
    if number < ledger[FINISHED]:
        tally.finished += 1
        if run.status != "finished":
            tally.wrong.append(f"{run.name} was finished and is {run.status}")
    elif run.status not in {"lost", "finished"}:
        tally.wrong.append(f"{run.name} of a process that is gone is {run.status}")
    for key, expected in (("loss", lambda step: loss(number, step)), ("half", lambda step: step / 2)):
        series = store.series(run.id, key)
        have = len(series.steps)
        if have < told:
            tally.lost += told - have
            tally.wrong.append(f"{run.name} has {have} of {told} points of {key}")
        # The last one may be there although its call had no time to return.
        steps = np.arange(have)
        values = np.array([expected(step) for step in steps], np.float64)
        if have > told + 1 or not (np.array_equal(series.steps, steps) and np.array_equal(series.values, values)):
            tally.wrong.append(f"{run.name} has points of {key} that were never logged so ({have}, told {told})")
    params = store.params([run.id])
    if len(params) < ledger[params_of(number)] or any(param.value != int(param.key[1:]) * 25 for param in params):
        tally.wrong.append(f"{run.name} has params {[(param.key, param.value) for param in params]}")


def _compare_artifacts(reading: Reader, run: Run, told: int, tally: Tally) -> None:
    artifacts = reading.store.artifacts(run.id)
    if len(artifacts) < told:
        tally.wrong.append(f"{run.name} has {len(artifacts)} of {told} artifacts")
    for artifact in artifacts:
        data = reading.project.blobs.read(artifact.digest)
        if len(data) != artifact.size or hashlib.sha256(data).hexdigest() != artifact.digest:
            tally.wrong.append(f"{run.name} has an artifact that is not whole")


def rest(root: Path) -> list[str]:
    """What is left in a project's store and folder that should not be, once every process is gone."""
    project = find_project(root)
    with reader(project) as reading:
        wrong = reading.store.problems()
    wrong += [f"{path.name} was left behind" for path in project.journals.glob("*") if path.stat().st_size]
    return wrong
