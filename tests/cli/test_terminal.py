"""Terminals of every width and encoding, pipes that end early, and texts that would command a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import nbtrail as nt
from nbtrail.changes import ExecutionStarted
from nbtrail.cli import main
from nbtrail.records import Execution
from nbtrail.tracking.state import process
from tests.projects import SOURCE

EVIL = "otter\x1b[31m\x07\nred\u202e"
SHOWN = r"otter\x1b[31m\x07\nred\u202e"


@pytest.fixture
def nbtrail(project, monkeypatch):
    """Runs a command in a terminal so wide, or in a pipe; gives back its exit status and lines."""

    def call(*arguments, width=None):
        monkeypatch.setenv("COLUMNS", "" if width is None else str(width))
        result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        return result.exit_code, [line.rstrip() for line in result.output.splitlines()]

    return call


@pytest.fixture
def five_runs(project):
    names = [f"network-{size}" for size in (16, 32, 64, 128, 256)]
    for place, name in enumerate(names):
        with nt.start_run(name, params={"lr": 0.1 * place, "path": f"data/{'x' * 30}/{place}.csv"}) as run:
            run.log({"acc": 0.9 + place / 100})
    return names


@pytest.fixture
def evil(project):
    for number in (1, 2):
        with nt.start_run(EVIL, params={EVIL: f"{EVIL}{number}"}, tags=[EVIL], note=EVIL) as run:
            run.log({EVIL: number})
    with pytest.raises(ValueError, match="otter"), nt.start_run("failed"):
        raise ValueError(EVIL)


# --- width ---


@pytest.mark.parametrize("width", [30, 80])
def test_a_difference_of_five_runs_fits_as_blocks(nbtrail, five_runs, width):
    _, lines = nbtrail("diff", *five_runs, width=width)

    assert max(map(len, lines)) <= width
    at = lines.index("params.lr")
    assert [line.split()[-1] for line in lines[at + 1 : at + 6]] == ["0", "0.1", "0.2", "0.3", "0.4"]
    assert lines[at + 3].split()[0] == "network-64"


def test_a_difference_that_fits_stays_a_table(nbtrail, five_runs):
    _, lines = nbtrail("diff", *five_runs[:2], width=120)
    (line,) = [line for line in lines if line.startswith("params.lr")]
    assert line.split()[1:] == ["0", "0.1"]


def test_a_value_is_whole_in_a_block_and_in_a_pipe(nbtrail, five_runs):
    whole = f"data/{'x' * 30}/3.csv"
    assert any(whole in line for line in nbtrail("diff", *five_runs, width=80)[1])
    assert any(whole in line for line in nbtrail("diff", *five_runs)[1])


def test_lines_of_code_go_on_below_with_their_sign():
    from nbtrail.reading.diff import CellDiff, CodeLine, Diff

    lines = (CodeLine("-", "model = fit(" + "a" * 40 + ")"), CodeLine("+", "\tfit()"))
    cell = CellDiff(before="otter", after=("heron", "lynx"), number=3, lines=lines)
    text = Diff(runs=(), baseline=0, rows=(), code=(cell,), cells=1).to_text(width=30)

    assert text.splitlines() == [
        "",
        "cell [3] · otter → heron, lynx",
        "- model = fit(aaaaaaaaaaaaaaaa",
        "- aaaaaaaaaaaaaaaaaaaaaaaa)",
        "+         fit()",
    ]


def test_rows_of_sql_that_do_not_fit_beside_each_other_become_blocks(nbtrail, five_runs):
    _, lines = nbtrail("sql", "SELECT * FROM runs ORDER BY name", "--format", "table", width=80)

    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.startswith("name")][:2] == [
        "name            network-128",
        "name            network-16",
    ]
    assert lines[0] == "row 1"
    assert "nothing is hidden" in " ".join(lines[-2:])


def test_rows_of_sql_that_fit_are_a_table_and_in_a_pipe_always(nbtrail, five_runs):
    few = nbtrail("sql", "SELECT name, status FROM runs ORDER BY name", "--format", "table", width=40)[1]
    assert few[:2] == ["name         status", "network-128  finished"]
    piped = nbtrail("sql", "SELECT *, hex(zeroblob(200)) AS zeros FROM runs", "--format", "table")[1]
    assert len(piped) == 6
    assert "0" * 400 in piped[1]


def test_a_number_of_sql_is_never_broken(nbtrail, project):
    query = "SELECT 0.1 + 0.2 AS sum, 'word ' || hex(zeroblob(40)) AS text, 0.1 + 0.7 AS other"
    lines = nbtrail("sql", query, "--format", "table", width=60)[1]
    assert lines[1].split()[0] == "0.30000000000000004"
    assert lines[1].split()[-1] == "0.7999999999999999"


def test_what_was_measured_of_the_machine_says_its_source_once(nbtrail, project):
    with nt.start_run("otter") as run:
        run.log({"acc": 0.5})
        for name in ("system/cpu_percent", "system/memory_gb"):
            run.log({name: 12.5}, origin="system", reason="sampled in the background every 10 s")
    _, lines = nbtrail("show", "otter", width=80)

    assert " ".join(lines).count("sampled in the background every 10 s") == 1
    assert [line.split() for line in lines if line.startswith("system/cpu")] == [
        ["system/cpu_percent", "12.5", "12.5", "12.5", "1"]
    ]


def test_a_long_param_goes_on_below_in_a_terminal_and_is_whole_in_a_pipe(nbtrail, project):
    with nt.start_run("otter", params={"text": "y" * 300}):
        pass
    assert all(cell_len(line) <= 60 for line in nbtrail("show", "otter", width=60)[1])
    assert any("y" * 300 in line for line in nbtrail("show", "otter")[1])


# --- what a terminal must not obey ---


@pytest.mark.parametrize("width", [None, 80, 500])
@pytest.mark.parametrize("command", ["runs", "show", "diff", "sql", "trash"])
def test_control_characters_are_shown_and_not_obeyed(nbtrail, evil, command, width):
    names = nt.runs(sort="started")["id"].tolist()
    arguments = {"runs": [], "show": names[:1], "diff": names[:2], "trash": names[:1]}
    query = ["SELECT name, note AS 'a\x1b' FROM runs", "--format", "table"]
    _, lines = nbtrail(command, *arguments.get(command, query), width=width)
    text = "\n".join(lines)

    assert not set(text) & set("\x1b\x07\u202e")
    assert r"\x1b[31m\x07" in text
    assert width == 80 or SHOWN in text


def test_an_error_of_a_run_and_of_a_command_is_harmless(nbtrail, evil):
    assert r"error: ValueError: otter\x1b[31m\x07" in "\n".join(nbtrail("show", "failed")[1])
    status, lines = nbtrail("show", "nobody\x1b[31m")
    assert (status, "\x1b" in "".join(lines)) == (1, False)


@pytest.mark.parametrize("width", [None, 80])
@pytest.mark.parametrize("end", ["\\", "\\\\", "[b]\\"])
def test_a_backslash_at_the_end_of_a_text_stays_one(nbtrail, project, width, end):
    for number in (1, 2):
        with nt.start_run(f"{number}{end}", params={f"p{end}": f"v{number}{end}"}, tags=[f"t{end}"], note=f"C:{end}"):
            pass
    first, second = nt.runs(sort="started")["id"]
    shown = "\n".join(nbtrail("show", first, width=width)[1]).split()
    listed = nbtrail("runs", width=width)[1]
    differing = next(line for line in nbtrail("diff", first, second, width=width)[1] if line.startswith("params."))
    asked = nbtrail("sql", "SELECT note FROM runs", "--format", "table", width=width)[1]

    assert {f"1{end}", f"t{end}", f"C:{end}", f"p{end}", f"v1{end}"} <= set(shown)
    assert listed[0].split()[-1] == f"p{end}"
    assert listed[2].split()[:2] == [f"1{end}", f"#t{end}"]
    assert listed[2].split()[-1] == f"v1{end}"
    assert differing.split() == [f"params.p{end}", f"v1{end}", f"v2{end}"]
    assert asked[1] == f"C:{end}"


def test_a_line_of_code_that_goes_on_keeps_its_one_backslash(nbtrail, project):
    with nt.start_run("otter") as run:
        cell = Execution(
            id="c3", session_id=run.recorder.session_id, number=3, source="a = 1 + \\\n    2", started=1.0, status="ok"
        )
        run.recorder.append(ExecutionStarted(execution=cell, run_ids=(run.id,)))
    (line,) = [line for line in nbtrail("show", "otter")[1] if line.startswith("[3]")]
    assert line.endswith("  a = 1 + \\")


# --- encodings and pipes ---


def nbtrail_process(*arguments, stdout=subprocess.PIPE, **environ):
    environ = {**os.environ, "PYTHONPATH": str(SOURCE), **environ}
    return subprocess.run(
        [sys.executable, "-m", "nbtrail", *arguments], env=environ, stdout=stdout, stderr=subprocess.PIPE, check=False
    )


@pytest.fixture
def recorded(five_runs, project):
    """What was recorded is in the store, and no longer in this process."""
    process.recorders.pop(project.url).close()
    return five_runs


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("command", [["runs"], ["diff", "network-16", "network-32"], ["doctor"]])
def test_an_encoding_without_our_characters_gets_others(recorded, command, encoding):
    done = nbtrail_process(*command, PYTHONIOENCODING=encoding, NO_COLOR="1")

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"network-16" in done.stdout or command == ["doctor"]


@pytest.mark.parametrize(
    "command",
    [
        ["runs"],
        ["runs", "--format", "csv"],
        ["runs", "--format", "json"],
        ["show", "network-16"],
        ["diff", "network-16", "network-32"],
        ["sql", "SELECT * FROM runs"],
        ["sql", "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"],
        ["sql", "SELECT * FROM runs", "--format", "table"],
        ["du"],
        ["doctor"],
        ["export", "runs.csv"],
        ["--help"],
    ],
)
def test_a_reader_that_has_gone_ends_a_command_silently(recorded, command):
    reading, writing = os.pipe()
    os.close(reading)
    done = nbtrail_process(*command, stdout=writing)
    os.close(writing)

    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
@pytest.mark.parametrize(
    "command",
    [
        ["runs"],
        ["runs", "--format", "csv"],
        ["runs", "--format", "json"],
        ["show", "network-16"],
        ["diff", "network-16", "network-32"],
        ["sql", "SELECT * FROM runs"],
        ["du"],
        ["trash"],
        ["--help"],
        ["runs", "--help"],
    ],
)
def test_an_output_that_is_full_is_one_message(recorded, command):
    with Path("/dev/full").open("wb") as full:
        done = nbtrail_process(*command, stdout=full)
    (line,) = done.stderr.decode().splitlines()

    assert done.returncode == 1
    assert line.startswith("Error: No space left on device. ")
