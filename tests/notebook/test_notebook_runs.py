"""``%track``: the whole notebook is a run."""

from __future__ import annotations

import pytest

from nbtrail.notebook.grammar import VERBS
from nbtrail.project import find_project
from nbtrail.tracking import reader


def test_the_cells_after_track_are_one_run(notebook):
    notebook.run("%track start whole --tag base")
    notebook.run("lr = 0.5")
    notebook.run("print('hi')\nacc = lr / 2")
    notebook.run("%track stop")

    (run,) = notebook.runs()
    assert (run.name, run.status, run.tags) == ("whole", "finished", ("base",))
    assert notebook.params("whole")["lr"].reason == "literal in cell 3, read by cell 4"
    assert notebook.metrics("whole")["acc"].last == 0.25
    assert [one.number for one in notebook.executions("whole")] == [2, 3, 4, 5]


def test_loading_and_tracking_work_in_one_cell(empty_notebook):
    ran = empty_notebook.run("%load_ext nbtrail\n%track\nlr = 0.5\nacc = lr / 2")

    assert (ran.error, ran.stderr) == (None, "")
    (run,) = empty_notebook.runs()
    assert empty_notebook.params(run.name)["lr"].value == 0.5
    assert empty_notebook.metrics(run.name)["acc"].last == 0.25
    (execution,) = empty_notebook.executions(run.name)
    assert (execution.number, execution.status) == (1, "ok")
    assert execution.source.startswith("%load_ext nbtrail")


def test_track_twice_says_which_run_goes_on(notebook):
    notebook.run("%track start first")
    ran = notebook.run("%track")

    assert "'first'" in ran.stdout
    assert len(notebook.runs()) == 1


def test_loading_twice_changes_nothing(notebook):
    notebook.run("%load_ext nbtrail\n%reload_ext nbtrail")
    notebook.run("%%track a\nacc = 1 / 2")

    assert notebook.metrics("a")["acc"].count == 1


def test_a_failing_cell_fails_its_execution_and_not_the_run(notebook):
    notebook.run("%track start whole")
    notebook.run("1 / 0")

    assert notebook.runs()[0].status == "running"
    execution = notebook.executions("whole")[-1]
    assert (execution.status, execution.error) == ("error", "ZeroDivisionError: division by zero")
    (output,) = notebook.outputs(execution.id)
    assert output.kind == "error"
    assert "division by zero" in output.text


def test_a_tracked_cell_within_a_tracked_notebook_is_its_child(notebook):
    notebook.run("%track start whole")
    notebook.run("%%track part\nacc = 1 / 2")
    notebook.run("loss = 1 / 4")

    whole, part = notebook.runs()
    assert part.parent_id == whole.id
    assert set(notebook.metrics("part")) == {"acc"}
    assert set(notebook.metrics("whole")) == {"loss"}


def test_metrics_params_tags_and_notes_are_recorded_by_command(notebook):
    notebook.run("%track start whole")
    notebook.run("x = 0.5\n%track log acc=x*2 loss=0.25 --step 4\n%track param lr=x layers=[64, 64] model=forest")
    notebook.run('%track tag best quick\n%track note "why it works"')

    (run,) = notebook.runs()
    assert (run.tags, run.note) == (("best", "quick"), "why it works")
    assert notebook.series("whole", "acc") == [(4, 1.0)]
    values = {key: one.value for key, one in notebook.params("whole").items() if one.origin == "logged"}
    assert values == {"lr": 0.5, "layers": [64, 64], "model": "forest"}


def test_a_run_that_is_started_ends_the_one_before(notebook):
    notebook.run("%track start first")
    ran = notebook.run("%track start second")

    assert "'first' ended" in ran.stdout
    assert [(run.name, run.status) for run in notebook.runs()] == [("first", "finished"), ("second", "running")]


def test_the_end_of_the_kernel_finishes_the_run(own_notebook):
    own_notebook.run("%track start whole")
    own_notebook.close()

    with reader(find_project(own_notebook.root, environ={})) as reading:
        assert reading.store.run("whole").status == "finished"


def test_off_ends_the_run_and_nothing_is_captured_until_track_comes_again(notebook):
    notebook.run("%track start whole")
    ran = notebook.run("%track off")
    notebook.run("acc = 1 / 2")

    assert "off" in ran.stdout
    assert notebook.runs()[0].status == "finished"
    assert notebook.metrics("whole") == {}
    notebook.run("%%track again\nacc = 1 / 4")
    assert notebook.metrics("again")["acc"].last == 0.25


def test_unloading_takes_everything_away(notebook):
    watch = "ip = get_ipython(); (len(ip.ast_transformers), len(ip.input_transformers_cleanup), ip.events.callbacks)"
    before = notebook.run(f"%unload_ext nbtrail\n{watch}").result
    notebook.run("%load_ext nbtrail\n%track")

    assert notebook.run(f"%unload_ext nbtrail\n{watch}").result == before
    assert "not found" in notebook.run("%track").stderr


