"""What waits for the store is bounded in memory, and nothing of it is lost."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest

import nbtrail as nt
from nbtrail.changes import PointsLogged, SessionStarted
from nbtrail.errors import NbtrailWarning
from nbtrail.tracking.backlog import Backlog
from nbtrail.tracking.journal import Journal
from nbtrail.tracking.recorder import Recorder
from nbtrail.tracking.state import process
from tests.store.conftest import session


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "s.journal")
    yield journal
    journal.close(remove=False)


@pytest.fixture
def backlog(journal):
    """One that holds three items in memory, with a session that is in the store."""
    backlog = Backlog(journal, threading.RLock(), most_waiting=3)
    record(backlog, journal, SessionStarted(session=session()))
    backlog.settle(backlog.next_batch())
    return backlog


def record(backlog, journal, *changes):
    for change in changes:
        position = backlog.position + 1
        journal.append([change], end=position)
        backlog.add_change(position, change)


def point(step):
    return PointsLogged.of(run_id="r", at=1.0, points=[("loss", step, step / 7)])


def moved(backlog):
    """The steps that are moved, batch by batch, until nothing is left."""
    steps = []
    while not backlog.is_empty:
        batch = backlog.next_batch()
        assert backlog.next_batch() == batch  # a batch that could not be moved comes again
        steps += [step for change in batch.changes for _, points in change.moments() for _, step, _ in points]
        backlog.settle(batch)
    return steps


def test_while_the_store_is_in_trouble_the_journal_alone_keeps_what_waits(backlog, journal):
    for step in range(50):
        record(backlog, journal, point(step))
        assert backlog.has_room(store_is_in_trouble=True)
        assert backlog.waiting_count <= 4

    assert moved(backlog) == list(range(50))


def test_a_store_that_takes_changes_is_waited_for(backlog, journal):
    record(backlog, journal, *map(point, range(5)))
    assert not backlog.has_room(store_is_in_trouble=False)

    backlog.settle(backlog.next_batch())
    assert backlog.has_room(store_is_in_trouble=False)


def test_what_the_journal_lacks_stays_in_memory(backlog, journal):
    """A full disk: neither the store nor the journal takes anything."""
    for step in range(50):
        backlog.add_change(backlog.position + 1, point(step))
    backlog.is_in_journal = False
    assert backlog.has_room(store_is_in_trouble=True)

    assert backlog.waiting_count == 50
    assert moved(backlog) == list(range(50))


def test_a_call_that_was_interrupted_after_it_had_written_is_moved_too(backlog, journal):
    journal.append([point(0)], end=backlog.position + 1)
    backlog.position += 1

    assert moved(backlog) == [0]


FLOOD = """
import os, nbtrail as nt
os.dup2(1, 2)
with nt.start_run("flood") as run:
    for step in range(300_000):
        run.log({"loss": step / 7}, step=step)
"""


def test_a_loop_that_is_faster_than_the_disk_waits_and_says_so(project, read, python):
    with nt.start_run("first"):
        pass
    holder = sqlite3.connect(project.url, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    script = python(FLOOD)
    said = script.stdout.readline()
    holder.execute("COMMIT")
    holder.close()
    script.communicate()

    assert "recording waits for it" in said
    run = read(lambda store: store.run("flood"))
    assert run.status == "finished"
    assert list(read(lambda store: store.series(run.id, "loss")).steps) == list(range(300_000))


def test_a_store_that_is_no_database_costs_a_flood_no_memory_and_no_point(project, read):
    store_path = project.folder / "store.db"
    store_path.write_bytes(b"this is not a database at all" * 50)
    with pytest.warns(NbtrailWarning, match="waits in"), nt.start_run("flood") as run:
        for step in range(260_000):
            run.log({"loss": step / 7}, step=step)
        assert run.recorder.waiting_count <= 250_001

    store_path.unlink()
    assert process.recorders[project.url].flush()
    assert list(read(lambda store: store.series(run.id, "loss")).steps) == list(range(260_000))


def test_a_process_with_open_runs_gives_signs_of_life_while_nothing_is_recorded(project, read):
    """Another machine knows nothing else of it."""
    recorder = process.recorders[project.url] = Recorder(project, beat_s=0.02)
    with nt.start_run("long"):
        recorder.flush()
        first = read(lambda store: store.session(recorder.session_id)).heartbeat
        deadline = time.monotonic() + 120
        while (later := read(lambda store: store.session(recorder.session_id)).heartbeat) == first:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    assert later > first
