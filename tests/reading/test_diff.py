"""What differs between runs."""

from __future__ import annotations

import math

import pytest

from nbtrail.errors import InputError, RunNotFoundError
from nbtrail.reading.diff import CodeLine, diff, diff_runs
from nbtrail.settings import Settings
from tests.reading.conftest import environment


def row(difference, name):
    return next(one for one in difference.rows if one.name == name)


def of(shelf, *runs, **settings):
    return diff_runs(shelf.store, runs, Settings(**settings))


def test_the_summary_counts_params_cells_and_packages(three):
    assert diff("swift-otter", "calm-heron", "bold-lynx", project=three.project).summary == (
        "2 of 3 params, 1 cell, 1 package"
    )


def test_what_differs_comes_first_in_each_level(three):
    difference = diff("swift-otter", "calm-heron", project=three.project)

    assert [one.name for one in difference.rows] == [
        "params.lr", "params.depth", "params.seed", "metrics.acc", "metrics.val_loss",
        "env.scikit-learn", "env.platform", "env.python", "duration",
    ]  # fmt: skip
    assert [one.differs for one in difference.rows] == [True, False, False, True, True, True, False, False, False]


def test_the_best_is_marked_by_what_the_metric_means(three):
    difference = diff("bold-lynx", "swift-otter", "calm-heron", project=three.project)

    assert row(difference, "metrics.acc").best == 1
    assert row(difference, "metrics.val_loss").best == 1
    assert row(difference, "params.lr").best is None


def test_the_project_can_say_which_way_is_better(shelf):
    runs = [shelf.add("one", metrics={"score": 1.0}), shelf.add("two", metrics={"score": 2.0})]

    assert row(of(shelf, *runs), "metrics.score").best == 1
    assert row(of(shelf, *runs, directions={"score": "min"}), "metrics.score").best == 0


def test_differences_are_measured_from_the_baseline(three):
    difference = diff("swift-otter", "calm-heron", "bold-lynx", project=three.project)

    deltas = row(difference, "metrics.acc").deltas
    assert difference.baseline == 1
    assert [delta and (delta.text, delta.better) for delta in deltas] == [("0.012", True), None, ("-0.021", False)]
    assert [delta and delta.mark for delta in deltas] == ["▲ .012", None, "▼ .021"]


def test_without_a_baseline_the_first_run_is_it(three):
    assert diff("bold-lynx", "swift-otter", project=three.project).baseline == 0


def test_of_several_baselines_the_one_started_last_counts(shelf):
    runs = [shelf.add(name, tags=["baseline"]) for name in ("one", "two")]

    assert of(shelf, runs[1], runs[0]).baseline == 0


def test_a_lower_loss_is_better_though_it_points_down(three):
    delta = row(diff("swift-otter", "calm-heron", project=three.project), "metrics.val_loss").deltas[0]

    assert (delta.mark, delta.better) == ("▼ .061", True)


def test_equal_values_have_no_best_and_no_better(shelf):
    runs = [shelf.add(name, metrics={"acc": 0.9}) for name in ("one", "two")]

    acc = row(of(shelf, *runs), "metrics.acc")

    assert (acc.differs, acc.best, acc.deltas[1].better, acc.deltas[1].mark) == (False, None, None, "±0")


def test_nan_is_shown_equals_nan_and_is_never_best(shelf):
    runs = [shelf.add(f"run-{n}", metrics={"acc": v, "f1": math.nan}) for n, v in enumerate([math.nan, 0.5, 0.7])]

    difference = of(shelf, *runs)

    assert row(difference, "metrics.acc").texts() == ("NaN", "0.5", "0.7")
    assert row(difference, "metrics.acc").best == 2
    assert row(difference, "metrics.acc").deltas is None
    assert not row(difference, "metrics.f1").differs


def test_a_param_that_a_run_lacks_differs_from_one_that_is_none(shelf):
    runs = [shelf.add("one", params={"limit": None}), shelf.add("two")]

    limit = row(of(shelf, *runs), "params.limit")

    assert limit.differs
    assert limit.texts() == ("None", None)


def test_true_is_not_one_but_one_is_one_point_zero(shelf):
    runs = [shelf.add("one", params={"a": 1, "b": 1}), shelf.add("two", params={"a": 1.0, "b": True})]

    difference = of(shelf, *runs)

    assert not row(difference, "params.a").differs
    assert row(difference, "params.b").differs


