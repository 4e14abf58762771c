"""Processes that come and go: what is recorded of them, as docs/situations.md says."""

from __future__ import annotations

import time

from nbtrail.project import find_project
from nbtrail.tracking import reader
from tests.notebook.conftest import SLEEP

WORKER = """
import multiprocessing, queue
import nbtrail as nt

def load(tasks, results):
    while (index := tasks.get()) is not None:
        loss = index / 10
        results.put((index, loss))

class Loader:
    '''Workers behind queues, as PyTorch's DataLoader has them.'''

    def __init__(self, count):
        context = multiprocessing.get_context("fork")
        self.tasks, self.results = context.Queue(), context.Queue()
        self.workers = [
            context.Process(target=load, args=(self.tasks, self.results), daemon=True) for _ in range(count)
        ]
        for worker in self.workers:
            worker.start()

    def __iter__(self):
        for index in range(6):
            self.tasks.put(index)
        for _ in range(6):
            yield self.results.get(timeout=30)
        for worker in self.workers:
            self.tasks.put(None)
        for worker in self.workers:
            worker.join(30)
"""


def status(notebook):
    return {run.name: run.status for run in notebook.runs()}


def test_os_fork_in_a_cell(notebook):
    notebook.run("%track start whole")
    ran = notebook.run(
        "import os, warnings\nwarnings.simplefilter('ignore', DeprecationWarning)  # of a kernel's threads\n"
        "child = os.fork()\nif child == 0:\n"
        "    print('from the child', flush=True)\n    os._exit(0)\n_ = os.waitpid(child, 0)\nacc = 1 / 2"
    )
    assert (ran.error, ran.stderr) == (None, "")
    assert notebook.outputs(notebook.executions("whole")[-1].id) == []
    assert status(notebook) == {"whole": "running"}
    assert notebook.metrics("whole")["acc"].last == 0.5


def test_what_a_forked_child_logs_before_it_is_killed_is_replayed(notebook):
    notebook.run("%track start whole")
    notebook.run(
        "import os\nimport nbtrail as nt\nchild = os.fork()\nif child == 0:\n"
        "    nt.active_run().log({'from_child': 1.0})\n    os._exit(0)\n_ = os.waitpid(child, 0)"
    )
    assert notebook.metrics("whole")["from_child"].last == 1.0


def test_pools_of_forked_and_of_fresh_processes(notebook):
    # The ``%reset`` between tests takes this name away, which fresh processes are prepared with.
    notebook.run("%track start whole\nimport multiprocessing, math\n__spec__ = None")
    for method in ("fork", "spawn"):
        ran = notebook.run(
            f"with multiprocessing.get_context('{method}').Pool(2) as pool:\n"
            "    roots = pool.map(math.sqrt, range(10))\nacc = roots[-1] / 6\nacc"
        )
        assert (ran.error, ran.result, ran.stderr) == (None, "0.5", "")
    assert status(notebook) == {"whole": "running"}
    assert notebook.metrics("whole")["acc"].count == 2


def test_functions_of_a_followed_cell_in_joblib_workers(notebook):
    ran = notebook.run(
        "%%track a --each-step loss\nfrom joblib import Parallel, delayed\ndef fit(rate):\n"
        "    for step in range(3):\n        loss = rate / (step + 1)\n    return loss\n"
        "ends = Parallel(n_jobs=2)(delayed(fit)(rate) for rate in (3.0, 6.0))\nacc = sum(ends) / 3\nacc"
    )
    notebook.run("from joblib.externals.loky import get_reusable_executor\nget_reusable_executor().shutdown(wait=True)")

    assert (ran.error, ran.result) == (None, "1.0")
    assert status(notebook) == {"a": "finished"}
    assert notebook.metrics("a")["acc"].last == 1.0