def test_what_is_watched_is_taken_and_what_is_ignored_is_not(notebook):
    notebook.run("%track watch rounds_ acc\n%track ignore loss")
    notebook.run("rounds_ = len('abc')")
    notebook.run("%%track a\nacc = 3\nloss = 1 / rounds_")

    assert {key: one.value for key, one in notebook.params("a").items()} == {"rounds_": 3}
    assert {key: one.last for key, one in notebook.metrics("a").items()} == {"acc": 3.0}


def test_watching_a_name_takes_nothing_that_the_run_did_not_compute_and_nothing_over_what_was_logged(notebook):
    notebook.run("acc = 0.99 * 1\nrounds = 5")
    notebook.run("%track start b")
    notebook.run("%track log acc=0.5\n%track watch acc rounds")
    notebook.run("%track stop")

    assert {key: one.last for key, one in notebook.metrics("b").items()} == {"acc": 0.5}
    assert notebook.params("b") == {}


def test_a_comment_may_stand_behind_every_command(notebook):
    """The documents show them so."""
    notebook.run("%track start b   # a named run, until…")
    notebook.run("%track log acc=0.5 --step 4 # by hand\n%track tag best # really\n%track note mind issue # 12")
    listed = notebook.run("%track runs # all")
    notebook.run("%track stop # here")
    notebook.run("%%track c  # a cell\nx = 1")

    first, second = notebook.runs()
    assert (first.name, first.tags, first.note) == ("b", ("best",), "mind issue # 12")
    assert (second.name, notebook.series("b", "acc")) == ("c", [(4, 0.5)])
    assert "1 of 1 runs" in listed.displays[0]["text/plain"]


def test_what_is_not_a_number_can_be_logged_by_command(notebook):
    notebook.run("%track start b\n%track log loss=nan gap=-inf")

    assert {key: repr(one.last) for key, one in notebook.metrics("b").items()} == {"loss": "nan", "gap": "-inf"}


def test_the_card_tells_the_end_of_the_run_when_the_kernel_ends(own_notebook):
    """A saved notebook must not say "running" for ever."""
    own_notebook.run("%track")
    own_notebook.client.shutdown()

    assert "finished" in own_notebook.wait_for_update("finished")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("%track lgo acc=1", "Did you mean `%track log`?"),
        ("%track log acc=high", "acc is no number"),
        ("%track log acc = 1", "acc is no NAME=VALUE"),
        ("%track stop", "no run goes on"),
        ("%track diff a", "2 or more runs"),
        ("%track diff no-such other", "no run 'no-such'"),
        ("%track runs metrics.acc >", "column"),
    ],
)
def test_a_mistake_is_one_clear_message_without_a_traceback(notebook, line, complaint):
    notebook.run("%track start whole\n%track log loss=1" if "log" in line else "pass")
    ran = notebook.run(line)

    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.error is None
    assert notebook.run("1 + 1").result == "2"


def test_status_says_what_is_captured_and_why(notebook):
    notebook.run("%track start whole\nlr = 0.5\nprint(lr)")
    status = notebook.run("%track status").stdout

    assert "run      whole" in status
    assert "param    lr = 0.5  (inferred: literal in cell 2, which reads it)" in status


def test_help_lists_every_command(notebook):
    text = notebook.run("%track help").stdout
    assert [name for name in VERBS if f"%track {name}" not in text] == []


def test_runs_are_shown_as_a_table_that_needs_no_kernel(notebook):
    notebook.run("%%track a\nlr = 0.5\nacc = lr / 2")
    notebook.run("%%track b\nlr = 0.25\nacc = lr / 2")
    (shown,) = notebook.run("%track runs metrics.acc > 0.2").displays

    assert "0.25" in shown["text/plain"]
    assert "a</t" in shown["text/html"]
    assert "b</t" not in shown["text/html"]


def test_runs_are_compared_and_exported_by_command(notebook):
    notebook.run("%%track a\nlr = 0.5\nacc = lr / 2")
    notebook.run("%%track b\nlr = 0.25\nacc = lr / 2")
    chart, table = notebook.run("%track compare a b").displays
    written = notebook.run("%track export comparison.ipynb a b")

    assert "application/vnd.vegalite.v5+json" in chart
    assert "lr" in table["text/html"]
    assert "Written" in written.stdout
    assert (notebook.root / "comparison.ipynb").exists()


def test_commands_are_completed(notebook):
    notebook.client.complete("%track st", 9)
    message = notebook.client.get_shell_msg(timeout=30)

    assert {"start", "stop", "status"} <= set(message["content"]["matches"])
