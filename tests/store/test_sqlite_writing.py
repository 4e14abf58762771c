"""How an SQLite store writes, and what it says when it cannot."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from nbtrail.changes import ParamSet, RunEnded, TagsChanged
from nbtrail.errors import StoreError
from tests.store.conftest import START


@pytest.fixture
def statements(store):
    """What the store's connection executes, from now on."""
    found = []
    store._connection.set_trace_callback(found.append)
    return found


def test_the_end_of_a_run_is_on_the_disk_when_the_call_returns(store, make_run, statements):
    run = make_run()
    statements.clear()
    store.apply([RunEnded(run_id=run.id, status="finished", at=START)])
    assert statements.index("PRAGMA synchronous = EXTRA") < statements.index("COMMIT")
    assert statements[-1] == "PRAGMA synchronous = 1"


def test_other_changes_do_not_wait_for_the_disk(store, make_run, statements):
    run = make_run()
    statements.clear()
    store.apply([TagsChanged(run_id=run.id, added=("x",))])
    assert not any("synchronous" in statement for statement in statements)


def test_a_full_disk_keeps_nothing_of_a_call_and_the_store_goes_on(store, make_run):
    run = make_run()
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    tag = TagsChanged(run_id=run.id, added=("x",))

    with pytest.raises(StoreError, match="the disk is full"):
        store.apply([tag, ParamSet(run_id=run.id, key="long", value="x" * 1_000_000, at=START)])

    assert store.run(run.id) == run
    store.apply([tag])
    assert store.run(run.id).tags == ("x",)


def test_a_store_that_another_process_holds_says_so(engine, store, make_run):
    run = make_run()
    store._connection.execute("PRAGMA busy_timeout = 0")
    with contextlib.closing(sqlite3.connect(engine.address, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another process"):
            store.apply([TagsChanged(run_id=run.id, added=("x",))])
        assert store.run(run.id) == run


def test_an_error_that_nobody_foresaw_is_a_store_error_too(engine, store, make_run):
    with contextlib.closing(sqlite3.connect(engine.address)) as other, other:
        other.execute("DROP TABLE tags")
    with pytest.raises(StoreError, match="no such table"):
        make_run(tags=["x"])


def test_blobs_are_counted_where_they_are_referred_to(store):
    """The view in the database is what a person asks who looks for what can be deleted."""
    connection = store._connection
    connection.execute("INSERT INTO runs (id, name, status, started, utc_offset_s, session_id, revision)"
                       " VALUES ('r', 'r', 'running', 0, 0, 's', 1)")  # fmt: skip
    for path in ("a", "b"):
        connection.execute("INSERT INTO artifacts VALUES ('r', ?, 'd1', 10, 'text/plain', '{}', 0)", (path,))
    modules = '{"a.py": "d3", "b.py": "d3"}'
    connection.execute(
        "INSERT INTO environments VALUES ('e', '3', 'x', '{}', '{}', NULL, NULL, NULL, 1, 'd2', ?)", (modules,)
    )
    found = connection.execute("SELECT digest, size, uses FROM blobs ORDER BY digest").fetchall()
    assert found == [("d1", 10, 2), ("d2", None, 1), ("d3", None, 2)]


def test_what_belongs_to_a_run_goes_with_it(store, make_run):
    run = make_run(params={"lr": 1}, metrics={"acc": 1.0}, tags=["x"])
    store._connection.execute("DELETE FROM runs WHERE id = ?", (run.id,))
    for table in ("params", "metrics", "points", "tags"):
        assert store._connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
