"""A page of a long list costs what the page holds, whatever else is in the store."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nbtrail.changes import ParamSet, PointsLogged, RunEdited
from nbtrail.store.conditions import Field
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter, parse_sort
from nbtrail.store.sqlite.conditions import Bound
from nbtrail.store.sqlite.pages import _stretches

START = 1_790_000_000.0


@pytest.fixture
def statements(store):
    """What is asked of SQLite from here on."""
    found = []
    store._connection.set_trace_callback(found.append)
    yield found
    store._connection.set_trace_callback(None)


@pytest.fixture
def plan_of(store):
    """How SQLite would go about what a list of runs asks."""

    def read(text="", sort="-started", limit=2):
        statements = []
        store._connection.set_trace_callback(statements.append)
        store.runs(RunQuery(where=parse_filter(text), sort=parse_sort(sort), limit=limit))
        store._connection.set_trace_callback(None)
        pages = [one for one in statements if "ORDER BY" in one and " i CROSS JOIN runs" not in one]
        return [row[3] for page in pages for row in store._connection.execute(f"EXPLAIN QUERY PLAN {page}")]

    return read


@pytest.fixture(params=[0, 2000], ids=["walked", "remembered"])
def fifty(request, store, make_run):
    """Runs with a number, a text or nothing, and values that come again."""
    store._few = request.param
    texts = {number: ["a", "b", [1, 2]][number % 3] for number in range(0, 50, 4)}
    for number in range(50):
        params = {"lr": number % 7} if number % 3 else {"lr": texts[number]} if number in texts else {}
        status = ["finished", "failed", "running", "interrupted"][number % 4]
        make_run(
            params=params,
            metrics={"acc": number % 5} if number % 6 else {},
            tags=["best"] if number % 4 == 0 else [],
            status=status,
            notebook=f"{number % 3}.ipynb" if number % 8 else None,
            ended=START + number + number % 9,
        )
    return store


SORTS = ["metrics.acc", "params.lr", "duration", "status", "notebook", "name", "started", "metrics.acc.max"]
FILTERS = ["", "metrics.acc > 0", "params.lr >= 0 and not failed", '"best" in tags', 'notebook == "1.ipynb" or lost']


@pytest.mark.parametrize("descending", ["", "-"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", FILTERS)
def test_pages_put_together_are_the_list(fifty, text, sort, descending):
    query = {"where": parse_filter(text), "sort": parse_sort(descending + sort)}
    pages = [fifty.runs(RunQuery(**query, limit=7, offset=at)) for at in range(0, 50, 7)]

    whole = [run.id for run in fifty.runs(RunQuery(**query))]
    assert [run.id for page in pages for run in page] == whole
    assert len(set(whole)) == len(whole) == fifty.count(RunQuery(where=query["where"]))


@pytest.mark.parametrize("descending", ["", "-"])
@pytest.mark.parametrize("sort", SORTS)
def test_a_list_without_a_filter_and_one_that_all_pass_are_the_same(fifty, sort, descending):
    """They go different ways through the indexes."""
    keys = parse_sort(descending + sort)
    every = fifty.runs(RunQuery(sort=keys))
    filtered = fifty.runs(RunQuery(sort=(*keys, ("id", True)), where=parse_filter("started > 0")))

    assert [run.id for run in every] == [run.id for run in filtered]


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("-started", "runs_started"),
        ("name", "sqlite_autoindex_runs_2"),
        ("-duration", "runs_duration"),
        ("notebook", "runs_notebook"),
        ("status", "runs_status"),
        ("-metrics.acc", "metrics_last"),
        ("params.lr", "params_value"),
    ],
)
def test_a_page_is_read_in_the_order_of_an_index(fifty, plan_of, sort, index):
    assert index in " ".join(plan_of(sort=sort))


def test_the_runs_of_a_notebook_are_found_through_an_index(fifty, plan_of):
    fifty._few = 0
    plan = " ".join(plan_of('notebook == "1.ipynb"'))

    assert "SEARCH r USING COVERING INDEX runs_notebook (notebook=?)" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("table", ["params", "metrics"])
def test_a_page_of_runs_reads_nothing_of_other_runs_params_and_metrics(fifty, statements, table):
    fifty.runs(RunQuery(limit=5))

    assert not [one for one in statements if f"FROM {table}" in one]


def test_columns_and_summaries_are_read_of_the_keys_asked_for(store, make_run):
    run = make_run(params={"lr": 0.1, "depth": 6}, metrics={"acc": 0.9, "loss": 0.2})

    assert list(store.param_columns([run.id], keys=["lr", "gone"])) == ["lr"]
    assert list(store.param_columns([run.id], most=1)) == ["depth"]
    assert list(store.metric_columns([run.id], keys=["acc"])) == ["acc"]
    assert [metric.key for metric in store.metrics([run.id], keys=["loss"])] == ["loss"]


def test_two_thousand_metrics_of_a_run_are_counted_and_one_of_them_is_read(store, make_run):
    run = make_run()
    points = tuple((f"layer/{number}", 0, float(number)) for number in range(2000))
    store.apply([PointsLogged.of(run_id=run.id, at=START, points=points)])

    assert len(store.names().metrics) == 2000
    assert store.metric_columns([run.id], keys=["layer/7"])["layer/7"].values.tolist() == [7.0]
    assert [run.name for run in store.runs(RunQuery(sort=(('metrics["layer/1999"]', True),), limit=1))] == [run.name]


def test_metrics_of_runs_are_counted_and_told_by_run(store, make_run):
    first, second = make_run(metrics={"acc": 0.9, "loss": [1.0, 0.5]}), make_run(metrics={"acc": 0.8})

    assert store.metric_counts([first.id, second.id]) == {"acc": 2, "loss": 1}
    assert store.metric_keys([first.id, second.id]) == {first.id: ["acc", "loss"], second.id: ["acc"]}
    assert store.metric_keys([first.id, second.id], least_points=2) == {first.id: ["loss"]}


def test_runs_are_counted_by_group(store, make_run):
    make_run(notebook="a.ipynb", tags=["x", "y"], status="finished")
    make_run(notebook="a.ipynb", tags=["x"], status="failed")
    make_run(status="finished")
    failed = RunQuery(where=parse_filter("failed"))

    assert store.group_counts(RunQuery(), "notebook") == {"a.ipynb": 2, None: 1}
    assert store.group_counts(RunQuery(), "tag") == {"x": 2, "y": 1, None: 1}
    assert store.group_counts(RunQuery(), "status") == {"finished": 2, "failed": 1}
    assert store.group_counts(failed, "tag") == {"x": 1}


def test_what_was_remembered_is_forgotten_when_another_process_writes(engine, store, make_run):
    run = make_run(tags=["x"])
    reader = engine.open(read_only=True)
    query = RunQuery(where=parse_filter("params.lr > 0"))
    assert (reader.count(query), reader.names().params, reader.group_counts(RunQuery(), "tag")) == (0, (), {"x": 1})

    store.apply([ParamSet(run_id=run.id, key="lr", value=0.1, at=START)])
    assert (reader.count(query), reader.names().params) == (1, ("lr",))

    store.apply([RunEdited(run_id=run.id, field="trashed", value=START)])
    assert (reader.count(query), reader.names().params, reader.group_counts(RunQuery(), "tag")) == (0, (), {})
    assert [found.id for found in reader.runs(RunQuery(trashed=True, limit=5))] == [run.id]


def test_an_outline_of_a_long_series_has_its_ends_and_few_points(store, make_run):
    run = make_run()
    points = tuple(("loss", step, float(step)) for step in range(50_000))
    store.apply([PointsLogged.of(run_id=run.id, at=START, points=points)])

    outline = store.outline(run.id, "loss", most_points=20_000)
    assert 10_000 < len(outline.steps) <= 20_000
    assert (outline.steps[0], outline.steps[-1]) == (0, 49_999)
    assert outline.values.tolist() == outline.steps.tolist()
    assert len(store.outline(run.id, "loss", most_points=100_000).steps) == 50_000


def test_parts_of_a_metric_other_than_the_last_have_no_index_of_their_own():
    assert _stretches(Field("metrics", "acc", "max"), descending=True, bound=Bound()) == []


def test_a_metric_of_very_many_runs_is_in_their_order_and_missing_where_they_lack_it(store, make_run):
    """It is read from the index then, and not run by run."""
    first, second = make_run(metrics={"acc": 0.9}), make_run(metrics={"acc": math.nan, "loss": 0.1})
    ids = [second.id, *(f"gone-{number}" for number in range(6000)), first.id]

    columns = store.metric_columns(ids, keys=["acc", "gone"])
    assert list(columns) == ["acc"]
    assert columns["acc"].positions.tolist() == [0, 6001]
    np.testing.assert_array_equal(columns["acc"].values, [math.nan, 0.9])


def test_deep_pages_of_a_filtered_list_see_what_was_written_since(fifty):
    query = RunQuery(where=parse_filter("metrics.acc >= 0"), sort=parse_sort("name"), limit=5, offset=30)
    before = [run.name for run in fifty.runs(query)]
    fifty.apply([RunEdited(run_id=fifty.runs(query)[0].id, field="trashed", value=START)])

    assert [run.name for run in fifty.runs(query)][:4] == before[1:]