def test_values_that_differ_never_read_the_same(shelf):
    runs = [shelf.add("one", params={"lr": 0.123456}), shelf.add("two", params={"lr": 0.123457})]

    assert row(of(shelf, *runs), "params.lr").texts() == ("0.123456", "0.123457")


def test_only_packages_that_differ_are_listed(shelf):
    packages = {"numpy": "2.4.6", "pandas": "3.1.1"}
    runs = [
        shelf.add("one", environment=environment(packages=packages)),
        shelf.add("two", environment=environment(packages={**packages, "numpy": "2.5.0"})),
    ]

    names = [one.name for one in of(shelf, *runs).rows if one.level == "environment"]

    assert names == ["env.numpy", "env.platform", "env.python"]


def test_commits_are_compared_with_the_changes_on_top(shelf):
    commit = {"git_commit": "0123abcd" * 5, "git_branch": "main"}
    runs = [
        shelf.add("clean", environment=environment(**commit)),
        shelf.add("dirty", environment=environment(**commit, git_dirty=True, git_diff="f00dfeed")),
    ]

    difference = of(shelf, *runs)

    assert row(difference, "git.commit").texts() == ("0123abcd", "0123abcd + changes f00dfe")
    assert not row(difference, "git.branch").differs
    assert difference.summary == "commit"


def test_modules_that_no_commit_holds_and_the_machine_are_compared(shelf):
    before = environment(
        modules={"ages.py": "1" * 64, "same.py": "3" * 64}, hardware={"os": "Debian 12", "cpu_count": 8}
    )
    after = environment(
        modules={"ages.py": "2" * 64, "same.py": "3" * 64}, hardware={"os": "Debian 12", "cpu_count": 4}
    )

    difference = of(shelf, shelf.add("before", environment=before), shelf.add("after", environment=after))

    assert row(difference, "module.ages.py").texts() == ("11111111", "22222222")
    assert [one.name for one in difference.rows if one.differs] == ["machine.cpu_count", "module.ages.py"]
    assert difference.summary == "1 module, machine"


def test_durations_read_like_a_clock(shelf):
    runs = [shelf.add("one", seconds=42.0), shelf.add("two", seconds=67.0), shelf.add("three", running=True)]

    duration = row(of(shelf, *runs), "duration")

    assert duration.texts()[:2] == ("0:42", "1:07")
    assert duration.deltas is None


def test_runs_that_are_the_same_differ_in_nothing(shelf):
    runs = [shelf.add(name, params={"lr": 0.1}, cells=["x = 1"]) for name in ("one", "two")]

    difference = of(shelf, *runs)

    assert (difference.summary, difference.code) == ("nothing", ())
    assert "nothing differs" in repr(difference)


def test_one_run_alone_differs_in_nothing(three):
    assert of(three, three.store.run("swift-otter")).summary == "nothing"


def test_less_than_two_runs_are_an_error(three):
    for names in ([], ["swift-otter"], ["swift-otter", "swift-otter"]):
        with pytest.raises(InputError, match="two runs"):
            diff(*names, project=three.project)
    with pytest.raises(RunNotFoundError):
        diff("swift-otter", "nobody", project=three.project)


def test_the_table_of_a_difference_is_a_frame(three):
    table = diff("swift-otter", "calm-heron", project=three.project).frame()

    assert list(table.columns) == ["swift-otter", "calm-heron", "differs"]
    assert table.loc[("params", "params.lr"), "swift-otter"] == 0.09
    assert table.loc[("metrics", "metrics.acc"), "differs"]


# --- code ------------------------------------------------------------------------------------------


def test_a_changed_cell_is_shown_line_by_line(three):
    (cell,) = diff("swift-otter", "calm-heron", "bold-lynx", project=three.project).code

    assert cell.title == "cell [2] · calm-heron → swift-otter"
    assert cell.lines[:3] == (
        CodeLine("-", "model = build(lr, depth)"),
        CodeLine("+", "model = build(lr, depth, dropout=0.1)"),
        CodeLine(" ", "for epoch in range(200):"),
    )


def test_a_cell_is_known_by_its_id_though_all_of_it_changed(shelf):
    runs = [shelf.add("one", cells=[("a1", "x = 1")]), shelf.add("two", cells=[("a1", "print('hello')")])]

    (cell,) = of(shelf, *runs).code

    assert [line.op for line in cell.lines] == ["-", "+"]


