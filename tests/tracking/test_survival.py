"""What was logged survives kills, forks, and stores in trouble."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

import nbtrail
import nbtrail as nt
from nbtrail.changes import RunEdited
from nbtrail.errors import NbtrailWarning, StoreUnreadableError
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from nbtrail.tracking.state import process

SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""

FLOOD = """
import nbtrail as nt
run = nt.start_run("flood")
for step in range(10_000_000):
    run.log({"loss": step / 7, "acc": 1.0}, step=step)
    if step % 500 == 0:
        print(step, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 8])
def test_a_killed_process_leaves_a_lost_run_with_every_point_that_was_logged(project, read, python, lines):
    script = python(FLOOD)
    logged = [int(script.stdout.readline()) for _ in range(lines)][-1]
    os.kill(script.pid, signal.SIGKILL)
    script.wait()

    run = read(lambda store: store.run("flood"))
    series = read(lambda store: store.series(run.id, "loss"))
    assert run.status == "lost"
    assert len(series.steps) > logged
    assert list(series.steps) == list(range(len(series.steps)))
    assert all(series.values == series.steps / 7)
    assert not list(project.journals.iterdir())


def test_a_process_that_is_there_is_running_and_its_journal_is_left_alone(project, read, python):
    script = python(FLOOD)
    script.stdout.readline()

    assert read(lambda store: [run.status for run in store.runs(RunQuery())]) in (["running"], [])
    assert len(list(project.journals.iterdir())) == 1


def test_a_script_that_ends_without_finish_leaves_a_finished_run(project, read, python):
    python("import nbtrail as nt; nt.start_run('open').log({'acc': 1})").wait()

    assert read(lambda store: store.run("open")).status == "finished"


def test_a_script_that_fails_leaves_a_failed_run_with_its_error(project, read, python):
    python("import nbtrail as nt, sys; sys.stderr.close(); nt.start_run('open'); 1 / 0").wait()

    run = read(lambda store: store.run("open"))
    assert (run.status, run.error) == ("failed", "ZeroDivisionError: division by zero")


def test_a_forked_worker_logs_to_the_run_and_disturbs_nothing(project, read, python):
    script = python("""
import multiprocessing, nbtrail as nt
def work(i):
    nt.active_run().log({"worker": i}, step=i)
with nt.start_run("forked") as run:
    run.log({"parent": 1})
    workers = [multiprocessing.get_context("fork").Process(target=work, args=(i,)) for i in range(3)]
    [worker.start() for worker in workers]
    [worker.join(30) for worker in workers]
    print([worker.exitcode for worker in workers], flush=True)
""")
    assert script.communicate()[0] == "[0, 0, 0]\n"

    run = read(lambda store: store.run("forked"))
    assert run.status == "finished"
    assert sorted(read(lambda store: store.series(run.id, "worker")).steps) == [0, 1, 2]
    assert len(read(lambda store: store.series(run.id, "parent")).steps) == 1


def test_a_store_that_is_no_database_is_said_once_and_nothing_is_lost(project, read):
    store_path = project.folder / "store.db"
    store_path.write_bytes(b"this is not a database at all" * 50)
    with pytest.warns(NbtrailWarning, match=r"cannot be read as an nbtrail store") as said, nt.start_run("kept") as run:
        run.log({"acc": 0.9})
    assert len(said) == 1
    with pytest.raises(StoreUnreadableError) as error, reader(project):
        pass
    assert error.value.path == str(store_path)

    store_path.unlink()
    assert process.recorders[project.url].flush()
    assert read(lambda store: store.run("kept")).status == "finished"


