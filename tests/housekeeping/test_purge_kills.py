"""A purge that is killed leaves a store that is whole, and a second one finishes the job."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

import nbtrail as nt
from nbtrail.housekeeping import examine, move_to_trash
from nbtrail.housekeeping.purge import plan_purge, purge
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from tests.projects import SOURCE

KEPT = ("kept-a", "kept-b")
GONE = tuple(f"gone-{number}" for number in range(12))
KILLED_AT = """
import os, sys
import nbtrail.housekeeping.purge
housekeeping = sys.modules["nbtrail.housekeeping.purge"]
from nbtrail.project import find_project

left = int(sys.argv[1])

def watch(event, args):
    # Everything that a purge does to the disk goes through one of these.
    global left
    if event in {"os.rename", "os.remove", "sqlite3.connect", "os.utime", "open", "os.scandir"} or event == "step":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)

project = find_project()
plan = housekeeping.plan_purge(project)
housekeeping._FIRST_BATCH = 1
housekeeping._BATCH_S = 0
sys.addaudithook(watch)
housekeeping.purge(project, plan, on_progress=lambda *_: watch("step", ()))
print("done")
"""
KILLED_IN_SQL = """
import os, sys
import nbtrail.housekeeping.purge
housekeeping = sys.modules["nbtrail.housekeeping.purge"]
from nbtrail.project import find_project
from nbtrail.store.sqlite import SqliteStore

left = int(sys.argv[1])

def count():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
    return 0

project = find_project()
plan = housekeeping.plan_purge(project)
made = SqliteStore.__init__

def begin(self, *args, **options):
    made(self, *args, **options)
    # Called every hundred instructions of SQLite's own machine: in the midst of statements and transactions.
    self._connection.set_progress_handler(count, 100)

SqliteStore.__init__ = begin
housekeeping.purge(project, plan)
print("done")
"""


@pytest.fixture
def full(project, make_runs):
    """The project with two runs to keep and twelve in the trash, and a way to put it back as it was."""
    make_runs(*KEPT, *GONE, size=3000, shared=b"what all of them have")
    move_to_trash(project, GONE)
    copy = project.root.parent / "as-it-was"
    shutil.copytree(project.folder, copy)

    def put_back():
        shutil.rmtree(project.folder)
        shutil.copytree(copy, project.folder)

    return put_back


def run_killed(project, script, moment):
    """Start a purge that kills itself at some moment; whether it came to its end before."""
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", script, str(moment)]
    done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode == 0


def check_whole(project):
    """The store is whole, has all that it had of the runs to keep, and no run by half."""
    assert [finding.text for finding in examine(project, deep=True) if finding.is_bad] == []
    with reader(project) as reading:
        store = reading.store
        assert sorted(run.name for run in store.runs(RunQuery())) == list(KEPT)
        for run in [*store.runs(RunQuery()), *store.runs(RunQuery(trashed=True))]:
            assert (len(store.params([run.id])), [metric.count for metric in store.metrics([run.id])]) == (2, [50])
            assert len(store.artifacts(run.id)) == 2
            assert len(store.executions(run.id)) == 1


def check_finished(project, blob_count):
    purge(project, plan_purge(project))
    check_whole(project)
    with reader(project) as reading:
        assert reading.store.count(RunQuery(trashed=True)) == 0
        assert len(reading.store.blob_uses()) == blob_count
    files = [path for path in project.blobs.folder.rglob("*") if path.is_file()]
    assert len(files) == blob_count


@pytest.mark.parametrize(("script", "stride"), [(KILLED_AT, 1.35), (KILLED_IN_SQL, 1.9)], ids=["on disk", "in SQL"])
def test_a_purge_that_is_killed_anywhere_leaves_a_whole_store_and_the_next_one_finishes(project, full, script, stride):
    """Kills at more and more steps, until one run of it comes through."""
    with reader(project) as reading:
        kept = [run.id for run in reading.store.runs(RunQuery(trashed=True))]
        blob_count = len(reading.store.blob_uses(without=kept))
    moment, kills = 1, 0
    while not run_killed(project, script, moment):
        kills += 1
        check_whole(project)
        check_finished(project, blob_count)
        full()
        moment = max(moment + 1, int(moment * stride))

    assert kills >= 8
    check_finished(project, blob_count)


def test_purging_again_and_again_while_notebooks_record_loses_nothing(project, python, full):
    """Four processes make runs with files, some the same as before; every other run is trashed and purged."""
    script = (
        "import nbtrail as nt, os, itertools\n"
        "for number in itertools.count():\n"
        "    with nt.start_run(f'live-{os.getpid()}-{number}', params={'n': number}) as run:\n"
        "        run.log({'loss': 1.0})\n"
        "        run.log_artifact(b'the same again' * (number % 3), name='same.bin')\n"
        "        run.log_artifact(os.urandom(500), name='own.bin')\n"
    )
    writers = [python(script) for _ in range(4)]
    deadline = time.monotonic() + 7
    purged = 0
    while time.monotonic() < deadline:
        with reader(project) as reading:
            live = reading.store.runs(RunQuery(limit=200))
        chosen = [run.id for run in live if run.name.startswith("live") and int(run.name.split("-")[2]) % 2]
        if chosen:
            move_to_trash(project, chosen)
        purged += purge(project, plan_purge(project)).counts.runs
    assert all(writer.poll() is None for writer in writers)
    for writer in writers:
        writer.kill()
        writer.wait()

    assert purged > len(GONE)
    assert [finding.text for finding in examine(project, deep=True) if finding.is_bad] == []
    purge(project, plan_purge(project))
    assert [finding.text for finding in examine(project, deep=True) if finding.is_bad] == []
    assert nt.runs(project=project).shape[0] > len(KEPT)


def test_a_full_freelist_is_given_back_in_steps_that_let_writers_in(project, full):
    """Another connection writes between the steps, without waiting for the whole."""
    store = project.open(read_only=False)
    store.purge([run.id for run in store.runs(RunQuery(trashed=True))])
    waited = []

    def write(_done, _total):
        began = time.monotonic()
        other = sqlite3.connect(project.url, timeout=0.5, isolation_level=None)
        other.execute("UPDATE meta SET value = value + 1")
        other.close()
        waited.append(time.monotonic() - began)

    store.compact(on_step=write)
    store.close()
    assert waited
