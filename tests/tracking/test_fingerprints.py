"""What an object's fingerprint is."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import weakref
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse

from nbtrail.tracking.fingerprints import (
    Allowance,
    file_dataset,
    folder_dataset,
    is_data,
    state_of,
    take_fingerprint,
    take_glance,
)
from tests.projects import SOURCE


def look(value, **allowance):
    return take_fingerprint(value, Allowance(seconds=60, **allowance)).dataset("df")


def digest(value, **allowance):
    return look(value, **allowance).digest


MIXED = {
    "number": [1.5, None, 3.0],
    "text": ["ä", "b", None],
    "moment": pd.to_datetime(["2026-01-01", None, "2026-02-01"], utc=True),
    "kind": pd.Categorical(["x", "y", None]),
    "whole": pd.array([1, None, 3], dtype="Int64"),
    "truth": pd.array([True, None, False], dtype="boolean"),
    "period": pd.period_range("2026-01", periods=3, freq="M"),
    "lists": [[1, {"a": [2]}], (), None],
    "objects": [Decimal("1.1"), dt.date(2026, 1, 1), np.float32(1)],
}
ONE_CHANGED = {
    "number": [1.5, None, 3.1],
    "text": ["ä", "c", None],
    "moment": pd.to_datetime(["2026-01-01", None, "2026-02-02"], utc=True),
    "kind": pd.Categorical(["x", "x", None], categories=["x", "y"]),
    "whole": pd.array([1, 0, 3], dtype="Int64"),
    "truth": pd.array([True, False, False], dtype="boolean"),
    "period": pd.period_range("2026-02", periods=3, freq="M"),
    "lists": [[1, {"a": [3]}], (), None],
    "objects": [Decimal("1.2"), dt.date(2026, 1, 1), np.float32(1)],
}


def frame(**other):
    return pd.DataFrame({**MIXED, **other})


def test_equal_frames_have_equal_digests_and_nothing_is_left_out():
    assert digest(frame()) == digest(frame())
    assert not look(frame()).sampled


@pytest.mark.parametrize("column", MIXED)
def test_one_value_of_any_type_makes_another_digest(column):
    assert digest(frame(**{column: ONE_CHANGED[column]})) != digest(frame())


@pytest.mark.parametrize(
    "other",
    [
        frame().rename(columns={"number": "n"}),
        frame()[list(MIXED)[::-1]],
        frame().astype({"number": "float32"}),
        frame().set_axis([1, 2, 3]),
        frame().rename_axis("id"),
        frame().iloc[:2],
        frame(kind=pd.Categorical(["x", "y", None], categories=["y", "x"])),
        frame(kind=pd.Categorical(["x", "y", None], ordered=True)),
    ],
    ids=["name", "order", "type", "index", "index name", "rows", "categories", "ordered"],
)
def test_names_types_order_and_index_are_part_of_the_digest(other):
    assert digest(other) != digest(frame())


def test_a_digest_is_the_same_in_every_session():
    code = (
        "import pandas as pd, numpy as np\nfrom nbtrail.tracking.fingerprints import *\n"
        "df = pd.DataFrame({'a': np.arange(5) / 3, 'b': ['x', 'y', None, 'z', 'x'], 'c': [{'k': [1]}] * 5})\n"
        "print(take_fingerprint(df, Allowance()).digest)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_how_a_small_array_lies_in_memory_does_not_count():
    array = np.arange(600.0).reshape(30, 20)
    assert digest(np.asfortranarray(array)) == digest(array) == digest(np.repeat(array, 2, axis=1)[:, ::2])


def test_how_a_frame_came_to_be_does_not_count():
    whole = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0], "c": ["x", "y"]})
    grown = pd.DataFrame({"a": [1.0, 2.0]}).assign(b=[3.0, 4.0], c=["x", "y"])
    assert digest(pd.concat([whole.iloc[:1], whole.iloc[1:]])) == digest(grown) == digest(whole)


def test_a_column_that_is_there_twice_is_told_apart():
    assert list(look(pd.DataFrame([[1, 2, 3]], columns=["a", "a", ("b", 1)])).schema) == ["a", "a (2)", "b, 1"]


def test_numbers_have_quantiles_and_a_mean_without_what_is_missing_or_infinite():
    profile = look(pd.Series([1.0, 2.0, 3.0, np.nan, np.inf], name="x")).profile
    assert profile == {"x": {"missing": 1, "infinite": 1, "mean": 2.0, "quantiles": [1.0, 1.5, 2.0, 2.5, 3.0]}}


def test_dates_have_quantiles_as_text():
    assert look(pd.Series(pd.to_datetime(["2026-01-01", None]), name="t")).profile["t"] == {
        "missing": 1,
        "quantiles": ["2026-01-01"] * 5,
    }


def test_texts_show_their_common_values_only_where_few_repeat():
    sexes, names = ["m", "f", "m"] * 10, [f"ada {number}" for number in range(30)]
    profile = look(pd.DataFrame({"sex": sexes, "name": names, "kind": pd.Categorical(sexes)})).profile
    assert profile["sex"] == profile["kind"] == {"missing": 0, "distinct": 2, "top": [["m", 20], ["f", 10]]}
    assert profile["name"] == {"missing": 0, "distinct": 30}


def test_a_column_named_like_a_secret_shows_none_of_its_values():
    assert look(pd.DataFrame({"api_key": [7.0] * 9})).profile == {"api_key": {"missing": 0}}


def test_values_that_look_like_secrets_are_masked_and_long_ones_cut():
    values = ["https://ada:hunter2@example.org/", "x" * 100] * 5
    top = look(pd.Series(values, name="url")).profile["url"]["top"]
    assert top == [["https://ada:********@example.org/", 5], [f"{'x' * 39}…", 5]]


def test_polars_frames_have_all_of_it_too():
    made = {
        "a": [1, None, 3],
        "s": ["x", None, "y"],
        "d": [dt.date(2026, 1, 1)] * 3,
        "l": [[1], [2], None],
        "b": [True] * 3,
    }
    seen = look(pl.DataFrame(made))
    assert (seen.kind, seen.shape, seen.sampled) == ("polars.DataFrame", (3, 5), False)
    assert seen.digest == digest(pl.concat([pl.DataFrame(made).head(1), pl.DataFrame(made).tail(2)]))
    assert seen.digest != digest(pl.DataFrame({**made, "a": [1, 0, 3]}))
    assert seen.profile["a"]["missing"] == 1


def test_masked_and_sparse_arrays_count_with_what_is_masked_and_where():
    values = np.arange(200.0)
    assert digest(np.ma.masked_array(values, mask=values < 5)) != digest(np.ma.masked_array(values, mask=values < 6))
    sparse = scipy.sparse.csr_matrix(np.eye(30))
    assert look(sparse).shape == (30, 30)
    assert digest(sparse) != digest(scipy.sparse.csr_matrix(np.eye(30)[::-1]))


def test_an_object_without_content_to_look_at_counts_by_its_type():
    odd = look(pd.DataFrame({"a": [1, 2], "odd": [object(), object()]}))
    assert (odd.sampled, odd.schema) == (True, {"a": "int64", "odd": "object"})
    assert odd.digest == digest(pd.DataFrame({"a": [1, 2], "odd": [object(), object()]}))


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        np.empty((0, 3)),
        np.zeros(200, dtype=[("a", "i4"), ("b", "f8")]),
        np.zeros(200, dtype="c16"),
        np.array(["a", "bb"] * 100),
        np.zeros(200, dtype=np.longdouble),
        pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_product([["a"], [1, 2]])),
        pd.DataFrame({"v": pd.arrays.SparseArray([0, 1]), "i": pd.interval_range(0, 2)}),
        pl.DataFrame({"t": [dt.time(1)], "s": [{"a": dt.date(2026, 1, 1)}], "z": [dt.timedelta(1)], "n": [None]}),
    ],
    ids=range(10),
)
def test_unusual_data_has_a_fingerprint(value):
    assert look(value).kind.startswith(("pandas", "polars", "numpy"))
    assert take_glance(value) is not None


def test_large_data_is_sampled_always_at_the_same_places():
    large = np.arange(40_000_000.0)
    assert look(large).sampled
    assert digest(large) == digest(large.copy())
    assert look(large).profile[""]["rows"] < 1_000_000


def test_many_texts_are_sampled():
    assert look(pd.DataFrame({"text": [f"row {number}" for number in range(200_000)]})).sampled


def test_of_more_than_two_thousand_columns_some_are_looked_at():
    wide = look(pd.DataFrame(np.zeros((2, 3_000))))
    assert (wide.shape, len(wide.schema), wide.sampled) == ((2, 3_000), 2_000, True)


def test_when_the_time_is_up_only_the_type_counts():
    spent = take_fingerprint(frame(), Allowance(seconds=-1)).dataset("df")
    assert (spent.sampled, spent.profile, list(spent.schema)) == (True, {}, list(MIXED))


def test_a_fingerprint_does_not_keep_the_data_alive():
    array = np.zeros((500, 20))
    kept = take_fingerprint(array, Allowance())
    gone = weakref.ref(array)
    del array
    assert gone() is None
    assert kept.dataset("X").profile[""]["mean"] == 0.0


def test_a_glance_sees_every_change_of_small_data_and_many_of_large():
    small, large = frame(), np.zeros(5_000_000)
    first, second = take_glance(small), take_glance(large)
    small.loc[1, "text"] = "c"
    large[:] = 1
    assert take_glance(small) != first
    assert take_glance(large) != second


@pytest.mark.parametrize("value", [np.ones(100), np.float64(1), [1, 2], {"a": frame()}, "df", pd])
def test_a_handful_of_numbers_and_other_things_are_no_data(value):
    assert not is_data(value)


def test_a_file_is_its_content(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    first, second = (file_dataset(state_of(tmp_path / name), name) for name in ("a.csv", "b.csv"))
    assert (first.digest, first.size, first.kind) == (second.digest, 4, "file")
    (tmp_path / "b.csv").write_text("x\n2\n")
    assert file_dataset(state_of(tmp_path / "b.csv"), "b.csv").digest != first.digest


def test_a_file_that_was_changed_since_is_not_taken_for_what_it_was(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n")
    before, whole = state_of(file), file_dataset(state_of(file), "a.csv")
    file.write_text("x\n22\n")
    late = file_dataset(before, "a.csv")
    assert (whole.sampled, late.sampled, late.size) == (False, True, 4)
    assert late.digest not in {whole.digest, file_dataset(state_of(file), "a.csv").digest}


def test_a_file_that_is_gone_has_no_state(tmp_path):
    assert state_of(tmp_path / "gone.csv") is None
    assert state_of(tmp_path) is None


def test_files_of_a_folder_count_by_name_and_size(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"12345")
    seen = folder_dataset([tmp_path / "b.png", tmp_path / "a.png", tmp_path / "gone.png"], "images/")
    assert (seen.kind, seen.shape, seen.size, seen.sampled) == ("files", (2,), 10, True)