def test_a_store_that_another_program_holds_only_delays_the_records(project, read):
    with nt.start_run("first"):
        pass
    holder = sqlite3.connect(project.url, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    run = nt.start_run("second")
    run.log({"acc": 0.9})
    holder.execute("COMMIT")
    holder.close()
    run.finish()

    assert read(lambda store: store.metrics([run.id]))[0].last == 0.9


READ_ONLY = """
import os, sys, warnings
from pathlib import Path
import nbtrail as nt
locked, state = map(Path, sys.argv[1:])
with nt.start_run("elsewhere", project=state):
    pass  # imports everything, while root may still read it
locked.chmod(0o555)
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    with nt.start_run("kept", project=locked) as run:
        run.log({"acc": 0.9})
print(*(str(warning.message) for warning in said), sep="\\n")
"""


@pytest.fixture
def open_folder():
    """A temporary folder that every user may look into."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("locked", "state"):
            (folder / part).mkdir()
            (folder / part).chmod(0o777)
        yield folder
        (folder / "locked").chmod(0o777)


def test_in_a_read_only_folder_the_records_wait_in_the_users_state_folder(open_folder, monkeypatch):
    """As an ordinary user, whom the folder's mode stops."""
    locked, state = open_folder / "locked", open_folder / "state"
    environ = {**os.environ, "PYTHONPATH": str(SOURCE), "XDG_STATE_HOME": str(state)}
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, locked, state], env=environ, capture_output=True, text=True, check=True
    )
    assert "Make the folder writable" in done.stdout
    assert str(state) in done.stdout
    assert not list(locked.iterdir())

    locked.chmod(0o777)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    with reader(locked) as reading:
        run = reading.store.run("kept")
        assert (run.status, reading.store.metrics([run.id])[0].last) == ("finished", 0.9)


def test_a_record_that_no_store_can_take_is_named_and_holds_nothing_up(project, read):
    with nt.start_run("kept") as run, pytest.warns(NbtrailWarning, match="one record was left out"):
        run.recorder.append(RunEdited(run_id=run.id, field="starred", value="not a truth"))
        run.log({"acc": 0.9})
        run.finish()

    assert read(lambda store: store.metrics([run.id]))[0].last == 0.9


def test_after_a_kill_a_record_that_no_store_can_take_is_named_and_holds_nothing_up(project, python):
    """Nor does a viewer, or whatever else moves the journal into the store, fall over it."""
    script = python("""
import os, signal, nbtrail as nt
from nbtrail.changes import ArtifactKept
from nbtrail.records import Artifact
run = nt.start_run("kept")
artifact = Artifact(run_id=run.id, path="model.bin", digest="ab" * 32, size=2**70, mime="", metadata={}, at=0.0)
run.recorder.append(ArtifactKept(artifact=artifact))
run.log({"acc": 0.9})
os.kill(os.getpid(), signal.SIGKILL)
""")
    script.wait()

    with pytest.warns(NbtrailWarning, match="one record was left out"), reader(project) as reading:
        assert reading.store.metrics([reading.store.run("kept").id])[0].last == 0.9


@pytest.mark.parametrize("number", [10**400, -(10**400), 10**3500])
def test_a_param_beyond_every_float_is_kept_to_the_digit(project, read, number):
    with nt.start_run("key", params={"modulus": number}) as run:
        run.log({"acc": 0.9})

    assert read(lambda store: store.params([run.id]))[0].value == number
    assert read(lambda store: store.metrics([run.id]))[0].last == 0.9


def test_a_forked_child_does_not_end_the_runs_of_its_parent(project, read, python):
    script = python("""
import os, sys, nbtrail as nt
bare = nt.start_run("bare")
if os.fork() == 0:
    with nt.start_run("of the child"):
        pass
    bare.finish("failed")
    os._exit(0)
os.wait()
bare.log({"acc": 0.9})
bare.finish()
with nt.start_run("entered") as run:
    child = os.fork()
    if child == 0:
        sys.exit(3)
    os.waitpid(child, 0)
    run.log({"acc": 0.8})
""")
    script.wait()

    assert {run.name: run.status for run in read(lambda store: store.runs(RunQuery()))} == {
        "bare": "finished",
        "of the child": "finished",
        "entered": "finished",
    }


