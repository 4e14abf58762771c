"""Bad input in a notebook: one message below the cell, no traceback, and the next cell runs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nbtrail.errors import RunNotFoundError
from nbtrail.project import find_project
from nbtrail.tracking import reader
from tests.notebook import conftest as kernels

# Fixtures.
environ, shared_notebook, notebook = kernels.environ, kernels.shared_notebook, kernels.notebook

NO_DATABASE = b"this is not a database at all" * 50
TWO_RUNS = """
import nbtrail as nt
for name, acc in (("swift-otter", 0.93), ("calm-heron", 0.92)):
    with nt.start_run(name, params={"lr": 0.1}) as run:
        run.log({"acc": acc, "val_loss": 1 - acc})
"""


@pytest.fixture
def two_runs(notebook):
    """A notebook whose project has two runs."""
    notebook.run(TWO_RUNS)
    return notebook


def said(ran) -> str:
    """The one message of a cell that put out nothing else and raised nothing."""
    assert (ran.error, ran.stdout, ran.displays) == (None, "", [])
    return ran.stderr.rstrip("\n")


# --- lines and cells that are not understood ---


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stat", "%track stat: there is no command 'stat'. Did you mean `%track start`?"),
        ("stop", "%track stop: no run goes on. `%track` or `%track start NAME` begins one."),
        ("stop now", "%track stop now: now is too much. Write `%track stop`."),
        ("log", "%track log: NAME=NUMBER … is missing. Write `%track log NAME=NUMBER … --step N`."),
        ("log acc =1", "%track log acc =1: acc is no NAME=VALUE. Write lr=0.01, without blanks around `=`."),
        ('tag "best', '%track tag "best: " is missing. Close what was opened.'),
        ("watch 3x", "%track watch 3x: '3x' is no name. Write `%track watch NAME …`."),
        ("diff a", "%track diff a: it takes 2 or more runs. Write `%track diff RUN RUN …`."),
    ],
)
def test_a_line_with_a_mistake_is_one_message_that_says_what_to_write(notebook, line, message):
    assert said(notebook.run(f"%track {line}")) == f"UsageError: {message}"
    assert notebook.run("1 + 1").result == "2"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a b", "%%track a b: b is too much. Write `%%track [NAME]"),
        ("--nosuch", "%%track --nosuch: there is no option --nosuch. It takes --each-step, --tag, --note."),
        ("--tag", "%%track --tag: --tag needs a value."),
        ("--each-step 3x", "%%track --each-step 3x: --each-step takes names, and '3x' is none."),
    ],
)
def test_a_cell_whose_first_line_has_a_mistake_says_so_and_does_not_run(notebook, line, message):
    assert said(notebook.run(f"%%track {line}\nprint('ran')")).startswith(f"UsageError: {message}")
    assert notebook.run("1 + 1").result == "2"
    assert notebook.runs() == []


def test_a_metric_that_is_no_number_is_refused_with_its_whole_line(notebook):
    notebook.run("%track start warmup")
    ran = notebook.run("%track log loss=0.2 acc=high")

    assert said(ran).startswith("UsageError: %track log loss=0.2 acc=high: acc is no number: 'high'. Nothing of this")
    assert notebook.metrics("warmup") == {}


def test_an_artifact_that_is_not_there_is_one_message_and_the_run_goes_on(notebook):
    notebook.run("%track start warmup")

    assert said(notebook.run("%track artifact nosuch.bin")) == (
        "nbtrail: the artifact was not kept: no file 'nosuch.bin' to keep as an artifact. "
        "Check the path; it is taken from the working directory."
    )
    assert [run.status for run in notebook.runs()] == ["running"]


def test_a_step_name_that_no_loop_binds_is_said_on_the_card(notebook):
    ran = notebook.run("%%track a --each-step nosuch\nfor i in range(3):\n    loss = 1 / (i + 1)")
    (card,) = [update["text/plain"] for update in ran.updates][-1:]

    assert (ran.error, ran.stderr) == (None, "")
    assert "--each-step nosuch: no loop of this cell bound it to a number." in card
    assert list(notebook.metrics("a")) == ["loss"]


# --- what is not there ---


@pytest.mark.parametrize("line", ["diff swift-oter calm-heron", "compare swift-oter", "export out.ipynb swift-oter"])
def test_an_unknown_run_is_named_with_the_one_that_was_meant(two_runs, line):
    message = said(two_runs.run(f"%track {line}"))

    assert message.startswith("UsageError: no run 'swift-oter'")
    assert "Did you mean 'swift-otter'?" in message
    assert not (two_runs.root / "out.ipynb").exists()


def test_a_mistake_in_a_filter_is_pointed_at(two_runs):
    assert said(two_runs.run("%track runs metrics.ac > 0.9")).splitlines() == [
        "UsageError: no run has the metric 'ac' (column 9). Did you mean metrics.acc?",
        "  metrics.ac > 0.9",
        " " * 10 + "^",
    ]


@pytest.mark.parametrize("line", ["compare swift-otter --metric bleu", "export out.ipynb swift-otter --metric bleu"])
def test_a_metric_that_no_run_has_is_named_with_those_that_exist(two_runs, line):
    message = said(two_runs.run(f"%track {line}"))

    assert message == "UsageError: no metric 'bleu' in these runs. They have: acc, val_loss."
    assert not (two_runs.root / "out.ipynb").exists()


def test_a_notebook_that_is_somebodys_is_not_written_over(two_runs):
    mine = two_runs.root / "mine.ipynb"
    mine.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    before = mine.read_bytes()
    message = said(two_runs.run("%track export mine.ipynb swift-otter calm-heron"))

    assert message.endswith("so it was left as it is. 'mine-2.ipynb' is free.")
    assert mine.read_bytes() == before


@pytest.mark.parametrize(
    ("call", "kind", "value"),
    [
        ("nt.run('swift-oter')", "RunNotFoundError", "error.wanted == 'swift-oter'"),
        ("nt.diff('swift-oter', 'calm-heron')", "RunNotFoundError", "error.similar == ('swift-otter',)"),
        ("nt.runs('metrics.ac > 0.9')", "FilterError", "(error.text, error.column) == ('metrics.ac > 0.9', 8)"),
        ("nt.runs(sort='metrics.ac')", "FilterError", "(error.text, error.column) == ('metrics.ac', 8)"),
        ("nt.history(['swift-otter'], 'bleu')", "MetricNotFoundError", "error.wanted == 'bleu'"),
        ("nt.compare('swift-otter', metric='bleu')", "MetricNotFoundError", "error.known == ('acc', 'val_loss')"),
    ],
)
def test_an_error_of_the_python_functions_keeps_the_value_at_fault(two_runs, call, kind, value):
    ran = two_runs.run(f"try:\n    {call}\nexcept nt.errors.{kind} as error:\n    print({value})")

    assert (ran.stdout, ran.stderr, ran.error) == ("True\n", "", None)


def test_an_error_that_a_worker_process_hands_on_is_whole():
    error = pickle.loads(pickle.dumps(RunNotFoundError("swift-oter", store="store.db", similar=["swift-otter"])))

    assert (error.wanted, error.similar) == ("swift-oter", ("swift-otter",))
    assert str(error).startswith("no run 'swift-oter' in store.db. Did you mean 'swift-otter'?")


# --- values ---


def test_a_taken_name_gets_a_number_and_the_card_says_so(two_runs):
    ran = two_runs.run("%%track swift-otter\nacc = 1 / 3")

    assert ran.stderr == ""
    assert "The name 'swift-otter' is taken; this run is 'swift-otter-2'." in ran.updates[-1]["text/plain"]
    assert [run.name for run in two_runs.runs()] == ["swift-otter", "calm-heron", "swift-otter-2"]


def test_a_param_that_is_no_json_is_kept_as_its_text_and_the_cell_says_so(notebook):
    notebook.run("%track start warmup")

    assert said(notebook.run("%track param model={1, 2}")) == (
        "nbtrail: param 'model' is no JSON: {1, 2} of type set. "
        "Its text is kept; give its settings instead (run 'warmup')."
    )
    param = notebook.params("warmup")["model"]
    assert (param.value, param.as_text, param.reason) == ("{1, 2}", True, "the text of a set")


@pytest.mark.parametrize("action", ["ignore", "error"])
def test_a_message_is_shown_and_raises_nothing_whatever_is_done_with_warnings(two_runs, action):
    ran = two_runs.run(
        f"import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter({action!r})\n"
        "    nt.start_run('swift-otter').finish()"
    )

    assert (ran.error, ran.stderr) == (
        None,
        "nbtrail: the name 'swift-otter' is taken; this run is 'swift-otter-2'.\n",
    )


def test_a_number_that_raises_is_left_out_and_the_loop_goes_on(notebook):
    """As a tensor of two elements does."""
    ran = notebook.run(
        "import nbtrail as nt\n"
        "class Tensor:\n"
        "    def item(self): raise RuntimeError\n"
        "    __repr__ = item\n"
        "with nt.start_run('loop') as run:\n"
        "    for step in range(3): run.log({'loss': Tensor(), 'acc': step})\n"
    )

    assert said(ran) == "nbtrail: metric 'loss' was not recorded: <Tensor> is no number (run 'loop')."
    assert notebook.metrics("loop")["acc"].count == 3


# --- a project in trouble ---


def test_a_store_that_is_no_database_is_said_once_and_keeps_nothing_from_the_cells(notebook):
    store = notebook.root / ".nbtrail" / "store.db"
    store.parent.mkdir()
    store.write_bytes(NO_DATABASE)
    first = notebook.run("%%track first\nacc = 1 / 2\nprint(acc)")
    second = notebook.run("%%track second\nacc = 1 / 0")
    asked = notebook.run("%track runs")
    status = notebook.run("%track status")
    kept = store.read_bytes()
    store.unlink()

    assert (first.stdout, first.error) == ("0.5\n", None)
    assert first.stderr.startswith(f"nbtrail: {store} cannot be read as an nbtrail store: file is not a database.")
    assert first.stderr.endswith("until the store takes it; your code goes on.\n")
    assert (second.error["ename"], second.stderr) == ("ZeroDivisionError", "")
    assert said(asked).startswith(f"UsageError: {store} cannot be read")
    assert f"trouble  {store} cannot be read" in status.stdout
    assert kept == NO_DATABASE
    assert [(run.name, run.status) for run in notebook.runs()] == [("first", "finished"), ("second", "failed")]


def test_settings_with_a_mistake_are_said_once_and_are_not_written_over(two_runs):
    path = two_runs.root / ".nbtrail" / "settings.toml"
    path.write_text('[metrics.directions]\nacc = "up"  # mine\n')
    first = two_runs.run("%%track first\nacc = 1 / 2")
    second = two_runs.run("%%track second\nacc = 1 / 4")
    watch = two_runs.run("%track watch acc")

    problem = 'metrics.directions.acc is "min" or "max", found \'up\'.'
    assert first.stderr == f"nbtrail: {path} is passed over: {problem} Mend or remove it.\n"
    assert second.stderr == ""
    assert said(watch) == f"UsageError: {path} has a mistake: {problem} It was left as it is; mend or remove it."
    assert path.read_text() == '[metrics.directions]\nacc = "up"  # mine\n'


LOCKED = """
import os, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from nbtrail.tracking.state import process
locked, state = map(Path, sys.argv[1:])
process.sampler.watch = lambda run: None  # its thread imports what it needs when it comes to that, and may be late
shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
cells = ["%load_ext nbtrail", "%%track kept\\nacc = 1 / 2\\nprint(acc)", "%track watch lr", "%track status"]
os.chdir(state)
for cell in cells:
    shell.run_cell(cell)  # imports everything, while root may still read it