def test_workers_of_a_data_loader(notebook):
    notebook.run(WORKER)
    ran = notebook.run("%%track a --each-step loss\nfor index, loss in sorted(Loader(2)):\n    pass\nacc = loss * 2")
    again = notebook.run("%%track b --each-step\nfor index, value in Loader(2):\n    loss = value * 2")

    assert (ran.error, ran.stderr, again.error, again.stderr) == (None, "", None, "")
    assert status(notebook) == {"a": "finished", "b": "finished"}
    assert len(notebook.series("b", "loss")) == 6


def test_an_interrupt_of_a_loop_of_sleep_and_of_numpy(notebook):
    for name, body in {
        "loop": "while True:\n    x = 1",
        "sleep": SLEEP,
        "numpy": "import numpy as np\nwhile True:\n    x = np.ones((300, 300)) @ np.ones((300, 300))",
    }.items():
        message = notebook.send(f"%%track {name}\nacc = 1 / 2\nprint('begun', flush=True)\n{body}")
        notebook.wait_for_stdout("begun")
        notebook.manager.interrupt_kernel()
        ran = notebook.collect(message)
        assert ran.error["ename"] == "KeyboardInterrupt"

    assert set(status(notebook).values()) == {"interrupted"}
    assert {notebook.metrics(name)["acc"].last for name in ("loop", "sleep", "numpy")} == {0.5}
    assert notebook.run("1 + 1").result == "2"


def test_an_interrupt_that_comes_while_tracking_is_at_work_ends_the_cell_all_the_same(notebook):
    """IPython swallows an interrupt that a hook raises."""
    hook = "import nbtrail.notebook.values as v, signal, time\nold = v.Values.before\ndef before(*args):\n"
    hook += "    v.Values.before = old\n    signal.raise_signal(signal.SIGINT)\n    return old(*args)\n"
    notebook.run(f"{hook}v.Values.before = before")
    ran = notebook.run(f"%%track early\nacc = 1 / 2\n{SLEEP}")

    assert ran.error["ename"] == "KeyboardInterrupt"
    assert "Error in callback" not in ran.stdout + ran.stderr
    assert status(notebook) == {"early": "interrupted"}


def test_an_interrupt_of_a_cell_of_a_notebook_run(notebook):
    notebook.run("%track start whole")
    message = notebook.send(f"print('begun', flush=True)\n{SLEEP}")
    notebook.wait_for_stdout("begun")
    notebook.manager.interrupt_kernel()
    notebook.collect(message)
    notebook.run("acc = 1 / 2")

    assert status(notebook) == {"whole": "running"}
    assert [cell.status for cell in notebook.executions("whole")] == ["ok", "interrupted", "ok"]


def test_a_restart_while_a_run_is_open_finishes_it(own_notebook):
    own_notebook.run("%track start whole")
    own_notebook.run("acc = 1 / 2")
    own_notebook.manager.restart_kernel(now=False)
    own_notebook.client.wait_for_ready(timeout=60)
    own_notebook.run("%load_ext nbtrail")
    own_notebook.run("%%track second\nacc = 1 / 4")

    assert status(own_notebook) == {"whole": "finished", "second": "finished"}
    assert own_notebook.metrics("whole")["acc"].last == 0.5


def test_os_exit_in_a_cell_loses_the_run_and_keeps_its_points(own_notebook):
    own_notebook.run("%load_ext nbtrail")
    process = own_notebook.manager.provisioner.process
    own_notebook.send(
        "%%track doomed --each-step\nimport os, time\nimport nbtrail as nt\n"
        "for i in range(4):\n    loss = 1 / (i + 1)\n"
        "time.sleep(0.3)\nnt.active_run().log({'f1': 0.7})\nos._exit(1)"
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)

    with reader(find_project(own_notebook.root, environ={})) as reading:
        run = reading.store.run("doomed")
        assert run.status == "lost"
        assert reading.store.series(run.id, "loss").values.tolist() == [1.0, 0.5, 1 / 3, 0.25]
        assert reading.store.series(run.id, "f1").values.tolist() == [0.7]
        assert [cell.status for cell in reading.store.executions(run.id)] == ["interrupted"]