INTERRUPTED = """
import os, signal, nbtrail as nt
def stop(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, stop)
run = nt.start_run("stopped often")
for _ in range(60):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.5)  # again: what is raised in a finalizer is passed over
        while True:
            run.log({"x": 1.0})
    except KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0)
run.recorder.flush()
for step in range(100):
    run.log({"y": step}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_cells_that_were_stopped_in_the_middle_of_a_log_call_set_nothing_apart(project, read, python):
    """After a kill, what was logged since is there once: neither lost nor doubled."""
    python(INTERRUPTED).wait()

    run = read(lambda store: store.run("stopped often"))
    assert list(read(lambda store: store.series(run.id, "y")).steps) == list(range(100))


ALARMS = """
import itertools, signal, time
import nbtrail as nt

heard, looped = itertools.count(), 0

def hear(*_):
    number = next(heard)
    run.log({"shared": number})
    other.log({"heard": number})
    signal.setitimer(signal.ITIMER_REAL, 0.001)

with nt.start_run("loop") as run, nt.start_run("alarms") as other:
    signal.signal(signal.SIGALRM, hear)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        run.log({"loss": looped, "shared": looped})
        looped += 1
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
print(next(heard), looped)
"""


def test_a_signal_handler_that_logs_while_its_loop_logs_neither_hangs_nor_loses_a_point(project, read, python):
    script = python(ALARMS)
    heard, looped = map(int, script.communicate(timeout=120)[0].split())

    loop, alarms = (read(lambda store, name=name: store.run(name).id) for name in ("loop", "alarms"))
    loss, shared, alarm = (
        list(read(lambda store, run=run, metric=metric: store.series(run, metric)).values)
        for run, metric in ((loop, "loss"), (loop, "shared"), (alarms, "heard"))
    )
    assert script.returncode == 0
    assert heard > 0
    assert loss == list(range(looped))
    assert alarm == list(range(heard))
    assert len(shared) == heard + looped


def test_a_project_that_was_deleted_is_not_made_again_by_a_goodbye(project, python):
    script = python("""
import shutil, nbtrail as nt
with nt.start_run("gone") as run:
    run.log({"acc": 0.9})
run.recorder.flush()
shutil.rmtree(".nbtrail")
print("deleted", flush=True)
""")
    assert script.communicate()[0] == "deleted\n"

    assert not project.folder.exists()


DELETED = """
import shutil, sys, time, warnings, nbtrail as nt
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    with nt.start_run("deleted", params={"lr": 0.1}, tags=["best"], note="long") as run:
        run.log({"acc": 0.1}, step=0)
        run.recorder.flush()
        shutil.rmtree(".nbtrail")
        for step in range(1, 50):
            run.log({"acc": 0.9}, step=step)
            time.sleep(0.005)
print(len(said), *(str(one.message) for one in said))
"""


def test_a_run_whose_store_is_deleted_goes_on_in_a_new_one_and_the_user_is_told(project, read, python):
    said = python(DELETED).communicate()[0]
    assert said.startswith("1 ")
    assert "was deleted or replaced" in said

    run = read(lambda store: store.run("deleted"))
    assert (run.status, run.tags, run.note) == ("finished", ("best",), "long")
    assert read(lambda store: store.params([run.id]))[0].value == 0.1
    assert list(read(lambda store: store.series(run.id, "acc")).steps) == list(range(1, 50))


def test_two_processes_that_choose_one_name_at_once_both_know_what_their_runs_are_called(project, read, python):
    script = """
import sys, nbtrail as nt
nt.start_run("warm").finish()
print("ready", flush=True)
input()
run = nt.start_run("twin")
run.recorder.flush()
print(run.name, flush=True)
"""
    twins = [python(script, stdin=subprocess.PIPE) for _ in range(2)]
    for twin in twins:
        twin.stdout.readline()
    for twin in twins:
        twin.stdin.write("\n")
        twin.stdin.flush()

    assert sorted(twin.stdout.readline().strip() for twin in twins) == ["twin", "twin-2"]
    for twin in twins:
        twin.communicate()
    assert {"twin", "twin-2"} <= {run.name for run in read(lambda store: store.runs(RunQuery()))}


LATE = """
import atexit, os, threading, time

