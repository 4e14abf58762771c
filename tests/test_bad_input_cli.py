"""Bad input on the command line: one message on stderr, exit status 1, no traceback, and nothing is changed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.tracking.state import process
from tests.projects import SOURCE

NO_DATABASE = b"this is not a database at all" * 50
COMMANDS = [
    ["runs"],
    ["show", "a"],
    ["diff", "a", "b"],
    ["compare", "a", "b"],
    ["export", "out.ipynb", "a", "b"],
]


@pytest.fixture
def fail(project):
    """Runs a command that must fail, and gives the one message that it shows."""

    def call(*arguments: str) -> str:
        result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.count("Error: ") == 1
        assert "Traceback" not in result.stderr
        return result.stderr.removeprefix("Error: ").rstrip("\n")

    return call


@pytest.fixture
def two_runs(project):
    for name, acc in (("swift-otter", 0.93), ("calm-heron", 0.92)):
        with nt.start_run(name, params={"lr": 0.1}) as run:
            run.log({"acc": acc, "val_loss": 1 - acc})


def files(project) -> list[str]:
    return sorted(path.name for path in project.root.iterdir())


def test_as_a_command_it_exits_with_1_and_shows_one_line(project, two_runs):
    command = [sys.executable, "-m", "nbtrail", "show", "swift-oter"]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: no run 'swift-oter' in {project.url}. Did you mean 'swift-otter'? "
        "`%track runs` or `nbtrail runs` lists them.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["diff", "swift-oter", "calm-heron"],
        ["compare", "calm-heron", "swift-oter"],
        ["export", "out.ipynb", "swift-oter"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_unknown_run_is_named_with_the_one_that_was_meant(fail, two_runs, project, arguments):
    message = fail(*arguments)

    assert message.startswith("no run 'swift-oter'")
    assert "Did you mean 'swift-otter'?" in message
    assert files(project) == [".nbtrail"]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["metrics.acc = 0.9"],
            ["`=` does not compare (column 13). Write `==`.", "  metrics.acc = 0.9", " " * 14 + "^"],
        ),
        (["(params.lr < 1"], ["'(' was never closed (column 1).", "  (params.lr < 1", "  ^"]),
        (
            ["params.lr <"],
            [
                "something is missing here (column 12). A whole condition is like `metrics.acc > 0.9`.",
                "  params.lr <",
                " " * 13 + "^",
            ],
        ),
        (
            ["--sort", "metrics.ac"],
            ["no run has the metric 'ac' (column 9). Did you mean metrics.acc?", "  metrics.ac", " " * 10 + "^"],
        ),
    ],
    ids=["sign", "bracket", "end", "sort"],
)
def test_a_mistake_in_a_filter_or_sort_key_is_pointed_at(fail, two_runs, arguments, lines):
    assert fail("runs", *arguments).splitlines() == lines


def test_without_runs_a_sort_by_any_metric_is_no_mistake(project):
    result = CliRunner().invoke(main, ["runs", "--sort", "-metrics.acc"], catch_exceptions=False)

    assert result.exit_code == 0
    assert "No runs yet" in result.output


@pytest.mark.parametrize("arguments", [*COMMANDS[1:], ["restore", "a"], ["rebuild", "a", "-o", "a.ipynb"]])
def test_without_a_store_an_unknown_run_is_told_with_the_folder_that_has_none(fail, project, arguments):
    message = fail(*arguments)

    assert message == (
        f"no run 'a': there are no runs yet in {project.root}. "
        "Write `%track` in a notebook there, or try `nbtrail demo`."
    )
    assert files(project) == [".nbtrail"]


def test_a_store_that_has_no_runs_says_so_too(fail, project):
    project.open(read_only=False).close()

    assert fail("show", "a").startswith(f"no run 'a': there are no runs yet in {project.url}. Write `%track`")


def test_an_export_of_a_metric_that_no_run_has_names_those_that_exist(fail, two_runs, project):
    message = fail("export", "out.ipynb", "swift-otter", "--metric", "bleu")

    assert message == "no metric 'bleu' in these runs. They have: acc, val_loss."
    assert files(project) == [".nbtrail"]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_store_that_is_no_database_is_said_and_left_alone(fail, project, arguments):
    store = Path(project.url)
    store.write_bytes(NO_DATABASE)
    message = fail(*arguments)

    assert message.startswith(
        f"{store} cannot be read as an nbtrail store: file is not a database. Move the file aside"
    )
    assert store.read_bytes() == NO_DATABASE


def test_a_param_that_is_no_json_is_shown_as_the_text_that_it_is(project):
    with pytest.warns(nt.errors.NbtrailWarning, match="param 'model' is no JSON"):
        nt.start_run("odd", params={"model": {1, 2}}).finish()
    result = CliRunner().invoke(main, ["show", "odd"], catch_exceptions=False)

    assert result.exit_code == 0
    assert "{1, 2}" in result.output
    assert "the text of a set" in result.output


def test_a_notebook_that_is_somebodys_is_not_written_over(fail, two_runs, project):
    notebook = project.root / "mine.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    before = notebook.read_bytes()
    message = fail("export", "mine.ipynb", "swift-otter", "calm-heron")

    assert message.startswith("'mine.ipynb' holds something else than a comparison by nbtrail")
    assert message.endswith("'mine-2.ipynb' is free.")
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["export", "out.gif", "swift-otter"],
            (
                "'out.gif' ends in .gif, which is not written. There are .ipynb for a comparison, .csv, .jsonl and "
                ".parquet for data, and folders, with / at their end."
            ),
        ),
        (
            ["export", "away/out.ipynb", "swift-otter"],
            "no folder 'away' to write 'out.ipynb' into. Make it first.",
        ),
        (
            ["compare", "swift-otter", "-o", "out.gif"],
            "'out.gif' has no suffix that can be drawn: use .html, .png, .svg, .json.",
        ),
        (
            ["compare", "swift-otter", "-o", "away/out.json"],
            "no folder 'away' to write 'out.json' into. Make it first.",
        ),
        (
            ["-p", "away", "runs"],
            "no file 'away' to look for a project in. Check the path; it is taken from the working directory.",
        ),
    ],
    ids=["export-suffix", "export-folder", "compare-suffix", "compare-folder", "project"],
)
def test_a_path_that_does_not_fit_is_told_with_what_does(fail, two_runs, project, arguments, message):
    assert fail(*arguments) == message
    assert files(project) == [".nbtrail"]


def test_settings_with_a_mistake_are_said_once_and_the_comparison_is_drawn(two_runs, project):
    (project.folder / "settings.toml").write_text('[capture]\nwach_params = ["lr"]\n')
    result = CliRunner().invoke(main, ["compare", "swift-otter", "-o", "out.json"], catch_exceptions=False)

    assert (result.exit_code, result.stdout) == (0, "wrote out.json\n")
    assert result.stderr == (
        f"nbtrail: {project.folder / 'settings.toml'} is passed over: "
        "[capture] has no 'wach_params', but watch_params, watch_metrics, ignore, data. Mend or remove it.\n"
    )


def test_the_doctor_names_settings_with_a_mistake(project):
    (project.folder / "settings.toml").write_text("[capture\n")
    result = CliRunner().invoke(main, ["doctor"], catch_exceptions=False)

    assert result.exit_code == 1
    assert f"✗ {project.folder / 'settings.toml'} has a mistake: Expected ']'" in result.output


def test_a_store_of_an_unknown_kind_is_named_with_what_is_served(fail, monkeypatch):
    monkeypatch.setenv("NBTRAIL_STORE", "oracle://somewhere")

    assert fail("runs") == (
        "no engine serves the store 'oracle://somewhere'. Give NBTRAIL_STORE a folder, or the path of an SQLite file."
    )


LOCKED = """
import os, sys
from pathlib import Path
import psutil, sqlite_utils
import nbtrail.reading.page, nbtrail.reading.export, nbtrail.cli.tables
from nbtrail.cli import main
# Permissions do not bind root; and what was to be imported may lie where only root can read.
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
main(sys.argv[1:])
"""


@pytest.fixture
def locked(project):
    """Runs a command as an ordinary user in a folder with one run, which nobody may write."""
    with tempfile.TemporaryDirectory(prefix="nbtrail-") as name:
        root = Path(name)
        with nt.start_run("swift-otter", project=root) as run:
            run.log({"acc": 0.93})
        process.recorders.pop(run.project.url).close()
        for part in (root, root / ".nbtrail"):
            part.chmod(0o555)

        def call(*arguments: str):
            command = [sys.executable, "-c", LOCKED, "-p", name, *arguments]
            environ = {**os.environ, "PYTHONPATH": str(SOURCE), "XDG_STATE_HOME": str(root / "state")}
            return subprocess.run(command, cwd=name, env=environ, capture_output=True, text=True, check=False)

        yield call
        for part in (root, root / ".nbtrail"):
            part.chmod(0o755)


def test_a_read_only_folder_lists_its_runs(locked):
    done = locked("runs")

    assert (done.returncode, done.stderr) == (0, "")
    assert "swift-otter" in done.stdout


def test_a_store_that_is_named_by_its_file_is_read_where_nobody_may_write(locked):
    assert "swift-otter" in locked("-p", ".nbtrail/store.db", "runs").stdout


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(["export", "out.ipynb", "swift-otter"], "out.ipynb"), (["compare", "swift-otter", "-o", "out.json"], "out.json")],
    ids=["export", "compare"],
)
def test_a_file_for_a_read_only_folder_is_told_with_what_to_do(locked, arguments, name):
    done = locked(*arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: '{name}' cannot be written: Permission denied. Choose another path.\n"
