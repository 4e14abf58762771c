"""Several processes and threads on one store; processes that are killed. Every engine keeps this contract."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nbtrail
from nbtrail.errors import StoreError
from nbtrail.store.protocol import RunQuery
from tests.store.conftest import START

SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""
POINTS = 300
PARAMS = 40

WRITER = f"""
    import itertools, sys
    from nbtrail.changes import ParamSet, PointsLogged, RunEnded, RunStarted
    from nbtrail.store import open_store

    address, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    store = open_store(address)
    for number in range(count) if count else itertools.count():
        run_id = f"01J{{name}}{{number:020d}}"
        changes = [RunStarted(run_id=run_id, name=name, session_id="S1", at=float(number))]
        changes += [ParamSet(run_id=run_id, key=f"p{{key}}", value=number, at=0.0) for key in range({PARAMS})]
        changes += [PointsLogged.of(run_id=run_id, at=0.0, points=(("loss", step, 1.0),)) for step in range({POINTS})]
        changes += [RunEnded(run_id=run_id, status="finished", at=float(number + 1))]
        store.apply(changes)
        print(run_id, flush=True)
    store.close()
"""


@pytest.fixture
def start_writer(engine):
    """Starts a process that writes runs, each in one transaction, and prints the id of each once it is written."""
    processes = []

    def start(name, count=0):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), str(engine.address), name, str(count)]
        environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def assert_whole(store, runs):
    """Each run has all that came with it."""
    ids = [run.id for run in runs]
    assert {run.status for run in runs} == {"finished"}
    assert len(store.params(ids)) == PARAMS * len(ids)
    assert {metric.count for metric in store.metrics(ids)} == {POINTS}
    assert all(len(store.series(run_id, "loss").values) == POINTS for run_id in ids)


def test_two_processes_write_while_a_third_reads(engine, start_writer):
    """Both begin by making the store, or find it half made."""
    writers = [start_writer(name, 25) for name in ("otter", "heron")]
    first = writers[0].stdout.readline().strip()
    reader = engine.open(read_only=True)
    assert reader.run(first).status == "finished"
    while any(writer.poll() is None for writer in writers):
        assert_whole(reader, reader.runs(RunQuery(limit=5)))

    assert [writer.returncode for writer in writers] == [0, 0]
    assert reader.count(RunQuery()) == 50
    assert len({run.name for run in reader.runs(RunQuery())}) == 50


@pytest.mark.parametrize("written", [1, 2, 5])
def test_a_killed_process_leaves_whole_transactions_and_all_that_it_was_told_are_kept(engine, start_writer, written):
    writer = start_writer("otter")
    told = [writer.stdout.readline().strip() for _ in range(written)]
    writer.kill()
    told += [line.strip() for line in writer.stdout if line.endswith("\n")]

    store = engine.open()

    runs = store.runs(RunQuery())
    assert {run.id for run in runs} >= set(told)
    assert_whole(store, runs)


def test_a_store_can_be_written_after_a_writer_was_killed(engine, start_writer):
    writer = start_writer("otter")
    writer.stdout.readline()
    writer.kill()
    writer.wait()

    second = start_writer("heron", 1)

    assert second.wait(60) == 0
    assert engine.open(read_only=True).run("heron").status == "finished"


def test_many_processes_may_make_a_store_at_once(engine, start_writer):
    writers = [start_writer(f"w{number}", 1) for number in range(4)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    assert engine.open(read_only=True).count(RunQuery()) == 4


def test_threads_share_a_store(store, make_run):
    def work(name):
        for _ in range(20):
            run = make_run(name, params={"lr": 0.1}, metrics={"loss": 1.0})
            assert store.params([run.id])[0].value == 0.1
            assert len(store.runs(RunQuery(limit=3))) <= 3

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, "abc"))

    assert store.count(RunQuery()) == 60


def test_a_store_refuses_to_serve_a_forked_child(engine, store, make_run):
    """A connection that two processes share would damage the file."""
    make_run("otter", at=START)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            store.runs(RunQuery())
        except StoreError as error:
            store.close()
            os._exit(0 if "forked" in str(error) else 2)
        os._exit(1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert store.run("otter").name == "otter"
