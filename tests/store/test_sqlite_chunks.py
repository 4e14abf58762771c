"""How an SQLite store keeps its chunks few and full."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3

import numpy as np
import pytest

from nbtrail.changes import PointsLogged, RunEnded
from nbtrail.store.sqlite.points import MOST_SMALL_CHUNKS
from tests.store.conftest import START


@pytest.fixture
def chunks(engine, store):
    """The sizes of the chunks of "loss", in order."""

    def chunks_():
        with contextlib.closing(sqlite3.connect(engine.address)) as connection:
            found = connection.execute("SELECT first, count FROM points WHERE key = 'loss' ORDER BY first").fetchall()
        assert [first for first, _ in found] == np.cumsum([0, *(count for _, count in found)])[:-1].tolist()
        return [count for _, count in found]

    return chunks_


@pytest.fixture
def log(store):
    """Logs so many points in one transaction, numbered on from those before."""
    logged = itertools.count()

    def log_(run, count):
        points = tuple(("loss", step, float(step)) for step in itertools.islice(logged, count))
        store.apply([PointsLogged.of(run_id=run.id, at=START, points=points)])

    return log_


def test_many_points_fill_up_the_chunk_that_is_open(make_run, log, chunks):
    run = make_run()
    log(run, 10)
    log(run, 9000)
    assert chunks() == [4096, 4096, 818]
    log(run, 10)
    assert chunks() == [4096, 4096, 818, 10]


def test_small_chunks_are_merged_before_they_are_many(store, make_run, log, chunks):
    run = make_run()
    for _ in range(10 * MOST_SMALL_CHUNKS):
        log(run, 100)
        assert len(chunks()) <= MOST_SMALL_CHUNKS + 4
    assert chunks()[0] == 4096
    assert store.series(run.id, "loss").values.tolist() == [float(step) for step in range(16_000)]


def test_the_chunks_of_an_ended_run_are_full_but_for_the_last(store, make_run, log, chunks):
    run = make_run()
    for count in (3000, 10, 2000, 5000, 1):
        log(run, count)
    store.apply([RunEnded(run_id=run.id, status="finished", at=START)])
    assert chunks() == [4096, 4096, 1819]
    assert store.series(run.id, "loss").values.tolist() == [float(step) for step in range(10_011)]
