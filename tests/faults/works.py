"""What the processes do that are killed. Each notes in its ledger what nbtrail has taken, and can be told exactly."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nbtrail as nt
from nbtrail.project import find_project
from nbtrail.server.stores import StoreShelf
from nbtrail.server.watch import Seen, Watch
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader, writer
from tests.faults.ledger import FINISHED, READS, SEEN, STARTED, STOP, artifacts_of, params_of, points_of

if TYPE_CHECKING:
    from tests.faults.ledger import Ledger

LENGTHS = (3, 40, 700, 1, 2500, 90)
"""How many points the runs of one process have, in turn."""
MOST_RUNS = 200
_PER_PARAM = 25
_PER_ARTIFACT = 400


def loss(run: int, step: int) -> float:
    """The value that a run logs at a step: every float64 is its own, so that a point cannot stand for another."""
    return (run + 1) / (step + 3)


def log_many(name: str, ledger: Ledger) -> None:
    """Runs of many lengths, one after the other, until the process is killed."""
    for number in range(MOST_RUNS):
        log_one(name, ledger, number, LENGTHS[number % len(LENGTHS)])


def log_few(name: str, ledger: Ledger) -> None:
    """A few short runs, one of them left open, and a regular end: small enough to be killed at each step."""
    for number, length in enumerate((4, 60)):
        log_one(name, ledger, number, length)
    run = nt.start_run(f"{name}-2")
    ledger[STARTED] = 3
    for step in range(30):
        run.log({"loss": loss(2, step), "half": step / 2}, step=step)
        ledger[points_of(2)] = step + 1


def log_unseen(name: str, ledger: Ledger) -> None:
    """A run of which nothing is in the store when the process is killed: its writer gathers for an hour."""
    writer._GATHER_S = 3600.0
    run = nt.start_run(f"{name}-0")
    ledger[STARTED] = 1
    for step in range(60):
        run.log({"loss": loss(0, step), "half": step / 2}, step=step)
    os.kill(os.getpid(), signal.SIGKILL)


def log_on(name: str, ledger: Ledger) -> None:
    """One long run, until the process is killed."""
    log_one(name, ledger, 0, 10_000_000)


def log_large(name: str, ledger: Ledger) -> None:
    """A run whose rows of 3,000 metrics fill one segment of the journal after the other."""
    run = nt.start_run(f"{name}-0")
    ledger[STARTED] = 1
    wide = dict.fromkeys((f"m{number}" for number in range(3000)), 1.0)
    for step in itertools.count():
        run.log({"loss": loss(0, step), "half": step / 2, **wide}, step=step)
        ledger[points_of(0)] = step + 1


def log_one(name: str, ledger: Ledger, number: int, length: int) -> None:
    """One run with points, params and artifacts."""
    with nt.start_run(f"{name}-{number}") as run:
        ledger[STARTED] = number + 1
        for step in range(length):
            run.log({"loss": loss(number, step), "half": step / 2}, step=step)
            ledger[points_of(number)] = step + 1
            if step % _PER_PARAM == 0:
                run.set_params({f"p{step // _PER_PARAM}": step})
                ledger[params_of(number)] = step // _PER_PARAM + 1
            if step % _PER_ARTIFACT == 1:
                run.log_artifact(content(number, step // _PER_ARTIFACT), f"a{step // _PER_ARTIFACT}")
                ledger[artifacts_of(number)] = step // _PER_ARTIFACT + 1
    ledger[FINISHED] = number + 1


def content(run: int, artifact: int) -> bytes:
    """The bytes of an artifact."""
    return f"{run}/{artifact} of {os.getppid()}".encode() * 9


def recover_all(name: str, ledger: Ledger) -> None:
    """Read the project once, which brings in what others left behind."""
    with reader(Path.cwd()) as reading:
        reading.store.runs(RunQuery())
    ledger[FINISHED] = 1


def read_on(name: str, ledger: Ledger) -> None:
    """Read the store as a viewer does, again and again, until ``STOP`` is set."""
    while not ledger[STOP]:
        with reader(Path.cwd()) as reading:
            runs = reading.store.runs(RunQuery())
            metrics = reading.store.metrics([run.id for run in runs])
            for run in runs[:3]:
                series = reading.store.series(run.id, "loss")
                assert series.steps.tolist() == list(range(len(series.steps)))
        ledger[READS] += 1
        ledger[SEEN] = sum(metric.count for metric in metrics)
        time.sleep(0.02)


def watch_on(name: str, ledger: Ledger) -> None:
    """Watch the store as the server does, through one connection, until ``STOP`` is set."""
    shelf, project = StoreShelf(), find_project()
    watch = Watch(project, Seen(None, 0))
    while not ledger[STOP]:
        ledger[SEEN] += sum(len(moved.run_ids) for moved in watch.look(shelf))
        ledger[READS] += 1
        time.sleep(0.02)
    shelf.close()


def log_same(name: str, ledger: Ledger) -> None:
    """A run under a name that others take at the same moment: ``STOP`` is the moment, in milliseconds."""
    time.sleep(max(0.0, ledger[STOP] / 1000 - time.time()))
    with nt.start_run("same") as run:
        run.log({"loss": 1.0})
        run.recorder.flush()
        with reader(Path.cwd()) as reading:
            ledger[FINISHED] = int(reading.store.run(run.id).name == run.name)


WORKS = {
    work.__name__: work
    for work in (log_many, log_few, log_unseen, log_on, log_large, log_same, recover_all, read_on, watch_on)
}