def test_of_a_cell_that_ran_again_the_last_text_counts(shelf):
    runs = [
        shelf.add("one", cells=[("a1", "x = 1"), ("b2", "y"), ("a1", "x = 2")]),
        shelf.add("two", cells=[("a1", "x = 2"), ("b2", "y")]),
    ]

    assert of(shelf, *runs).code == ()


def test_new_and_missing_cells_are_shown_whole(shelf):
    runs = [
        shelf.add("one", cells=["import numpy", "x = 1"]),
        shelf.add("two", cells=["import numpy", "import sys", "x = 1"]),
    ]

    (cell,) = of(shelf, *runs).code
    (other,) = of(shelf, *reversed(runs)).code

    assert cell.lines == (CodeLine("+", "import sys"),)
    assert other.lines == (CodeLine("-", "import sys"),)
    assert cell.number == 2


def test_runs_with_the_same_change_share_one_difference(shelf):
    runs = [shelf.add("base", cells=["x = 1"]), *(shelf.add(name, cells=["x = 2"]) for name in ("one", "two"))]

    difference = of(shelf, *runs)

    assert [cell.after for cell in difference.code] == [("one", "two")]
    assert difference.cells == 1


def test_a_cell_that_differs_in_two_ways_counts_once(shelf):
    runs = [shelf.add(f"run-{n}", cells=[("a1", f"x = {n}")]) for n in range(3)]

    difference = of(shelf, *runs)

    assert len(difference.code) == 2
    assert difference.cells == 1


def test_cells_differ_in_the_order_of_the_notebook(shelf):
    runs = [
        shelf.add("one", cells=[("a", "first = 1"), ("b", "second = 1"), ("c", "third = 1")]),
        shelf.add("two", cells=[("a", "first = 2"), ("n", "brand = 'new'"), ("b", "second = 1"), ("c", "third = 2")]),
    ]

    shown = [[line.text for line in cell.lines] for cell in of(shelf, *runs).code]

    assert shown == [["first = 1", "first = 2"], ["brand = 'new'"], ["third = 1", "third = 2"]]


def test_the_trackers_own_lines_are_no_code(shelf):
    runs = [
        shelf.add("one", cells=["%load_ext nbtrail\n%track start one", "x = 1"]),
        shelf.add("two", cells=["x = 1", "%track compare one two"]),
    ]

    assert of(shelf, *runs).code == ()


def test_unchanged_stretches_of_long_cells_are_left_out(shelf):
    lines = [f"a{number} = {number}" for number in range(40)]
    changed = [*lines[:5], "a5 = 'new'", *lines[6:30], "a30 = 'new'", *lines[31:]]
    runs = [shelf.add("one", cells=["\n".join(lines)]), shelf.add("two", cells=["\n".join(changed)])]

    (cell,) = of(shelf, *runs).code

    assert [line.text for line in cell.lines].count("⋯") == 2
    assert len(cell.lines) == 18


# --- how it shows itself ---------------------------------------------------------------------------


def test_the_table_in_a_terminal_marks_the_best_and_the_baseline(three):
    text = diff("swift-otter", "calm-heron", project=three.project).to_text()

    assert "calm-heron (baseline)" in text
    assert "0.934* ▲ .012" in text
    assert "- model = build(lr, depth)" in text
    assert "params.seed" not in text


def test_everything_is_shown_when_asked_for(three):
    assert "params.seed" in diff("swift-otter", "calm-heron", project=three.project).to_text(show_all=True)


def test_html_needs_no_stylesheet_and_nothing_from_elsewhere(three):
    html = diff("swift-otter", "calm-heron", project=three.project)._repr_html_()

    assert "2 more" not in html.split("<details>")[0]
    assert "var(--jp-" in html
    for outside in ("<style", "<script", "http", "src="):
        assert outside not in html


def test_what_users_wrote_is_escaped_in_html(shelf):
    nasty = "<img src=x onerror=alert(1)>"
    runs = [shelf.add(nasty, params={nasty: nasty}, cells=[nasty]), shelf.add("two", cells=["fine"])]

    html = of(shelf, *runs)._repr_html_()

    assert "<img" not in html
    assert "&lt;img" in html
