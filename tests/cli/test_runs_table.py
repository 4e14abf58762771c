"""``nbtrail runs``: what stands in the table in a terminal of some width, and what the data formats hold."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import nbtrail as nt
from nbtrail.cli import main


@pytest.fixture
def list_runs(project, monkeypatch):
    """``nbtrail runs`` in a terminal so wide, or in a pipe, as lines."""

    def call(*arguments, width=None):
        monkeypatch.setenv("COLUMNS", "" if width is None else str(width))
        result = CliRunner().invoke(main, ["runs", *arguments], catch_exceptions=False)
        assert result.exit_code == 0
        return [line.rstrip() for line in result.output.splitlines()]

    return call


@pytest.fixture
def sweep(project):
    """Nine runs as notebooks leave them: two params that were swept, and long names of what estimators got."""
    for hidden in (16, 64, 256):
        for lr in (0.001, 0.003, 0.01):
            params = {"Classifier.learning_rate_init": lr, "epochs": 60, "hidden": hidden, "lr": lr}
            with nt.start_run(f"network-{hidden}-{lr}", params=params, tags=["sweep"]) as run:
                run.log({"val_loss": 1 / hidden, "val_acc": 1 - lr, "acc": 1 - lr / 2})
    with nt.start_run("linear", params={"Linear.regularization_strength": 0.5, "epochs": 60, "lr": 0.1}) as run:
        run.log({"acc": 0.9, "val_acc": 0.8, "val_loss": 0.7})


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_every_width_shows_a_metric_and_squeezes_nothing(list_runs, sweep, width):
    lines = list_runs(width=width)

    assert max(map(cell_len, lines)) <= width
    assert lines[0].split()[:5] == ["name", "status", "started", "took", "acc"]
    assert all("● finished" in line and " ago  " in line and " s " in line for line in lines[1:11])
    assert "0.995" in lines[2]


def test_a_metric_comes_first_then_what_was_swept_by_plain_names(list_runs, sweep):
    assert list_runs(width=80)[0].split()[4:] == ["acc", "hidden", "lr"]
    assert list_runs(width=100)[0].split()[4:] == ["acc", "val_acc", "val_loss", "hidden", "lr"]


def test_what_there_is_no_room_for_is_named_below_and_so_is_what_is_the_same(list_runs, sweep):
    lines = list_runs(width=80)
    below = " ".join(lines[11:])

    assert below.startswith("also: metrics.val_acc, metrics.val_loss, params.Classifier.learning_rate_init,")
    assert below.endswith("params.epochs")


def test_the_projects_metric_is_the_first(list_runs, sweep, project):
    (project.folder / "settings.toml").write_text('[metrics]\ndefault = "val_loss"\n')
    assert list_runs(width=80)[0].split()[4] == "val_loss"


def test_columns_that_the_project_chose_are_those_that_are_shown(list_runs, sweep, project):
    (project.folder / "settings.toml").write_text('[table]\ncolumns = ["params.epochs", "metrics.val_acc"]\n')
    assert list_runs(width=80)[0].split()[4:] == ["val_acc", "epochs"]


def test_a_long_value_and_a_long_heading_are_cut_in_a_terminal_and_whole_in_a_pipe(list_runs, project):
    path, heading = "data/of/the/year/2026/train.parquet", "a_param.with_a.name_beyond.all_measure"
    with nt.start_run("otter", params={heading: 1, "path": path}):
        pass
    narrow, piped = list_runs(width=120), list_runs()

    assert "data/of/the/year/2026/t…" in narrow[1]
    assert "…name_beyond.all_measure" in narrow[0]
    assert path in piped[1]
    assert heading in piped[0]


def test_a_pipe_cuts_nothing(list_runs, sweep):
    lines = list_runs()

    assert "…" not in "".join(lines)
    assert lines[0].split()[-1] == "Linear.regularization_strength"
    assert lines[11] == "also: params.epochs"


def test_long_names_go_on_differing_when_they_are_cut(list_runs, project):
    for number in (1, 2):
        with nt.start_run(f"a-name-that-is-too-long-for-most-terminals-{number}", tags=["best"]) as run:
            run.log({"acc": 0.5})
    lines = list_runs(width=60)

    assert [line.split()[0][-4:] for line in lines[1:]] == ["ls-2", "ls-1"]
    assert all("…" in line and line.endswith("0.5") for line in lines[1:])


def test_one_run_shows_all_that_fits(list_runs, project):
    with nt.start_run("otter", params={"lr": 0.5, "depth": 6}) as run:
        run.log({"acc": 0.75})
    head, row = list_runs(width=80)

    assert head.split()[4:] == ["acc", "depth", "lr"]
    assert row.split()[-3:] == ["0.75", "6", "0.5"]


def test_hundreds_of_params_are_not_all_named(list_runs, project):
    for lr in (0.1, 0.2):
        with nt.start_run(params={"lr": lr, **{f"p{number:03}": number for number in range(300)}}):
            pass
    lines = list_runs(width=80)

    assert lines[0].split()[4:] == ["lr"]
    assert " ".join(lines[3:]).endswith("params.p019 and 280 more")


@pytest.mark.parametrize("width", [40, 50])
def test_a_narrow_terminal_shows_a_metric_rather_than_times(list_runs, sweep, width):
    lines = list_runs(width=width)

    assert max(map(cell_len, lines)) <= width
    assert lines[0].split()[:2] == ["name", "status"]
    assert lines[0].split()[-1] == "acc"
    assert [line.split()[-1] for line in lines[1:4]] == ["0.9", "0.995", "0.9985"]


def test_a_narrow_terminal_cuts_the_heading_of_a_metric_and_never_its_value(list_runs, project):
    with nt.start_run("a-name-of-many-letters") as run:
        run.log({"validation_accuracy": 0.9342})
    head, row, *_ = list_runs(width=40)

    assert head.split()[-1] == "…_accuracy"
    assert row.split()[-1] == "0.9342"


def test_a_very_narrow_terminal_drops_columns_and_cuts_none(list_runs, sweep):
    lines = list_runs(width=34)

    assert lines[0].split() == ["name", "status"]
    assert lines[1].endswith("● finished")


@pytest.mark.parametrize("width", [None, 80])
def test_markup_in_names_is_shown_as_it_is(list_runs, project, width):
    with nt.start_run("[red]otter[/]", params={"[dim]x": "[b]1"}, tags=["[link=x]"]) as run:
        run.log({"f1[cat]": 0.5, "f1[/dog]": 0.25})
    head, row = list_runs(width=width)

    assert head.split()[4:] == ["f1[/dog]", "f1[cat]", "[dim]x"]
    assert row.startswith("[red]otter[/] #[link=x]")
    assert row.split()[-3:] == ["0.25", "0.5", "[b]1"]


# --- data ---

NUMBERS = {"tiny": 1e-12, "third": 1 / 3, "sum": 0.1 + 0.2, "inf": math.inf, "neg": -math.inf, "nan": math.nan}


@pytest.fixture
def exact(project):
    config = {"layers": [64, 8], "on": True, "none": None}
    with nt.start_run("otter", params={"lr": 1 / 3, "config": config, "seed": 2**60 + 1}) as run:
        run.log(NUMBERS)


def test_json_holds_every_number_exactly_and_names_what_json_cannot_hold(list_runs, exact):
    (row,) = json.loads("\n".join(list_runs("--format", "json")))

    found = {name: row[f"metrics.{name}"] for name in NUMBERS}
    assert found == NUMBERS | {"inf": "Infinity", "neg": "-Infinity", "nan": "NaN"}
    assert (row["params.lr"], row["params.seed"]) == (1 / 3, 2**60 + 1)
    assert row["params.config"] == {"layers": [64, 8], "on": True, "none": None}


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_is_printed_is_what_export_writes(list_runs, exact, form):
    printed = "\n".join(list_runs("--format", form))
    nt.export("runs.csv" if form == "csv" else "runs.jsonl")

    if form == "csv":
        assert printed == Path("runs.csv").read_text(encoding="utf-8").rstrip()
    else:
        assert json.loads(printed) == [json.loads(Path("runs.jsonl").read_text(encoding="utf-8"))]


def test_csv_holds_lists_and_objects_as_json(list_runs, exact):
    (row,) = csv.DictReader(io.StringIO("\n".join(list_runs("--format", "csv"))))
    assert json.loads(row["params.config"]) == {"layers": [64, 8], "on": True, "none": None}


def test_without_runs_the_data_are_an_empty_list_and_a_line_of_names(list_runs, project):
    assert list_runs("--format", "json") == ["[]"]
    assert list_runs("--format", "csv")[0].startswith("id,name,status")
