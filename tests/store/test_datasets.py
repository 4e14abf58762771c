"""Data that runs read and wrote. Every engine keeps this contract."""

from __future__ import annotations

import dataclasses

from nbtrail.changes import DatasetSeen, RunEdited
from nbtrail.records import Dataset, DatasetUse
from tests.store.conftest import START

FRAME = Dataset(
    digest="3f2a" * 8, name="df", kind="pandas.DataFrame", shape=(3, 2), size=48, schema={"b": "float64", "a": "str"},
    profile={"b": {"missing": 1, "quantiles": [float("-inf"), 0.5, 2.0]}, "a": {"missing": 0}}, sampled=True,
)  # fmt: skip
FILE = Dataset(digest="9c1b" * 8, name="train.csv", kind="file", size=18)


def use(run, dataset=FRAME, **facts):
    ordinary = {"role": "read", "name": "df", "at": START, "execution_id": "E1"}
    return DatasetUse(run_id=run.id, dataset=dataset, **(ordinary | facts))


def see(store, *uses):
    store.apply([DatasetSeen(use=one) for one in uses])


def test_data_comes_back_as_it_was_seen_columns_in_order(store, make_run):
    run = make_run()
    see(store, use(run))

    (found,) = store.datasets([run.id])
    assert found == use(run)
    assert list(found.dataset.schema) == ["b", "a"]


def test_the_same_again_changes_nothing(store, make_run):
    run = make_run()
    see(store, use(run), use(run, at=START + 5, execution_id="E2"))

    assert store.datasets([run.id]) == [use(run)]


def test_equal_data_under_two_names_is_two_uses_of_one(store, make_run):
    run = make_run()
    see(store, use(run), use(run, dataclasses.replace(FRAME, name="X"), name="X"))

    assert [(one.name, one.dataset.name) for one in store.datasets([run.id])] == [("X", "df"), ("df", "df")]


def test_uses_come_by_run_then_role_name_and_time(store, make_run):
    first, second = make_run(), make_run()
    late = dataclasses.replace(FRAME, digest="1" * 32)
    see(store, use(first, late, at=START + 9), use(first), use(first, FILE, role="written", name="a.csv"))
    see(store, use(second, FILE, name="train.csv"))

    found = [(one.run_id, one.role, one.dataset.digest[:4]) for one in store.datasets([second.id, first.id])]
    assert found == [
        (second.id, "read", "9c1b"),
        (first.id, "read", "3f2a"),
        (first.id, "read", "1111"),
        (first.id, "written", "9c1b"),
    ]


def test_seen_data_is_a_change_to_its_run(store, make_run):
    run = make_run()
    before = store.revision()
    see(store, use(run))

    assert store.changed_since(before) == [run.id]


def test_data_of_a_run_that_is_not_there_is_passed_over(store, make_run):
    gone = dataclasses.replace(make_run(), id="gone")
    see(store, use(gone))

    assert store.datasets(["gone"]) == []


def test_data_of_a_run_in_the_trash_is_kept(store, make_run):
    run = make_run()
    see(store, use(run))
    store.apply([RunEdited(run_id=run.id, field="trashed", value=START)])

    assert store.datasets([run.id]) == [use(run)]


def test_deleting_a_run_deletes_its_uses(store, make_run):
    """There is no call for it yet: the tables promise it."""
    run = make_run()
    see(store, use(run))
    store._connection.execute("DELETE FROM runs WHERE id = ?", (run.id,))

    assert store.datasets([run.id]) == []
