"""What differs between the data of runs."""

from __future__ import annotations

import pytest

from nbtrail.changes import DatasetSeen
from nbtrail.reading.datasets import format_bytes, format_extent
from nbtrail.reading.diff import diff, diff_runs
from nbtrail.reading.diff.plain import plain
from nbtrail.reading.markdown import differs_markdown
from nbtrail.records import Dataset, DatasetUse
from nbtrail.settings import Settings
from tests.reading.conftest import START

COLUMNS = {"age": "float64", "sex": "str"}
PROFILE = {
    "age": {"missing": 3, "mean": 54.4, "quantiles": [29.0, 47.0, 56.0, 61.0, 77.0]},
    "sex": {"missing": 0, "distinct": 2},
}


def dataset(digest="3f2a", **facts):
    ordinary = {"kind": "pandas.DataFrame", "shape": (1437, 64), "size": 735744, "schema": COLUMNS, "profile": PROFILE}
    return Dataset(digest=digest.ljust(32, "0"), name="train", **(ordinary | facts))


@pytest.fixture
def compare(shelf):
    """Two runs, each with the given data (one, or several by name), and what differs between them."""

    def compare_(*given, role="read"):
        runs = []
        for place, data in enumerate(given):
            run = shelf.add(f"run-{place}")
            named = data if isinstance(data, dict) else {"train": data}
            for name, versions in named.items():
                for at, one in enumerate(versions if isinstance(versions, list) else [versions]):
                    use = DatasetUse(run_id=run.id, role=role, name=name, dataset=one, at=START + at)
                    shelf.store.apply([DatasetSeen(use=use)])
            runs.append(run)
        return diff_runs(shelf.store, [shelf.store.run(run.id) for run in runs], Settings())

    return compare_


def rows(difference):
    return {row.label: row.texts() for row in difference.rows if row.level == "data" and row.differs}


def test_equal_data_is_the_same(compare):
    difference = compare(dataset(), dataset())

    assert [(row.name, row.differs) for row in difference.rows if row.level == "data"] == [("data.train", False)]
    assert difference.summary == "nothing"


def test_other_data_shows_its_shape_and_digest(compare):
    difference = compare(dataset(), dataset("9c1b", shape=(1400, 64)))

    assert rows(difference) == {"data.train": ("1,437 × 64 · 3f2a…", "1,400 × 64 · 9c1b…")}
    assert difference.summary == "1 dataset"


def test_digests_show_as_much_as_tells_them_apart(compare):
    assert rows(compare(dataset("3f2aaa"), dataset("3f2abb")))["data.train"][0] == "1,437 × 64 · 3f2aaa00…"


def test_columns_that_moved_stand_below_their_data(compare):
    younger = {**PROFILE, "age": {"missing": 0, "mean": 50.9, "quantiles": [29.0, 47.0, 56.0, 61.0, 77.0]}}
    difference = compare(dataset(), dataset("9c1b", profile=younger))

    assert rows(difference)["data.train[age]"] == ("missing 3, mean 54.4", "missing 0, mean 50.9")
    assert difference.summary == "1 dataset"


def test_columns_that_came_went_or_have_another_type_come_first(compare):
    schema = {"age": "int64", "bmi": "float64"}
    difference = compare(dataset(), dataset("9c1b", schema=schema, profile={}))

    assert list(rows(difference).items())[1:] == [
        ("data.train[age]", ("float64", "int64")),
        ("data.train[sex]", ("str", None)),
        ("data.train[bmi]", (None, "float64")),
    ]


def test_of_many_columns_that_moved_the_farthest_are_named(compare):
    def made(digest, step):
        profile = {
            f"c{n}": {"missing": 0, "mean": n * step, "quantiles": [0.0, 1.0, 2.0, 3.0, 100.0]} for n in range(9)
        }
        return dataset(digest, schema=dict.fromkeys(profile, "float64"), profile=profile)

    found = rows(compare(made("aa", 0), made("bb", 1)))
    assert list(found) == ["data.train (8 columns differ)", *(f"data.train[c{n}]" for n in (8, 7, 6, 5, 4))]


def test_data_that_one_run_did_not_read_differs(compare):
    difference = compare({"train": dataset(), "test": dataset("77")}, dataset())

    assert rows(difference) == {"data.test": ("1,437 × 64 · 7700…", None)}


def test_a_run_of_which_no_data_is_known_differs_in_none(compare):
    assert compare(dataset(), {}).summary == "nothing"


def test_data_that_changed_within_a_run_shows_from_what_to_what(compare):
    difference = compare([dataset(), dataset("9c1b")], dataset("9c1b"))

    assert rows(difference)["data.train"] == ("1,437 × 64 · 3f2a… → 9c1b…", "1,437 × 64 · 9c1b…")


def test_what_was_written_is_no_dataset_of_the_summary(compare):
    model = {"kind": "file", "shape": (), "schema": {}, "profile": {}, "size": 1024}
    difference = compare({"m.joblib": dataset(**model)}, {"m.joblib": dataset("9c", **model)}, role="written")

    assert rows(difference) == {"data.m.joblib (written)": ("1.02 kB · 3f2a…", "1.02 kB · 9c00…")}
    assert difference.summary == "nothing"


def test_sampled_data_says_so(compare):
    assert rows(compare(dataset(sampled=True), dataset("9c1b")))["data.train"][0] == "1,437 × 64 · 3f2a… sampled"


def test_every_way_to_show_a_difference_shows_its_data(compare):
    difference = compare(dataset(), dataset("9c1b"))

    for shown in (plain(difference, show_all=False), difference._repr_html_(), differs_markdown(difference)):
        assert "1,437 × 64 · 9c1b…" in shown
    assert difference.frame().loc[("data", "data.train"), "run-1"][0]["digest"].startswith("9c1b")


def test_the_summary_counts_datasets_between_cells_and_packages(three):
    for number, run in enumerate(three.store.run(name) for name in ("swift-otter", "calm-heron")):
        use = DatasetUse(run_id=run.id, role="read", name="train", dataset=dataset(str(number)))
        three.store.apply([DatasetSeen(use=use)])

    summary = diff("swift-otter", "calm-heron", project=three.project).summary
    assert summary == "1 of 3 params, 1 cell, 1 dataset, 1 package"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"shape": (5,), "kind": "pandas.Series"}, "5"),
        ({"shape": (30,), "kind": "files"}, "30 files"),
        ({"shape": (), "kind": "polars.LazyFrame"}, "2 columns"),
        ({"shape": (), "schema": {}, "kind": "file"}, "736 kB"),
    ],
)
def test_the_extent_of_data_without_rows_and_columns(facts, text):
    assert format_extent(dataset(**facts)) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1024, "1.02 kB"), (96_000_000, "96 MB"), (2**50, "1126 TB")]
)
def test_sizes_in_one_unit(size, text):
    assert format_bytes(size) == text
