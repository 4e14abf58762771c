"""A disk that takes no more: a real limit on the size of files, for root and for everybody else."""

from __future__ import annotations

import pytest

from nbtrail.store.protocol import RunQuery

PROLOGUE = """
import os, resource, signal, warnings
from pathlib import Path
import nbtrail as nt

said = []
warnings.showwarning = lambda message, *rest: said.append(str(message))
warnings.simplefilter("always")

def limit(size_bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))

def log(run, first, last):
    for step in range(first, last):
        run.log({"loss": step / 7}, step=step)

run = nt.start_run("kept")
log(run, 0, 10)
# The write-ahead log is larger by now than the journal will get, and grows no more once the limit is set.
for number in range(20):
    run.note(f"{number}" * 20_000)
    run.recorder.flush()
run.note("")
run.recorder.flush()
wal = Path(".nbtrail/store.db-wal").stat().st_size
"""

FULL_FOR_A_WHILE = """
limit(wal)
log(run, 10, 400)
run.set_params({"lr": 0.1, "text": "x" * 50_000})
full = not run.recorder.flush(3)
limit(resource.RLIM_INFINITY)
log(run, 400, 500)
run.finish()
print(full, len([text for text in said if "waits in" in text]))
"""

FULL_TO_THE_END = """
limit(wal)
log(run, 10, 400)
run.set_params({"lr": 0.1, "text": "x" * 50_000})
run.recorder.flush(3)
os.kill(os.getpid(), signal.SIGKILL)
"""

NOT_EVEN_A_JOURNAL = """
limit(1)
log(run, 10, 400)
run.set_params({"lr": 0.1})
run.log_artifact(b"x" * 100, "a.bin")
full = not run.recorder.flush(3)
limit(resource.RLIM_INFINITY)
log(run, 400, 500)
run.finish()
told = ("journal cannot be written", "artifact was not kept")
print(full, *(len([text for text in said if part in text]) for part in told))
"""


@pytest.fixture
def found(read):
    """Status, params and steps of the run."""

    def find():
        run = read(lambda store: store.run("kept"))
        params = {param.key: param.value for param in read(lambda store: store.params([run.id]))}
        return run.status, params.get("lr"), read(lambda store: store.series(run.id, "loss").steps.tolist())

    return find


def test_what_is_logged_while_the_disk_is_full_goes_in_when_there_is_room_and_it_is_said_once(python, found):
    script = python(PROLOGUE + FULL_FOR_A_WHILE)

    assert script.communicate(timeout=60)[0] == "True 1\n"
    assert script.returncode == 0
    assert found() == ("finished", 0.1, list(range(500)))


def test_what_is_logged_on_a_full_disk_survives_a_kill(python, found):
    """The store could not grow, the journal still could."""
    python(PROLOGUE + FULL_TO_THE_END).wait()

    assert found() == ("lost", 0.1, list(range(400)))


def test_a_disk_that_takes_not_one_byte_stops_no_code_and_what_a_crash_would_cost_is_said(python, found):
    script = python(PROLOGUE + NOT_EVEN_A_JOURNAL)

    assert script.communicate(timeout=60)[0] == "True 1 1\n"
    assert script.returncode == 0
    assert found() == ("finished", 0.1, list(range(500)))


def test_a_store_that_cannot_be_made_for_want_of_room_is_made_later(python, read):
    script = python("""
import resource, warnings
import nbtrail as nt
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
run = nt.start_run("first")
run.log({"loss": 0.5}, step=0)
run.recorder.flush(2)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
run.finish()
""")

    assert script.wait(60) == 0
    assert [(run.name, run.status) for run in read(lambda store: store.runs(RunQuery()))] == [("first", "finished")]
