"""Receipts: a journal may be replayed, and nothing counts twice. Every engine keeps this contract."""

from __future__ import annotations

import pytest

from nbtrail.changes import PointsLogged, Receipt, RunEdited
from nbtrail.errors import NameTakenError
from tests.store.conftest import START


def point(run, value):
    return PointsLogged.of(run_id=run.id, at=START, points=(("loss", 0, value),))


def bring(store, changes, *, up_to, of):
    store.apply(changes, receipt=Receipt(of, tuple(range(up_to - len(changes) + 1, up_to + 1))))


def test_an_unknown_journal_has_brought_nothing(store):
    assert store.applied("J1") == 0


def test_a_store_knows_how_much_of_each_journal_it_has(store, make_run):
    run = make_run()
    bring(store, [point(run, 1.0), point(run, 2.0)], up_to=2, of="J1")
    bring(store, [point(run, 3.0)], up_to=3, of="J1")
    bring(store, [point(run, 9.0)], up_to=1, of="J2")
    assert (store.applied("J1"), store.applied("J2")) == (3, 1)


def test_replaying_a_journal_applies_nothing_twice(store, make_run):
    run = make_run()
    changes = [point(run, 1.0), point(run, 2.0)]
    bring(store, changes, up_to=2, of="J1")

    bring(store, changes, up_to=2, of="J1")
    bring(store, [*changes, point(run, 3.0)], up_to=3, of="J1")
    bring(store, [changes[0]], up_to=1, of="J1")

    assert store.series(run.id, "loss").values.tolist() == [1.0, 2.0, 3.0]
    assert store.applied("J1") == 3


def test_what_follows_a_gap_is_taken(store, make_run):
    """Somebody has put the store aside while a kernel went on writing: the rest is all that is left."""
    run = make_run()
    bring(store, [point(run, 5.0)], up_to=5, of="J1")
    assert store.series(run.id, "loss").values.tolist() == [5.0]
    assert store.applied("J1") == 5


def test_a_refused_transaction_leaves_its_journal_where_it_was(store, make_run):
    make_run("otter")
    run = make_run()
    rename = RunEdited(run_id=run.id, field="name", value="otter")
    with pytest.raises(NameTakenError):
        bring(store, [point(run, 1.0), rename], up_to=2, of="J1")
    assert store.applied("J1") == 0
    assert len(store.series(run.id, "loss").values) == 0