def goodbye():
    with nt.start_run("late") as late:
        late.log({"acc": 0.9})
    run.log({"after": 1.0})

atexit.register(goodbye)  # before nbtrail's own, so it comes after that
import nbtrail as nt
run = nt.start_run("daemon")
told = os.open("told", os.O_CREAT | os.O_WRONLY)

def work():
    for number in range(10_000_000):
        run.log({"loss": number / 7}, step=number)
        os.pwrite(told, number.to_bytes(8, "little"), 0)

threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
"""


def test_what_daemon_threads_and_late_exit_handlers_log_is_kept(project, read, python):
    python(LATE).wait()

    told = int.from_bytes((project.root / "told").read_bytes(), "little")
    run = read(lambda store: store.run("daemon"))
    # Those that came after the goodbye stand in a journal of their own, which may be read before the rest of the first.
    steps = sorted(read(lambda store: store.series(run.id, "loss")).steps.tolist())
    assert len(steps) > told
    assert all(step == number for number, step in enumerate(steps))
    assert len(read(lambda store: store.series(run.id, "after")).steps) == 1
    late = read(lambda store: store.run("late"))
    assert (late.status, read(lambda store: store.metrics([late.id]))[0].last) == ("finished", 0.9)


WITHOUT_THREADS = """
import threading, nbtrail as nt
from nbtrail.tracking.backlog import MOST_WAITING
threading.stack_size(1 << 45)  # no thread can begin, as while Python 3.12 and later exit
with nt.start_run("alone", params={"lr": 0.1}) as run:
    for step in range(MOST_WAITING + 1000):
        run.log({"loss": step / 7}, step=step)
print(len(run.recorder.project.open().series(run.id, "loss").steps) - MOST_WAITING)
"""


def test_where_no_thread_can_begin_a_finished_run_is_in_the_store_and_nothing_hangs(project, read, python):
    script = python(WITHOUT_THREADS)

    assert script.communicate(timeout=120)[0] == "1000\n"
    assert read(lambda store: store.run("alone")).status == "finished"


MANY_WITHOUT_THREADS = """
import threading, nbtrail as nt
ready = threading.Barrier(5)

def work(number):
    ready.wait()
    for place in range(15):
        with nt.start_run(f"{number}-{place}") as run:
            run.log({"loss": place})

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
[thread.start() for thread in threads]
threading.stack_size(1 << 45)  # as above
ready.wait()
[thread.join() for thread in threads]
"""


def test_several_threads_begin_and_end_runs_where_no_other_thread_can_begin(project, read, python):
    assert python(MANY_WITHOUT_THREADS).wait(120) == 0

    runs = read(lambda store: store.runs(RunQuery()))
    points = [one.count for one in read(lambda store: store.metrics([run.id for run in runs]))]
    assert {run.status for run in runs} == {"finished"}
    assert points == [1] * 60


def test_what_a_damaged_store_refuses_waits_in_the_journal_until_it_is_mended(project, read):
    """It is not the records that are at fault."""
    with nt.start_run("mended") as run:
        for step in range(50):
            run.log({"loss": step / 7}, step=step)
        assert run.recorder.flush()
        (summary,) = _sql(project, "SELECT * FROM metrics")
        _sql(project, "DELETE FROM metrics")
        with pytest.warns(NbtrailWarning, match="waits in"):
            for step in range(50, 3000):
                run.log({"loss": step / 7}, step=step)
            assert not run.recorder.flush()
        _sql(project, f"INSERT INTO metrics VALUES ({', '.join('?' * len(summary))})", summary)

    assert read(lambda store: store.series(run.id, "loss")).steps.tolist() == list(range(3000))


def _sql(project, statement, values=()):
    with closing(sqlite3.connect(project.url, isolation_level=None, timeout=30)) as connection:
        return connection.execute(statement, values).fetchall()
