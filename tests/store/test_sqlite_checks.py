"""What the checks of an SQLite store find, and what they mend."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from nbtrail.changes import ExecutionStarted
from nbtrail.records import Execution
from nbtrail.store.sqlite.sizes import compact, estimate
from tests.store.conftest import START


@pytest.fixture
def change(engine, store):
    """Writes to the store's file behind its back."""

    def execute(sql, *values):
        with closing(sqlite3.connect(engine.address, isolation_level=None)) as connection:
            return connection.execute(sql, values).fetchall()

    return execute


@pytest.fixture
def run(store, make_run):
    run = make_run("otter", metrics={"acc": [0.5, 0.25, 0.75]}, status="finished")
    execution = Execution(id="X1", session_id="S1", source="fit()", started=START, status="ok")
    store.apply([ExecutionStarted(execution=execution, run_ids=(run.id,))])
    return run


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE metrics SET max = 9", "the max of 'acc' of run 'otter' is not that of its points"),
        ("UPDATE metrics SET last = NULL", "the last of 'acc' of run 'otter' is not that of its points"),
        ("UPDATE metrics SET count = 2", "the summary of 'acc' of run 'otter' counts 2 points, and there are 3"),
        ("DELETE FROM metrics", "the summary of 'acc' of run 'otter' counts 0 points, and there are 3"),
        ("DELETE FROM points", "the summary of 'acc' of run 'otter' counts 3 points, and there are 0"),
        ("DELETE FROM executions", "cells that runs speak of, and that are not there: 1"),
        ("DELETE FROM sources", "cells without their text: 1"),
        ("UPDATE runs SET environment_id = 'E9'", "runs whose environment is not there: 1"),
        ("UPDATE runs SET parent_id = 'P9'", "runs that began within one that is not there: 1"),
        ("DELETE FROM runs", "a row of metrics belongs to a runs row that is gone"),
        ("UPDATE meta SET value = 0", "runs are newer than the store's count of changes"),
    ],
)
def test_a_contradiction_is_found_and_mended(store, run, change, sql, told):
    change(sql)
    problems = store.problems()
    assert told in [str(problem) for problem in problems]
    assert all(problem.is_mendable for problem in problems)

    assert store.mend()
    assert store.problems(deep=True) == []


def test_a_mended_summary_is_that_of_the_points(store, run, change):
    change("UPDATE metrics SET last = 9, min = 9, max = 9, sum = 9, min_step = 7")
    store.mend()
    (metric,) = store.metrics([run.id])
    assert (metric.last, metric.min, metric.min_step, metric.max, metric.sum) == (0.75, 0.25, 1, 0.75, 1.5)


def test_a_summary_that_was_lost_is_made_again(store, run, change):
    change("DELETE FROM metrics")
    store.mend()
    (metric,) = store.metrics([run.id])
    assert (metric.key, metric.count, metric.last) == ("acc", 3, 0.75)


def test_a_chunk_that_cannot_be_decoded_is_named_and_left(store, run, change):
    change("UPDATE points SET \"values\" = x'00112233'")
    (problem,) = store.problems()
    assert str(problem).startswith("'acc' of run 'otter': the chunk from point 0 on cannot be decoded")
    assert not problem.is_mendable

    assert store.mend() == []
    assert change("SELECT count(*) FROM points") == [(1,)]


def test_a_gap_between_chunks_is_found(store, run, change):
    change("UPDATE points SET first = 5")
    assert "the chunks of 'acc' of run 'otter' overlap, or some are missing" in [str(one) for one in store.problems()]


def test_an_estimate_shares_out_the_whole_by_lengths(store, make_run, engine):
    make_run(params={"text": "long " * 9000})
    with closing(sqlite3.connect(engine.address)) as connection:
        shares = estimate(connection, 1_000_000)
    assert shares["params"] > 900_000
    assert 999_000 < sum(shares.values()) <= 1_000_000


def test_a_store_of_an_older_version_is_rewritten_once_when_it_pays(tmp_path):
    """From then on it gives space back in small steps."""
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (text)")
        connection.executemany("INSERT INTO t VALUES (?)", [("long " * 2000,)] * 100)
        connection.execute("DELETE FROM t WHERE rowid > 20")
        assert compact(connection, thorough=True, on_step=None) == 0
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert (tmp_path / "old.db").stat().st_size < 300_000
