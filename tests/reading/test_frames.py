"""Runs and curves as DataFrames."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from nbtrail.errors import FilterError, InputError, MetricNotFoundError, RunNotFoundError
from nbtrail.reading import frames
from nbtrail.reading.columns import field_columns
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader

ORDINARY = [
    "id", "name", "status", "started", "ended", "duration", "notebook", "parent", "starred", "note", "error", "tags",
]  # fmt: skip


def test_a_run_is_a_row_with_its_params_and_last_metrics(three):
    table = frames.runs(project=three.project).set_index("name")

    assert list(table.columns[11:]) == ["params.depth", "params.lr", "params.seed", "metrics.acc", "metrics.val_loss"]
    assert table.loc["swift-otter", "params.lr"] == 0.09
    assert table.loc["swift-otter", "metrics.val_loss"] == 0.301
    assert table.loc["calm-heron", "tags"] == ["baseline"]
    assert table.loc["calm-heron", "duration"] == 42.0


def test_times_are_utc_with_microseconds(shelf):
    shelf.add("swift-otter")

    table = frames.runs(project=shelf.project)

    assert str(table["started"].dtype) == "datetime64[us, UTC]"
    assert table["started"][0] == pd.Timestamp("2026-09-21 14:13:21", tz="UTC")
    assert table["ended"][0] == pd.Timestamp("2026-09-21 14:14:03", tz="UTC")


def test_without_runs_the_columns_are_there(project):
    table = frames.runs(project=project)

    assert list(table.columns) == ORDINARY
    assert len(table) == 0
    assert str(table["started"].dtype) == "datetime64[us, UTC]"
    assert not project.folder.exists()


def test_newest_runs_come_first_unless_asked_otherwise(three):
    newest = frames.runs(project=three.project)
    best = frames.runs(sort="-metrics.acc", limit=2, project=three.project)

    assert list(newest["name"]) == ["bold-lynx", "calm-heron", "swift-otter"]
    assert list(best["name"]) == ["swift-otter", "calm-heron"]


def test_a_filter_chooses_runs(three):
    table = frames.runs("metrics.acc > 0.91 and params.lr < 0.06", project=three.project)

    assert list(table["name"]) == ["calm-heron"]


def test_a_mistake_in_a_filter_is_pointed_at(three):
    with pytest.raises(FilterError):
        frames.runs("metrics.acc >", project=three.project)


def test_a_negative_limit_is_refused(project):
    with pytest.raises(InputError, match="-1"):
        frames.runs(limit=-1, project=project)


def test_params_of_all_kinds_stand_beside_missing_ones(shelf):
    shelf.add("first", params={"layers": [64, 64], "depth": 6, "on": True})
    shelf.add("second", params={"layers": None, "model": "forest"})

    table = frames.runs(project=shelf.project).set_index("name")

    assert table.loc["first", "params.layers"] == [64, 64]
    assert table.loc["first", "params.on"] is True
    assert table.loc["second", "params.depth"] is pd.NA
    assert pd.isna(table.loc["first", "params.model"])


def test_a_metric_that_ended_as_nan_or_inf_says_so(shelf):
    shelf.add("burst", metrics={"loss": [1.0, math.inf], "acc": math.nan})

    table = frames.runs(project=shelf.project)

    assert table["metrics.loss"][0] == math.inf
    assert math.isnan(table["metrics.acc"][0])


def test_one_run_is_the_row_of_the_table(three):
    row = frames.run("calm-heron", project=three.project)

    assert row["name"] == "calm-heron"
    assert row["metrics.acc"] == 0.922


def test_a_history_has_tidy_rows_in_the_order_asked_for(three):
    table = frames.history(["bold-lynx", "swift-otter"], "val_loss", project=three.project)

    assert list(table.columns) == ["run", "step", "time", "value"]
    assert list(table["run"]) == ["bold-lynx"] * 3 + ["swift-otter"] * 3
    assert list(table["value"]) == [1.4, 0.9, 0.419, 1.2, 0.6, 0.301]
    assert [str(kind) for kind in table.dtypes[1:]] == ["int64", "datetime64[us, UTC]", "float64"]


def test_a_history_takes_names_ids_and_runs(three):
    record = three.store.run("calm-heron")

    table = frames.history([record, record.id, "calm-heron"], "acc", project=three.project)

    assert list(table["value"]) == [0.922]


def test_one_name_is_enough_for_a_history(three):
    assert len(frames.history("calm-heron", "val_loss", project=three.project)) == 3


def test_a_history_keeps_nan_inf_and_steps_that_go_back(shelf):
    shelf.add("odd", metrics={"loss": ([0, 1, 2, 1], [1.0, math.nan, -math.inf, 0.5])})

    table = frames.history(["odd"], "loss", project=shelf.project)

    assert list(table["step"]) == [0, 1, 2, 1]
    np.testing.assert_array_equal(table["value"], [1.0, math.nan, -math.inf, 0.5])


def test_a_long_history_is_thinned_per_run(shelf):
    shelf.add("long", metrics={"loss": list(range(5000))})
    shelf.add("short", metrics={"loss": [1.0, 2.0]})

    counts = frames.history(["long", "short"], "loss", max_points=100, project=shelf.project)["run"].value_counts()

    assert counts["long"] == 100
    assert counts["short"] == 2


def test_a_run_without_the_metric_adds_no_rows(three):
    three.add("bare")

    assert set(frames.history(["bare", "calm-heron"], "acc", project=three.project)["run"]) == {"calm-heron"}


def test_a_metric_that_no_run_has_is_an_error_with_a_hint(three):
    with pytest.raises(MetricNotFoundError, match="Did you mean 'val_loss'") as caught:
        frames.history(["calm-heron"], "val_los", project=three.project)

    assert caught.value.known == ("acc", "val_loss")


def test_an_unknown_run_is_an_error_with_a_hint(three):
    with pytest.raises(RunNotFoundError, match="calm-heron"):
        frames.history(["calm-hero"], "acc", project=three.project)


def test_what_is_no_run_is_an_error(three):
    with pytest.raises(InputError, match="is no run"):
        frames.history([3], "acc", project=three.project)


def test_fewer_than_three_points_are_refused(three):
    with pytest.raises(InputError, match="at least 3"):
        frames.history(["calm-heron"], "val_loss", max_points=2, project=three.project)


def test_a_table_has_the_columns_asked_for_in_their_order(three):
    table = frames.runs(columns=["metrics.acc", "name", "params.lr"], project=three.project)

    assert list(table.columns) == ["metrics.acc", "name", "params.lr"]
    assert table.set_index("name").loc["swift-otter", "params.lr"] == 0.09


def test_a_column_that_only_other_runs_have_is_empty(three):
    table = frames.runs('name == "swift-otter"', columns=["params.seed"], project=three.project)

    assert list(table.columns) == ["params.seed"]


def test_a_column_that_no_run_has_is_an_error_that_names_a_similar_one(three):
    with pytest.raises(InputError, match=r"'params\.lrr'.*Did you mean 'params\.lr'"):
        frames.runs(columns=["params.lrr"], project=three.project)


def test_in_very_large_tables_columns_of_few_runs_take_what_their_values_take(shelf):
    for number in range(9):
        shelf.add(f"run-{number}", metrics={"acc": number / 10}, params={"seed": number} if number == 4 else {})

    with reader(shelf.project) as reading:
        ids = [run.id for run in reading.store.runs(RunQuery())]
        columns = field_columns(reading.store, ids, most_dense=10)
    assert str(columns["params.seed"].dtype) == "Sparse[float64, nan]"
    assert (columns["params.seed"].sum(), int(columns["params.seed"].isna().sum())) == (4.0, 8)
    assert str(columns["metrics.acc"].dtype) == "float64"


def test_a_history_is_the_users_to_change(three):
    """A short curve comes from one chunk, whose bytes nobody may write to."""
    found = frames.history("calm-heron", "acc", project=three.project)
    found.loc[0, "value"] = 0.5
    found["step"] += 1

    assert found.loc[0, "value"] == 0.5


# --- whole numbers ---

SEED = 9007199254740993
"""The first whole number that a float cannot hold."""


def test_a_seed_of_64_bits_is_itself_where_other_runs_lack_it(shelf):
    shelf.add("seeded", params={"seed": SEED, "unsigned": 2**64 - 1, "batch": 64})
    shelf.add("bare")

    table = frames.runs(project=shelf.project).set_index("name")

    assert [str(table[f"params.{key}"].dtype) for key in ("seed", "unsigned", "batch")] == ["Int64", "UInt64", "Int64"]
    assert [table.loc["seeded", f"params.{key}"] for key in ("seed", "unsigned", "batch")] == [SEED, 2**64 - 1, 64]
    assert table.loc["bare", "params.seed"] is pd.NA
    assert frames.run("seeded", project=shelf.project)["params.seed"] == SEED


@pytest.mark.parametrize(
    "values", [[2**64, 7], [-1, 2**63], [SEED, 0.5]], ids=["beyond 64 bits", "of both kinds of 64 bits", "among floats"]
)
def test_what_no_column_of_numbers_holds_is_kept_as_it_is_and_compares(shelf, values):
    for number, value in enumerate(values):
        shelf.add(f"run-{number}", params={"seed": value})
    shelf.add("bare")

    column = frames.runs(sort="started", project=shelf.project)["params.seed"]

    assert column.tolist()[:2] == values
    assert (column > 0).tolist() == [values[0] > 0, True, False]


def test_integers_with_gaps_are_filtered_sorted_grouped_and_correlated(shelf):
    for number, batch in enumerate((128, 32, 64, 64)):
        shelf.add(f"run-{number}", params={"batch": batch}, metrics={"acc": batch / 200})
    shelf.add("bare", metrics={"acc": 0.1})

    table = frames.runs(sort="started", project=shelf.project)

    assert table[table["params.batch"] > 32]["name"].tolist() == ["run-0", "run-2", "run-3"]
    assert table.sort_values("params.batch")["name"].tolist()[0] == "run-1"
    assert table.groupby("params.batch")["metrics.acc"].max().to_dict() == {32: 0.16, 64: 0.32, 128: 0.64}
    assert table[["params.batch", "metrics.acc"]].corr().iloc[0, 1] == pytest.approx(1.0)


def test_integers_with_gaps_are_drawn(shelf):
    import altair as alt

    shelf.add("small", params={"batch": 32}, metrics={"acc": 0.5})
    shelf.add("bare", metrics={"acc": 0.1})

    table = frames.runs(sort="started", columns=["params.batch", "metrics.acc"], project=shelf.project)
    table.columns = ["batch", "acc"]
    chart = alt.Chart(table).mark_point().encode(x="batch", y="acc").to_dict()

    assert chart["encoding"]["x"]["type"] == "quantitative"
    assert next(iter(chart["datasets"].values())) == [{"batch": 32, "acc": 0.5}, {"batch": None, "acc": 0.1}]


def test_params_of_whole_and_other_numbers_and_metrics_stay_floats(shelf):
    shelf.add("first", params={"lr": 1}, metrics={"epoch": 3})
    shelf.add("second", params={"lr": 0.5})
    shelf.add("third", params={"lr": 1e300})

    table = frames.runs(sort="started", project=shelf.project)

    assert [str(table[name].dtype) for name in ("params.lr", "metrics.epoch")] == ["float64", "float64"]
    assert table["params.lr"].tolist() == [1.0, 0.5, 1e300]
