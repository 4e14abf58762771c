"""Data out of a project and into it: export, SQL and merging from the command line and from Python."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from pyarrow import parquet

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.errors import FileTakenError, InputError, MetricNotFoundError, NbtrailError
from nbtrail.reading import data_tables
from tests.projects import SOURCE

HARD = [0.1 + 0.2, math.nan, math.inf, -math.inf, 5e-324]


@pytest.fixture
def nbtrail(project):
    """Runs a command in the project; gives back its exit status, output and what it said on stderr."""

    def call(*arguments, stdin=None):
        result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
        return result.exit_code, result.stdout, result.stderr

    return call


@pytest.fixture
def two_runs(project):
    with nt.start_run("otter", params={"lr": 0.1, "layers": [64, 8], "depth": 6}, tags=["ä", "b"]) as run:
        for step, value in enumerate(HARD):
            run.log({"loss": value}, step=step)
        run.log({"acc": 0.5})
    with nt.start_run("heron", params={"lr": "auto", "depth": 7}) as run:
        run.log({"loss": 0.25})


def rows(path):
    return list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8"))))


def lines(path):
    def refuse(word):
        raise AssertionError(word)

    return [json.loads(line, parse_constant=refuse) for line in Path(path).read_text(encoding="utf-8").splitlines()]


# --- runs ---


def test_runs_as_csv_have_the_columns_of_nt_runs(two_runs, nbtrail):
    assert nbtrail("export", "runs.csv") == (0, "wrote runs.csv: 2 rows\n", "")
    otter, heron = rows("runs.csv")

    assert list(otter) == list(nt.runs().columns)
    assert (otter["name"], otter["params.lr"], otter["params.layers"], otter["tags"]) == (
        "otter", "0.1", "[64, 8]", '["b", "ä"]',
    )  # fmt: skip
    assert (heron["params.lr"], heron["params.layers"], heron["metrics.acc"]) == ("auto", "", "")


def test_runs_as_json_lines_keep_lists_and_are_standard_json(two_runs):
    nt.export("runs.jsonl", ["otter"])
    (otter,) = lines("runs.jsonl")
    assert (otter["params.layers"], otter["tags"], otter["starred"], otter["note"]) == ([64, 8], ["b", "ä"], False, "")
    assert otter["started"].endswith("Z")


def test_runs_as_parquet_read_back_as_nt_runs_gives_them(two_runs):
    nt.export("runs.parquet")
    found, wanted = pd.read_parquet("runs.parquet"), nt.runs(sort="started")

    assert list(found.columns) == list(wanted.columns)
    assert found["params.lr"].tolist() == ["0.1", '"auto"']
    assert found["params.depth"].tolist() == [6, 7]
    assert found["metrics.acc"].isna().tolist() == [False, True]
    assert (found["started"] - wanted["started"]).abs().max() < pd.Timedelta("1ms")


SEED, HUGE = 9007199254740993, 12345678901234567890
"""Beyond what a float holds to the digit, and beyond 64 bits with a sign."""


@pytest.fixture
def seeded(project):
    with nt.start_run("seeded", params={"seed": SEED, "huge": HUGE, "batch": 64}):
        pass
    with nt.start_run("bare"):
        pass


def test_whole_numbers_are_written_to_the_digit_where_runs_lack_them(seeded, nbtrail):
    nbtrail("export", "runs.csv")
    nbtrail("export", "runs.jsonl")
    texts, (first, second) = rows("runs.csv"), lines("runs.jsonl")

    assert [texts[0][f"params.{key}"] for key in ("seed", "huge", "batch")] == [str(SEED), str(HUGE), "64"]
    assert texts[1]["params.seed"] == ""
    assert [first[f"params.{key}"] for key in ("seed", "huge", "batch")] == [SEED, HUGE, 64]
    assert type(first["params.batch"]) is int
    assert second["params.seed"] is None


def test_whole_numbers_in_parquet_are_of_64_bits_with_gaps(seeded):
    nt.export("all/", format="parquet")
    table = parquet.read_table("all/runs.parquet")

    assert [str(table.schema.field(f"params.{key}").type) for key in ("seed", "batch", "huge")] == [
        "int64", "int64", "uint64",
    ]  # fmt: skip
    assert table["params.seed"].to_pylist() == [SEED, None]
    assert table["params.huge"].to_pylist() == [HUGE, None]
    assert parquet.read_table("all/params.parquet")["value"].to_pylist() == ["64", str(HUGE), str(SEED)]


def test_params_of_many_types_are_texts_of_json_in_parquet_whatever_comes_first(project, monkeypatch):
    monkeypatch.setattr(data_tables, "_RUNS_AT_ONCE", 1)
    for value in (1, 0.5, "x", [64], None):
        with nt.start_run(params={"a": value}):
            pass

    nt.export("all/", format="parquet")

    values = parquet.read_table("all/params.parquet")["value"].to_pylist()
    assert sorted(values, key=str) == ['"x"', "0.5", "1", None, "[64]"]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([2**64 - 1, 3], [2**64 - 1, 3]),
        ([2**64, 3], [str(2**64), "3"]),
        ([[1, 2], [3]], [[1, 2], [3]]),
        ([{}, {"a": 1}], ["{}", '{"a": 1}']),
        ([[1, 2], [0.5]], ["[1, 2]", "[0.5]"]),
    ],
)
def test_params_come_out_of_parquet_as_they_were_logged(project, values, kept):
    for value in values:
        with nt.start_run(params={"a": value}):
            pass

    nt.export("runs.parquet")

    assert parquet.read_table("runs.parquet")["params.a"].to_pylist() == kept


def test_what_a_run_lacks_is_missing_and_a_nan_that_was_logged_is_none_of_it(project, nbtrail):
    with nt.start_run("first", params={"lr": 0.1}) as first:
        first.log({"acc": 0.5, "loss": math.nan})
    with nt.start_run("second"):
        nt.export("runs.csv")
        nt.export("runs.parquet")
        second, _ = json.loads(nbtrail("runs", "--format", "json")[1])

    assert [second[key] for key in ("duration", "params.lr", "metrics.acc", "metrics.loss")] == [None] * 4
    rows = list(csv.DictReader(io.StringIO(Path("runs.csv").read_text())))
    assert [row["metrics.loss"] for row in rows] == ["nan", ""]
    found = parquet.read_table("runs.parquet")["metrics.loss"].to_pylist()
    assert math.isnan(found[0])
    assert found[1] is None


def test_the_list_of_runs_has_whole_numbers_to_the_digit_in_every_format(seeded, nbtrail, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    listed = json.loads(nbtrail("runs", "--sort", "started", "--format", "json")[1])
    (text, _) = csv.DictReader(io.StringIO(nbtrail("runs", "--sort", "started", "--format", "csv")[1]))

    assert [listed[0][f"params.{key}"] for key in ("seed", "huge", "batch")] == [SEED, HUGE, 64]
    assert listed[1]["params.seed"] is None
    assert [text[f"params.{key}"] for key in ("seed", "huge", "batch")] == [str(SEED), str(HUGE), "64"]
    assert str(SEED) in nbtrail("runs")[1]


def test_one_row_is_one_row(two_runs, nbtrail):
    assert nbtrail("export", "a.csv", "otter")[1] == "wrote a.csv: 1 row\n"
    assert nbtrail("sql", "SELECT 1 AS one", "-o", "b.csv")[1] == "wrote b.csv: 1 row\n"


def test_a_filter_and_names_choose_runs_but_not_both(two_runs, nbtrail):
    nbtrail("export", "a.csv", "--filter", "params.depth > 6")
    nbtrail("export", "b.csv", "otter")
    assert [row["name"] for row in rows("a.csv")] == ["heron"]
    assert [row["name"] for row in rows("b.csv")] == ["otter"]
    status, _, said = nbtrail("export", "c.csv", "otter", "--filter", "failed")
    assert (status, "Leave out one of them" in said) == (1, True)


# --- points ---


def test_points_are_tidy_and_exact_in_csv(two_runs, nbtrail):
    assert nbtrail("export", "points.csv", "--points")[1] == "wrote points.csv: 7 rows\n"
    found = [row for row in rows("points.csv") if (row["run"], row["metric"]) == ("otter", "loss")]

    assert list(found[0]) == ["run", "id", "metric", "step", "time", "value"]
    assert [row["value"] for row in found] == ["0.30000000000000004", "nan", "inf", "-inf", "5e-324"]
    assert [row["step"] for row in found] == ["0", "1", "2", "3", "4"]


def test_points_are_exact_in_parquet(two_runs):
    nt.export("points.parquet", ["otter"], metric="loss")
    table = parquet.read_table("points.parquet")

    assert [repr(value) for value in table["value"].to_pylist()] == [repr(value) for value in HARD]
    assert table["value"].null_count == 0
    history = nt.history(["otter"], "loss")
    assert (table["time"].to_pandas() - history["time"]).abs().max() < pd.Timedelta("1ms")


def test_points_in_json_lines_name_what_json_cannot_hold(two_runs):
    nt.export("points.jsonl", ["otter"], metric=["loss"])
    assert [line["value"] for line in lines("points.jsonl")] == [0.1 + 0.2, "NaN", "Infinity", "-Infinity", 5e-324]


def test_a_metric_that_is_not_there_is_an_error_and_writes_nothing(two_runs):
    with pytest.raises(MetricNotFoundError, match="Did you mean 'loss'"):
        nt.export("points.csv", metric="los")
    assert not Path("points.csv").exists()


def test_a_long_series_comes_whole_and_in_order(project):
    values = [step / 3 for step in range(300_000)]
    with nt.start_run("long") as run:
        for step, value in enumerate(values):
            run.log({"m": value}, step=step)
    nt.export("points.parquet", points=True)
    assert parquet.read_table("points.parquet")["value"].to_pylist() == values


# --- folders ---


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_folder_gets_every_table(two_runs, nbtrail, form):
    status, output, _ = nbtrail("export", "all/", "--format", form)

    assert status == 0
    names = ["runs", "params", "metrics", "points", "tags"]
    assert output.splitlines() == [
        f"wrote all/{name}.{form}: {count} rows" for name, count in zip(names, [2, 5, 3, 7, 2], strict=True)
    ]
    assert sorted(path.name for path in Path("all").iterdir()) == sorted(f"{name}.{form}" for name in names)


def test_an_empty_project_gives_tables_with_their_columns(project):
    nt.export("all/", format="parquet")
    assert parquet.read_table("all/points.parquet").column_names == ["run", "id", "metric", "step", "time", "value"]
    assert "name" in parquet.read_table("all/runs.parquet").column_names


# --- files that are there ---


@pytest.mark.parametrize(
    "command",
    [
        ["export", "there.csv"],
        ["export", "there.csv", "--points"],
        ["compare", "otter", "heron", "-o", "there.html"],
        ["sql", "SELECT name FROM runs", "-o", "there.csv"],
    ],
)
def test_a_file_that_is_there_is_replaced_only_by_force(two_runs, nbtrail, command):
    target = Path(next(word for word in command if word.startswith("there.")))
    target.write_text("mine")

    status, _, said = nbtrail(*command)
    assert (status, "is there already and was left as it is" in said) == (1, True)
    assert target.read_text() == "mine"
    assert nbtrail(*command, "--force")[0] == 0
    assert target.read_bytes() != b"mine"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".there")] == []


def test_what_is_no_file_is_not_replaced_even_by_force_and_a_link_is_followed(two_runs):
    os.mkfifo("pipe.csv")
    with pytest.raises(InputError, match="a folder or a device"):
        nt.export("pipe.csv", force=True)
    Path("target").mkdir()
    Path("link.csv").symlink_to(Path("target/runs.csv"))
    nt.export("link.csv")
    assert Path("link.csv").is_symlink()
    assert len(rows("target/runs.csv")) == 2


def test_a_folder_with_one_of_the_files_is_left_as_it_is(two_runs):
    Path("all").mkdir()
    Path("all/tags.csv").write_text("mine")
    with pytest.raises(FileTakenError):
        nt.export("all/")
    assert [path.name for path in Path("all").iterdir()] == ["tags.csv"]


def test_a_path_that_cannot_be_is_said(two_runs):
    with pytest.raises(InputError, match="no folder 'nowhere'"):
        nt.export("nowhere/runs.csv")
    with pytest.raises(InputError, match="says csv, and the format says jsonl"):
        nt.export("runs.csv", format="jsonl")
    with pytest.raises(InputError, match="a notebook takes named runs"):
        nt.export("runs.ipynb", ["otter"], points=True)


@pytest.mark.parametrize("arguments", [["best.xlsx"], ["best.json"], ["best"], ["best.xlsx", "--format", "csv"]])
def test_an_ending_that_is_not_written_is_said_with_those_that_are(two_runs, nbtrail, arguments):
    status, _, said = nbtrail("export", *arguments)

    assert (status, said.startswith(f"Error: '{arguments[0]}' ")) == (1, True)
    assert ".ipynb for a comparison, .csv, .jsonl and .parquet for data" in said
    assert list(Path().glob("best*")) == []


def test_an_ending_in_capital_letters_is_the_same_ending(two_runs, nbtrail):
    for path in ("runs.CSV", "runs.Parquet"):
        assert nbtrail("export", path)[0] == 0
    nt.export("both.IPYNB", ["otter", "heron"])
    nbtrail("sql", "SELECT name FROM runs", "-o", "names.JSONL")

    assert len(rows("runs.CSV")) == len(pd.read_parquet("runs.Parquet")) == len(lines("names.JSONL")) == 2
    assert json.loads(Path("both.IPYNB").read_text(encoding="utf-8"))["nbformat"] == 4


@pytest.mark.parametrize("name", ["best.xlsx", "best.txt", "best"])
def test_sql_writes_no_file_whose_format_nothing_says(two_runs, nbtrail, name):
    status, _, said = nbtrail("sql", "SELECT name FROM runs", "-o", name)

    assert (status, said.startswith(f"Error: '{name}' ")) == (1, True)
    assert "There are .csv, .jsonl, .parquet, .json; or say which format" in said
    assert not Path(name).exists()
    assert nbtrail("sql", "SELECT name FROM runs ORDER BY name", "-o", name, "--format", "csv")[0] == 0
    assert Path(name).read_text(encoding="utf-8") == "name\nheron\notter\n"


def test_parquet_without_pyarrow_says_what_to_install(two_runs, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NbtrailError, match=r"pip install 'nbtrail\[parquet\]'"):
        nt.export("runs.parquet")
    assert list(Path().glob("*.parquet")) == []


def test_an_export_that_is_interrupted_leaves_nothing(project):
    with nt.start_run() as run:
        for step in range(200_000):
            run.log({"m": step / 7}, step=step)
    nt.runs()
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "nbtrail", "export", "points.jsonl", "--points"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        while not list(Path().glob(".points.jsonl.*")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()

    assert process.returncode == 130
    assert "Stopped. The file that was being written is not there." in said
    assert list(Path().glob("*points.jsonl*")) == []


# --- sql ---


def test_sql_prints_csv_where_there_is_no_terminal(two_runs, nbtrail):
    status, output, _ = nbtrail("sql", "SELECT key, max(value) AS top FROM points GROUP BY key ORDER BY key")
    assert (status, output) == (0, "key,top\nacc,0.5\nloss,inf\n")


def test_sql_takes_a_statement_from_a_file_and_from_standard_input(two_runs, nbtrail):
    Path("names.sql").write_text("SELECT name FROM runs ORDER BY name")
    assert nbtrail("sql", "-f", "names.sql")[1] == "name\nheron\notter\n"
    assert nbtrail("sql", stdin="SELECT count(*) AS n FROM points")[1] == "n\n7\n"


def test_sql_writes_json_with_words_for_what_json_cannot_hold(two_runs, nbtrail):
    query = "SELECT step, value FROM points WHERE key = 'loss' AND step IN (1, 3) ORDER BY step"
    wanted = [{"step": 1, "value": None}, {"step": 3, "value": "-Infinity"}]
    assert json.loads(nbtrail("sql", query, "--format", "json")[1]) == wanted
    assert [json.loads(line) for line in nbtrail("sql", query, "--format", "jsonl")[1].splitlines()] == wanted
    assert json.loads(nbtrail("sql", f"SELECT * FROM ({query}) WHERE 0", "--format", "json")[1]) == []


def test_sql_writes_a_file_of_the_format_that_its_name_says(two_runs, nbtrail):
    status, output, _ = nbtrail("sql", "SELECT name, starred, note FROM runs ORDER BY name", "-o", "runs.parquet")
    assert (status, output) == (0, "wrote runs.parquet: 2 rows\n")
    assert parquet.read_table("runs.parquet")["name"].to_pylist() == ["heron", "otter"]


def test_sql_prints_a_table_of_the_first_rows(two_runs, nbtrail):
    query = "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n, x'00ff' AS raw FROM t"
    _, output, _ = nbtrail("sql", query, "--format", "table")
    assert "<2 bytes>" in output
    assert output.splitlines()[-1].startswith("the first 1,000 rows;")


def test_a_mistake_in_sql_is_one_message(two_runs, nbtrail):
    status, output, said = nbtrail("sql", "SELECT * FROM ponts")
    assert (status, output) == (1, "")
    assert said.startswith("Error: no table 'ponts'. Did you mean points?")


# --- merge ---


def test_merge_says_what_came(two_runs, nbtrail, project, tmp_path):
    nt.runs()
    shutil.copytree(project.folder, tmp_path / "copy" / ".nbtrail")
    for place in (project.root, tmp_path / "copy"):
        with nt.start_run("lynx", project=place) as run:
            run.log({"loss": 1.0})
    nt.runs(project=tmp_path / "copy")

    status, output, _ = nbtrail("merge", str(tmp_path / "copy"))
    assert status == 0
    assert output.splitlines()[0] == "1 new, 0 grown, 2 unchanged"
    assert "lynx is called lynx-2 here: another run has that name" in output
    assert nbtrail("merge", str(tmp_path / "copy"))[1].splitlines()[0] == "0 new, 0 grown, 3 unchanged"


def test_merge_of_nothing_is_one_message(nbtrail):
    status, _, said = nbtrail("merge", "nowhere")
    assert (status, said.startswith("Error: no file 'nowhere' to merge from")) == (1, True)