shell.run_cell("import nbtrail; nbtrail.runs()")  # background looks too
shell.run_line_magic("unload_ext", "nbtrail")
sys.stdout.write("--- locked\\n")
for part in (locked, locked / ".nbtrail"):
    if part.exists():
        part.chmod(0o555)
os.chdir(locked)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for cell in cells:
    shell.run_cell(cell)
shell.run_cell("print('next')")
"""


@pytest.fixture
def run_locked():
    """Runs cells as an ordinary user in a folder that nobody may write; gives it and what the cells put out."""
    with tempfile.TemporaryDirectory(prefix="nbtrail-") as name:
        folder, state = Path(name) / "locked", Path(name) / "state"
        Path(name).chmod(0o755)
        for part in (folder, state):
            part.mkdir()
            part.chmod(0o777)

        def run(*, has_store: bool):
            if has_store:
                find_project(folder, environ={}).open(read_only=False).close()
            dirs = {"HOME": name, "IPYTHONDIR": f"{state}/ipython", "XDG_STATE_HOME": str(state)}
            environ = {**os.environ, "PYTHONPATH": str(kernels.SOURCE), **dirs}
            command = [sys.executable, "-c", LOCKED, folder, state]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
            return folder, done.stdout.split("--- locked\n")[1], done.stderr

        yield run
        for part in (folder, folder / ".nbtrail"):
            if part.exists():
                part.chmod(0o777)


@pytest.mark.parametrize("has_store", [False, True], ids=["without a store", "with a store"])
def test_in_a_read_only_folder_the_cells_run_and_one_message_says_where_the_records_wait(run_locked, has_store):
    folder, stdout, stderr = run_locked(has_store=has_store)
    said = stderr.splitlines()
    assert len(said) == 2, stderr
    wait, watch = said

    assert stdout.splitlines()[1] == "0.5"
    assert stdout.splitlines()[-1] == "next"
    assert wait.startswith(f"nbtrail: {folder / '.nbtrail'}")
    assert "cannot be written: Permission denied. Make the folder writable, or set NBTRAIL_STORE" in wait
    assert f"what is recorded is kept in {folder.parent / 'state' / 'nbtrail' / 'journal'}" in wait
    assert watch.startswith("UsageError: ")
    assert "settings.toml cannot be written" in watch if has_store else "cannot be written" in watch


def test_what_waited_is_in_the_store_when_the_folder_can_be_written_again(run_locked, monkeypatch):
    folder, *_ = run_locked(has_store=True)
    folder.chmod(0o777)
    (folder / ".nbtrail").chmod(0o777)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
    with reader(folder) as reading:
        run = reading.store.run("kept")
        (metric,) = reading.store.metrics([run.id])

    assert (run.status, metric.key, metric.last) == ("finished", "acc", 0.5)
