"""A clock that jumps, runs backwards or stands still, as it does after a correction and in users' tests."""

from __future__ import annotations

import pytest

from nbtrail.store.protocol import RunQuery

SETS_BACK = "time.time = lambda: real() - 86_400"
LONG_AGO = "time.time = lambda: 12.0"
FAR_AHEAD = "time.time = lambda: real() + 50 * 365 * 86_400"
STANDS_STILL = "time.time = lambda: frozen; time.monotonic = lambda: ticks; time.perf_counter = lambda: ticks"

SCRIPT = """
import time
real, frozen, ticks = time.time, time.time(), time.monotonic()
import nbtrail as nt
with nt.start_run("before") as run:
    for step in range(5):
        run.log({{"loss": step / 7}}, step=step)
    {change}
    for step in range(5, 10):
        run.log({{"loss": step / 7}}, step=step)
    assert run.recorder.flush(5)
with nt.start_run("after") as run:
    run.log({{"loss": 0.0}}, step=0)
"""


@pytest.mark.parametrize("change", [SETS_BACK, LONG_AGO, FAR_AHEAD, STANDS_STILL])
def test_no_point_is_lost_or_moved_whatever_the_clock_says(python, read, change):
    """What a library that fakes the time does in the process of a user."""
    script = python(SCRIPT.format(change=change))

    assert script.wait(60) == 0
    runs = {run.name: run for run in read(lambda store: store.runs(RunQuery()))}
    assert {name: run.status for name, run in runs.items()} == {"before": "finished", "after": "finished"}
    assert read(lambda store: store.series(runs["before"].id, "loss").steps.tolist()) == list(range(10))
    assert all(run.duration_s >= 0 for run in runs.values())


def test_a_process_whose_clock_is_wrong_by_years_is_running_as_long_as_it_is_there(python, read):
    script = python("""
import time
time.time = lambda: 12.0
import nbtrail as nt
run = nt.start_run("wrong")
run.log({"loss": 1.0})
run.recorder.flush()
print("there", flush=True)
time.sleep(60)
""")
    assert script.stdout.readline() == "there\n"
    assert read(lambda store: store.run("wrong").status) == "running"
    script.kill()
    script.wait()
    assert read(lambda store: store.run("wrong").status) == "lost"


def test_moves_go_on_in_the_background_while_the_clock_stands_still(python, read):
    """The writer must not wait for a moment that never comes."""
    script = python("""
import time
time.sleep(0)
import nbtrail as nt
run = nt.start_run("still")
run.recorder.flush()
frozen, sleep = time.monotonic(), time.sleep
time.monotonic = lambda: frozen
run.log({"loss": 1.0})
for _ in range(200):
    sleep(0.05)
    if run.recorder._backlog.is_empty:
        print("moved", flush=True)
        break
sleep(60)
""")
    assert script.stdout.readline() == "moved\n"
