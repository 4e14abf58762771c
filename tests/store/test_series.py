"""Points and the summaries of metrics. Every engine keeps this contract."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nbtrail.changes import PointsLogged, RunEnded, ValuesWithdrawn
from nbtrail.records import Metric
from tests.store.conftest import START


@pytest.fixture
def log(store):
    """Logs values of the metric "loss", each in a call of its own unless told otherwise."""

    def log_(run, values, steps=None, *, together=False):
        steps = range(len(values)) if steps is None else steps
        changes = [
            PointsLogged.of(run_id=run.id, at=START + position / 8, points=(("loss", step, value),))
            for position, (step, value) in enumerate(zip(steps, values, strict=True))
        ]
        for batch in [changes] if together else [[change] for change in changes]:
            store.apply(batch)

    return log_


def test_points_come_back_in_the_order_logged_whatever_their_steps(store, make_run, log):
    """A step may go back or repeat, as it does when a cell runs again."""
    run = make_run()
    log(run, [3.0, 2.0, 1.0, 0.5], steps=[5, 2, 2, -7])

    series = store.series(run.id, "loss")

    assert series.steps.tolist() == [5, 2, 2, -7]
    assert series.values.tolist() == [3.0, 2.0, 1.0, 0.5]
    assert series.times.tolist() == [START, START + 0.125, START + 0.25, START + 0.375]
    assert (series.steps.dtype, series.times.dtype, series.values.dtype) == (np.int64, np.float64, np.float64)


def test_numbers_that_are_no_numbers_come_back_exactly(store, make_run, log):
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1]
    run = make_run()
    log(run, values)
    np.testing.assert_array_equal(store.series(run.id, "loss").values, values)
    assert math.copysign(1, store.series(run.id, "loss").values[3]) == -1


def test_a_metric_that_is_not_there_has_an_empty_series(store, make_run):
    series = store.series(make_run().id, "loss")
    assert (len(series.steps), len(series.times), len(series.values)) == (0, 0, 0)


@pytest.mark.parametrize("together", [True, False])
def test_the_summary_follows_the_points(store, make_run, log, together):
    run = make_run()
    log(run, [3.0, math.nan, 1.0, 2.0, 1.0], steps=[0, 10, 20, 30, 40], together=together)

    (metric,) = store.metrics([run.id])

    assert metric == Metric(
        run_id=run.id, key="loss", last=1.0, last_step=40, min=1.0, min_step=20, max=3.0, max_step=0, sum=7.0,
        count=5, nan_count=1, at=START + 0.5,
    )  # fmt: skip
    assert metric.mean == 1.75


@pytest.mark.parametrize("together", [True, False])
def test_a_metric_of_nothing_but_nan_has_nan_everywhere(store, make_run, log, together):
    run = make_run()
    log(run, [math.nan, math.nan], together=together)
    (metric,) = store.metrics([run.id])
    assert all(math.isnan(value) for value in (metric.last, metric.min, metric.max, metric.mean))
    assert (metric.count, metric.nan_count, metric.sum) == (2, 2, 0.0)


@pytest.mark.parametrize("together", [True, False])
def test_infinities_are_extremes_and_their_sum_may_be_nan(store, make_run, log, together):
    run = make_run()
    log(run, [math.inf, 1.0, -math.inf], together=together)
    (metric,) = store.metrics([run.id])
    assert (metric.min, metric.max, metric.last) == (-math.inf, math.inf, -math.inf)
    assert math.isnan(metric.sum)


def test_numbers_after_nan_are_extremes(store, make_run, log):
    run = make_run()
    log(run, [math.nan, 2.0, math.nan])
    (metric,) = store.metrics([run.id])
    assert (metric.min, metric.min_step, metric.max, metric.max_step) == (2.0, 1, 2.0, 1)
    assert math.isnan(metric.last)


def test_metrics_say_where_they_came_from_last(store, make_run):
    run = make_run()
    for execution_id in ("e1", "e2"):
        facts = {"origin": "inferred", "reason": "name matches 'acc'", "execution_id": execution_id}
        store.apply([PointsLogged.of(run_id=run.id, at=START + 1, points=(("acc", 1, 0.6),), **facts)])
    (metric,) = store.metrics([run.id])
    assert (metric.origin, metric.reason, metric.execution_id) == ("inferred", "name matches 'acc'", "e2")


def test_a_metric_that_was_logged_once_is_the_users_for_good(store, make_run):
    """Taking back what was inferred must not take back what the user has logged under the same name."""
    run = make_run(metrics={"acc": 0.5})
    inferred = PointsLogged.of(run_id=run.id, at=START + 1, points=(("acc", 1, 0.6),), origin="inferred", reason="name")
    store.apply([inferred, ValuesWithdrawn(run_id=run.id, keys=("acc",))])
    (metric,) = store.metrics([run.id])
    assert (metric.origin, metric.reason, metric.count) == ("logged", "", 2)


def test_of_values_that_are_all_nan_the_first_one_gives_the_step(store, make_run, log):
    run = make_run()
    log(run, [math.nan])
    log(run, [math.nan, math.nan])
    (metric,) = store.metrics([run.id])
    assert (metric.min_step, metric.max_step, metric.count, metric.nan_count) == (0, 0, 3, 3)


def test_metrics_come_in_the_order_of_the_runs_asked_for_then_by_key(store, make_run):
    first, second = make_run(metrics={"b": 1, "a": 2}), make_run(metrics={"c": 3})
    found = [(metric.run_id, metric.key) for metric in store.metrics([second.id, first.id])]
    assert found == [(second.id, "c"), (first.id, "a"), (first.id, "b")]


def test_columns_have_the_last_values_and_nan_where_a_run_lacks_the_metric(store, make_run):
    first, second = make_run(metrics={"acc": [0.1, 0.2], "loss": 1.0}), make_run(metrics={"acc": math.nan})
    columns = store.metric_columns([second.id, first.id])
    assert list(columns) == ["acc", "loss"]
    np.testing.assert_array_equal(columns["acc"].filled(2), [math.nan, 0.2])
    np.testing.assert_array_equal(columns["loss"].filled(2), [math.nan, 1.0])


def test_many_small_transactions_give_the_same_series_while_it_runs_and_after(store, make_run, log):
    """Small chunks are merged behind the scenes."""
    run = make_run()
    values = [float(value) for value in range(100)]
    log(run, values)
    assert store.series(run.id, "loss").values.tolist() == values

    store.apply([RunEnded(run_id=run.id, status="finished", at=START + 99)])
    log(run, [-1.0], steps=[5])

    assert store.series(run.id, "loss").values.tolist() == [*values, -1.0]
    assert store.series(run.id, "loss").steps.tolist() == [*range(100), 5]


def test_a_transaction_of_many_points_of_several_metrics_and_runs_is_taken_apart(store, make_run):
    runs = [make_run(), make_run()]
    store.apply(
        [
            PointsLogged.of(run_id=run.id, at=START, points=(("a", step, float(step)), ("b", step, -float(step))))
            for step in range(5000)
            for run in runs
        ]
    )
    for run in runs:
        assert store.series(run.id, "a").values.tolist() == [float(step) for step in range(5000)]
        assert store.series(run.id, "b").values[-1] == -4999


def test_a_step_beyond_64_bits_stops_no_transaction(store, make_run, log):
    run = make_run()
    log(run, [1.0, 2.0], steps=[2**70, -(2**70)], together=True)
    assert store.series(run.id, "loss").steps.tolist() == [2**63 - 1, -(2**63)]
