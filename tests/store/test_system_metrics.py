"""Metrics that nbtrail measured of the system, apart from those of users. Every engine keeps this contract."""

from __future__ import annotations

import pytest

from nbtrail.changes import PointsLogged
from tests.store.conftest import START


@pytest.fixture
def run(store, make_run):
    """A run with a metric of its user's, and one of the system's."""
    run = make_run(metrics={"acc": 0.9})
    points = (("system/memory_gb", 1, 2.5), ("system/memory_gb", 3, 4.5))
    store.apply([PointsLogged.of(run_id=run.id, at=START, points=points, origin="system", reason="sampled")])
    return run


def test_summaries_have_them_only_on_request(store, run):
    assert [one.key for one in store.metrics([run.id])] == ["acc"]
    assert [one.key for one in store.metrics([run.id], system=True)] == ["acc", "system/memory_gb"]


def test_columns_have_them_only_on_request(store, run):
    assert list(store.metric_columns([run.id])) == ["acc"]
    assert store.metric_columns([run.id], system=True)["system/memory_gb"].values.tolist() == [4.5]


def test_a_users_own_metric_of_such_a_name_is_an_ordinary_one(store, make_run):
    run = make_run(metrics={"system/pressure": 1.0})

    assert [one.key for one in store.metrics([run.id])] == ["system/pressure"]


def test_their_points_and_names_are_there_without_asking(store, run):
    assert store.series(run.id, "system/memory_gb").steps.tolist() == [1, 3]
    assert store.names().metrics == ("acc", "system/memory_gb")
