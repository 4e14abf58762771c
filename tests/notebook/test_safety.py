"""Tracking that fails leaves the cell as it is, says so once, and takes what it can."""

from __future__ import annotations

HEAVY = ("pandas", "altair", "anywidget", "jupyter_server")


def test_a_store_that_cannot_be_written_is_said_once_and_the_cells_run(own_notebook):
    (own_notebook.root / ".nbtrail").write_text("in the way")
    first = own_notebook.run("%%track\nacc = 1 / 2\nprint(acc)")
    second = own_notebook.run("%%track\nacc = 1 / 4\nprint(acc)")

    assert (first.stdout, second.stdout) == ("0.5\n", "0.25\n")
    assert (first.error, second.error) == (None, None)
    assert "cannot be written" in first.stderr
    assert second.stderr == ""


def test_a_part_that_fails_is_off_and_said_once(own_notebook):
    own_notebook.run("import nbtrail.notebook.values as values\nvalues.find_metrics = None")
    first = own_notebook.run("%%track a\nacc = 1 / 2\nprint(acc)")
    second = own_notebook.run("%%track b\nacc = 1 / 4\nacc")

    assert (first.stdout, second.result) == ("0.5\n", "0.25")
    assert "the capture of params and metrics failed" in first.stderr
    assert second.stderr == ""
    assert [run.status for run in own_notebook.runs()] == ["finished", "finished"]
    assert "off      the capture of params and metrics" in own_notebook.run("%track status").stdout


def test_a_source_of_params_that_fails_does_not_take_the_others_with_it(own_notebook):
    own_notebook.run("import nbtrail.notebook.values as values\nvalues.find_estimator_params = None")
    ran = own_notebook.run("%%track a\nlr = 0.1\nacc = lr * 2\nclass Net:\n    def __init__(self, **k): pass\nNet(n=3)")

    assert "params of fitted estimators failed" in ran.stderr
    assert set(own_notebook.params("a")) == {"lr", "Net.n"}
    assert set(own_notebook.metrics("a")) == {"acc"}


def test_a_capture_that_fails_at_the_start_leaves_no_run_behind(own_notebook):
    own_notebook.run("import nbtrail.notebook.cell_reader as reader\nreader.look_at = None")
    ran = own_notebook.run("%%track a\nacc = 1 / 2\nprint(acc)")

    assert ran.stdout == "0.5\n"
    assert "the capture of cells failed" in ran.stderr
    assert own_notebook.run("print('on')").stdout == "on\n"
    assert [run for run in own_notebook.runs() if run.status == "running"] == []


def test_a_capture_that_fails_at_the_end_closes_its_run(own_notebook):
    own_notebook.run("import nbtrail.notebook.capture as capture\ncapture.traceback_text = None")
    ran = own_notebook.run("%%track a --each-step\nfor i in range(3):\n    loss = i / 2\n1 / 0")

    assert ran.error["ename"] == "ZeroDivisionError"
    (run,) = own_notebook.runs()
    assert (run.status, run.error) == ("interrupted", "the capture of this cell failed")
    assert own_notebook.run("len(get_ipython().ast_transformers)").result == "0"


def test_values_that_misbehave_do_no_harm(notebook):
    methods = "".join(f"    def __{name}__(self, *_): raise ValueError\n" for name in ("eq", "len", "float", "repr"))
    source = f"class Odd:\n{methods}    def __iter__(self): return iter([1, 2])\n"
    ran = notebook.run(
        f"%%track a --each-step loss,acc\n{source}for i in Odd():\n    loss = Odd()\nacc = Odd()\nprint('fine')"
    )

    assert (ran.stdout, ran.stderr, ran.error) == ("fine\n", "", None)


def test_loading_the_extension_loads_nothing_heavy(empty_notebook):
    source = f"import sys\n[name for name in {HEAVY} if name in sys.modules]"
    empty_notebook.run("%load_ext nbtrail")
    assert empty_notebook.run(source).result == "[]"
