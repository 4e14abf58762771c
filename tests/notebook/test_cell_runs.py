"""``%%track``: one cell, one run."""

from __future__ import annotations

import re

import pytest

from tests.notebook.conftest import SLEEP

SWEEP = """
for lr in (0.1, 0.2):
    with nt.start_run(f"lr {lr}", params={"lr": lr}) as run:
        run.log({"acc": lr})
"""


def test_a_tracked_cell_takes_its_params_from_earlier_cells_and_its_metrics_by_name(notebook):
    notebook.run("lr, depth = 0.09, 6")
    ran = notebook.run("%%track swift-otter --tag sweep --note 'first try'\nacc = lr * depth + 0.4")

    assert (ran.error, ran.stderr) == (None, "")
    (run,) = notebook.runs()
    assert (run.name, run.status, run.tags, run.note) == ("swift-otter", "finished", ("sweep",), "first try")
    params = notebook.params("swift-otter")
    assert {key: one.value for key, one in params.items()} == {"lr": 0.09, "depth": 6}
    assert params["lr"].reason == "literal in cell 2, read by cell 3"
    metric = notebook.metrics("swift-otter")["acc"]
    assert (metric.last, metric.origin, metric.reason) == (0.09 * 6 + 0.4, "inferred", "name matches 'acc'")


def test_literals_of_cells_that_ran_before_the_extension_was_loaded_count(empty_notebook):
    empty_notebook.run("lr = 0.3")
    empty_notebook.run("%load_ext nbtrail")
    empty_notebook.run("%%track a\nacc = lr * 2")

    assert empty_notebook.params("a")["lr"].reason == "literal in cell 1, read by cell 3"


def test_what_functions_of_earlier_cells_read_is_a_param(notebook):
    notebook.run("lr = 0.3\ndef fit():\n    return lr * 2")
    notebook.run("%%track a\nacc = fit()")

    assert notebook.params("a")["lr"].value == 0.3


def test_a_number_that_is_shown_last_by_a_scoring_call_is_a_metric(notebook):
    notebook.run("class Model:\n    def score(self, x):\n        return x / 4\nmodel = Model()")
    ran = notebook.run("%%track a\nmodel.score(3)")

    assert ran.result == "0.75"
    metric = notebook.metrics("a")["model.score"]
    assert (metric.last, metric.reason) == (0.75, "from 'model.score'")


def test_each_execution_is_a_run_of_its_own(notebook):
    for _ in range(2):
        notebook.run("%%track sweep\nacc = 1 / 2")

    assert [run.name for run in notebook.runs()] == ["sweep", "sweep-2"]


def test_an_exception_fails_the_run_says_where_and_keeps_the_line_numbers(notebook):
    ran = notebook.run("%%track a --each-step loss\nfor i in range(3):\n    loss = i / 2\nraise ValueError('shapes')")

    assert ran.error["ename"] == "ValueError"
    shown = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(ran.error["traceback"]))
    assert "----> 4 raise" in shown
    (run,) = notebook.runs()
    assert (run.status, run.error) == ("failed", "ValueError in [2]: shapes")


def test_an_interrupt_is_no_failure(notebook):
    message_id = notebook.send(f"%%track a\nprint('now', flush=True)\n{SLEEP}")
    notebook.wait_for_stdout("now")
    notebook.manager.interrupt_kernel()
    ran = notebook.collect(message_id)

    assert ran.error["ename"] == "KeyboardInterrupt"
    (run,) = notebook.runs()
    assert (run.status, run.error) == ("interrupted", None)


def test_time_below_track_works_as_ever(notebook):
    ran = notebook.run("%%track a --each-step loss\n%%time\nfor i in range(3):\n    loss = i / 2\nacc = 3 / 4")

    assert "Wall time" in ran.stdout
    assert ran.error is None
    assert notebook.series("a", "loss") == [(0, 0.0), (1, 0.5), (2, 1.0)]
    assert notebook.metrics("a")["acc"].last == 0.75


def test_track_below_time_works_too(notebook):
    ran = notebook.run("%%time\n%%track a\nacc = 3 / 4")

    assert "Wall time" in ran.stdout
    assert notebook.metrics("a")["acc"].last == 0.75


def test_capture_below_track_runs_the_cell_once_and_ends_it_once(notebook):
    notebook.run("%%track a\n%%capture out\nprint('hidden')\nacc = 3 / 4")

    (run,) = notebook.runs()
    assert (run.status, notebook.metrics("a")["acc"].count) == ("finished", 1)
    assert [one.status for one in notebook.executions("a")] == ["ok"]


def test_top_level_await_works(notebook):
    source = (
        "%%track a --each-step loss\nimport asyncio\nfor i in range(3):\n    loss = await asyncio.sleep(0, i / 2)\nloss"
    )
    ran = notebook.run(source)

    assert (ran.error, ran.result) == (None, "1.0")
    assert notebook.series("a", "loss") == [(0, 0.0), (1, 0.5), (2, 1.0)]
    assert notebook.runs()[0].status == "finished"


def test_a_cell_of_another_language_can_be_a_run(notebook):
    ran = notebook.run("%%track a\n%%bash\necho hello")

    assert "hello" in ran.stdout
    assert [run.status for run in notebook.runs()] == ["finished"]


def test_a_cell_that_is_no_python_starts_no_run(notebook):
    ran = notebook.run("%%track a\nfor for for")

    assert ran.error["ename"] == "SyntaxError"
    assert notebook.runs() == []


def test_several_runs_in_one_cell_all_finish_and_share_its_execution(notebook):
    notebook.run(f"import nbtrail as nt\n{SWEEP}")

    assert [(run.name, run.status) for run in notebook.runs()] == [("lr 0.1", "finished"), ("lr 0.2", "finished")]
    (execution,) = notebook.executions("lr 0.2")
    assert execution.status == "ok"
    assert "nt.start_run" in execution.source
    assert notebook.params("lr 0.1")["lr"].execution_id == execution.id


def test_the_runs_of_a_tracked_cell_are_its_children(notebook):
    notebook.run("import nbtrail as nt")
    notebook.run(f"%%track parent\n{SWEEP}")

    parent, *children = notebook.runs()
    assert [child.parent_id for child in children] == [parent.id, parent.id]


def test_what_the_cell_logs_itself_is_not_captured_as_well(notebook):
    notebook.run("%%track a\nimport nbtrail as nt\nacc = 1 / 2\nnt.active_run().log({'acc': acc}, step=7)")

    assert notebook.series("a", "acc") == [(7, 0.5)]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("%%track a b", "b is too much"),
        ("%%track --each 1", "there is no option --each"),
        ("%%track --each-step 1x", "'1x' is none"),
    ],
)
def test_a_line_that_is_not_understood_says_so_and_the_cell_does_not_run(notebook, line, complaint):
    ran = notebook.run(f"{line}\nprint('ran')")

    assert complaint in ran.stderr
    assert ran.stdout == ""
    assert notebook.run("1 + 1").result == "2"
