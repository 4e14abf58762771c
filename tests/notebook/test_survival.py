"""A kernel that is killed in the middle of a loop."""

from __future__ import annotations

import os
import signal

from nbtrail.project import find_project
from nbtrail.tracking import reader

LOOP = """%%track doomed --each-step loss
import time
for step in range(100_000):
    loss = 1 / (step + 1)
    print(f"step {step}.", flush=True)
    time.sleep(0.002)
"""


def test_a_killed_kernel_leaves_a_lost_run_with_every_turn_up_to_the_last_whole_one(own_notebook):
    own_notebook.run("%load_ext nbtrail\nlr = 0.1")
    own_notebook.send(LOOP)
    own_notebook.wait_for_stdout("step 300.")
    os.kill(own_notebook.manager.provisioner.pid, signal.SIGKILL)
    own_notebook.manager.provisioner.process.wait()

    with reader(find_project(own_notebook.root, environ={})) as reading:
        run = reading.store.run("doomed")
        series = reading.store.series(run.id, "loss")
        cells = reading.store.executions(run.id)
    assert run.status == "lost"
    # What a turn leaves behind is written down when the next one begins.
    assert len(series.steps) >= 300
    assert list(series.steps) == list(range(len(series.steps)))
    assert [cell.status for cell in cells] == ["interrupted"]
