"""What the command line prints, and how it fails."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import nbtrail as nt
from nbtrail.cli import main


@pytest.fixture
def nbtrail(project):
    """Runs a command in the project; gives back its exit status and output."""

    def call(*arguments):
        result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        return result.exit_code, result.output

    return call


@pytest.fixture
def three_runs(project):
    for name, lr, acc in (("swift-otter", 0.09, 0.934), ("calm-heron", 0.05, 0.922), ("bold-lynx", 0.03, 0.901)):
        with nt.start_run(
            name, params={"lr": lr, "depth": 6}, tags=["baseline"] if name == "calm-heron" else []
        ) as run:
            for step in range(5):
                run.log({"val_loss": lr / (step + 1)}, step=step)
            run.log({"acc": acc})


def test_runs_lists_names_statuses_and_what_varies(nbtrail, three_runs):
    status, output = nbtrail("runs")

    assert status == 0
    assert "swift-otter" in output
    assert "calm-heron #baseline" in output
    assert "finished" in output
    assert "0.934" in output
    assert "also: params.depth" in output


def test_runs_takes_a_filter_and_a_sort(nbtrail, three_runs):
    status, output = nbtrail("runs", "metrics.acc < 0.93", "--sort", "metrics.acc", "--format", "json")

    assert status == 0
    assert [row["name"] for row in json.loads(output)] == ["bold-lynx", "calm-heron"]


def test_a_mistake_in_a_filter_is_pointed_at_and_the_nearest_name_offered(nbtrail, three_runs):
    status, output = nbtrail("runs", "metrics.ac > 0.9")

    assert status == 1
    assert "column 9" in output
    assert "Did you mean metrics.acc?" in output


def test_an_unknown_run_is_one_message_with_the_nearest_name(nbtrail, three_runs):
    status, output = nbtrail("show", "swift-oter")

    assert status == 1
    assert output.startswith("Error: no run 'swift-oter'")
    assert "Did you mean 'swift-otter'?" in output


def test_show_tells_params_metrics_and_where_they_came_from(nbtrail, three_runs):
    status, output = nbtrail("show", "swift-otter")

    assert status == 0
    for part in ("lr", "0.09", "logged", "acc", "0.934", "val_loss", "Python"):
        assert part in output


def test_diff_shows_only_what_differs(nbtrail, three_runs):
    status, output = nbtrail("diff", "swift-otter", "calm-heron")

    assert status == 0
    assert "params.lr" in output
    assert "params.depth" not in output


@pytest.mark.parametrize(
    ("suffix", "beginning"), [("html", b"<!DOCTYPE html>"), ("png", b"\x89PNG"), ("svg", b"<svg"), ("json", b"{")]
)
def test_compare_draws_into_each_kind_of_file(nbtrail, three_runs, project, suffix, beginning):
    status, output = nbtrail("compare", "swift-otter", "bold-lynx", "-o", f"out.{suffix}")

    assert (status, output) == (0, f"wrote out.{suffix}\n")
    assert (project.root / f"out.{suffix}").read_bytes().startswith(beginning)


@pytest.mark.parametrize(("name", "beginning"), [("C.HTML", b"<!DOCTYPE"), ("C.PNG", b"\x89PNG"), ("C.Json", b"{")])
def test_compare_takes_an_ending_in_capital_letters(nbtrail, three_runs, project, name, beginning):
    assert nbtrail("compare", "swift-otter", "bold-lynx", "-o", name) == (0, f"wrote {name}\n")
    assert (project.root / name).read_bytes().startswith(beginning)


def test_a_page_asks_nothing_of_the_network_and_no_name_can_break_it(nbtrail, project):
    for name in ("</script><b>", "calm-heron"):
        with nt.start_run(name) as run:
            run.log({"acc": 0.9})
    nbtrail("compare", "</script><b>", "calm-heron")
    page = (project.root / "comparison.html").read_text()

    assert page.count("</script>") == 2
    assert 'src="http' not in page
    assert "<link" not in page


def test_an_unknown_metric_is_said_with_those_that_exist(nbtrail, three_runs):
    status, output = nbtrail("compare", "swift-otter", "calm-heron", "--metric", "val_los")

    assert status == 1
    assert "no metric 'val_los'" in output
    assert "val_loss" in output


def test_a_file_that_cannot_be_drawn_is_refused_before_anything_is_read(nbtrail, project):
    status, output = nbtrail("compare", "a", "b", "-o", "out.gif")

    assert status == 1
    assert ".html, .png, .svg, .json" in output


@pytest.mark.parametrize(("name", "form"), [("q.csv", "json"), ("q.JSON", "jsonl"), ("q.parquet", "csv")])
def test_sql_writes_no_file_whose_name_says_another_format(nbtrail, three_runs, project, name, form):
    arguments = ["sql", "SELECT name FROM runs", "-o", name, "--format"]
    found = name.split(".")[1].lower()
    said = f"Error: '{name}' says {found}, and the format says {form}. Leave out one of them.\n"

    assert nbtrail(*arguments, form) == (1, said)
    assert not (project.root / name).exists()
    assert nbtrail(*arguments, found) == (0, f"wrote {name}: 3 rows\n")


def test_export_writes_a_notebook(nbtrail, three_runs, project):
    status, _ = nbtrail("export", "comparison.ipynb", "swift-otter", "calm-heron")

    assert status == 0
    assert json.loads((project.root / "comparison.ipynb").read_text())["nbformat"] == 4


def test_without_runs_the_list_says_what_to_do(nbtrail):
    status, output = nbtrail("runs")

    assert status == 0
    assert "%track" in output


def test_where_all_runs_are_in_the_trash_the_list_says_so_and_how_to_see_them(nbtrail, three_runs):
    nbtrail("trash", "--filter", "metrics.acc > 0")
    status, output = nbtrail("runs")

    assert status == 0
    assert " ".join(output.split()) == (
        "No runs but 3 runs in the trash: `nbtrail trash` lists them, `nbtrail restore NAME` brings one back."
    )


@pytest.mark.parametrize("form", ["table", "csv"])
def test_the_list_of_runs_says_once_that_the_settings_have_a_mistake(nbtrail, three_runs, project, form):
    (project.folder / "settings.toml").write_text("[metrics]\ndefault = 5\n")
    _, output = nbtrail("runs", "--format", form)

    assert output.count("is passed over: metrics.default is the name of a metric, found 5.") == 1
    assert "swift-otter" in output


def test_the_doctor_finds_a_healthy_store(nbtrail, three_runs):
    _, output = nbtrail("doctor")

    assert "the store is whole: 3 runs" in output


def test_the_doctor_names_a_store_that_is_no_database(nbtrail, project):
    (project.folder / "store.db").write_bytes(b"nothing of the kind" * 100)
    status, output = nbtrail("doctor")

    assert status == 1
    assert "✗" in output
    assert "Move the file aside" in output
