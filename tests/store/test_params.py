"""Params: values, history, columns. Every engine keeps this contract."""

from __future__ import annotations

import math

import pytest

from nbtrail.changes import ParamSet
from nbtrail.records import Param
from tests.store.conftest import START


def test_the_last_value_of_a_param_wins_and_the_earlier_ones_are_kept(store, make_run):
    """Running a cell again with another value is normal in a notebook."""
    run = make_run(params={"lr": 0.1})
    store.apply([ParamSet(run_id=run.id, key="lr", value=value, at=START) for value in (0.01, "auto", 0.02)])

    (param,) = store.params([run.id])

    assert param.value == 0.02
    assert param.earlier == (0.1, 0.01, "auto")


def test_setting_the_same_value_again_is_no_change(store, make_run):
    run = make_run(params={"lr": 0.1})
    store.apply([ParamSet(run_id=run.id, key="lr", value=0.1, at=START + 9, execution_id="e2")])

    (param,) = store.params([run.id])

    assert (param.earlier, param.at, param.execution_id) == ((), START + 9, "e2")


def test_a_param_says_where_it_came_from(store, make_run):
    run = make_run()
    facts = {"origin": "inferred", "reason": "literal in cell 3", "execution_id": "e1", "at": START}
    store.apply([ParamSet(run_id=run.id, key="model", value="Forest()", as_text=True, **facts)])

    assert store.params([run.id]) == [Param(run_id=run.id, key="model", value="Forest()", as_text=True, **facts)]


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -3, 12345678901234567890123, 10**400, 0.1, 1e300, 5e-324, -0.0, "", "NaN", "1", "ünï ☃",
        [], [64, 64.5, "x"], {}, {"a": [None, True, {"b": 1}]}, "x" * 100_000, math.inf, -math.inf, [math.inf],
    ],
)  # fmt: skip
def test_values_come_back_as_they_were_set(store, make_run, value):
    run = make_run(params={"x": value})
    (param,) = store.params([run.id])
    assert param.value == value
    assert type(param.value) is type(value)
    assert store.param_columns([run.id])["x"].values == [value]


def test_a_nan_comes_back_as_a_nan(store, make_run):
    run = make_run(params={"x": math.nan})
    assert math.isnan(store.params([run.id])[0].value)


def test_params_come_in_the_order_of_the_runs_asked_for_then_by_key(store, make_run):
    first, second = make_run(params={"b": 1, "a": 2}), make_run(params={"c": 3})
    make_run(params={"other": 0})
    found = [(param.run_id, param.key) for param in store.params([second.id, first.id, "gone"])]
    assert found == [(second.id, "c"), (first.id, "a"), (first.id, "b")]


def test_columns_follow_the_runs_and_have_none_where_a_run_lacks_the_param(store, make_run):
    first, second = make_run(params={"lr": 0.1, "depth": 6}), make_run(params={"lr": 0.2})
    columns = store.param_columns([second.id, first.id])
    assert {key: column.filled(2) for key, column in columns.items()} == {"depth": [None, 6], "lr": [0.2, 0.1]}
    assert list(columns) == ["depth", "lr"]
    assert store.param_columns([]) == {}
