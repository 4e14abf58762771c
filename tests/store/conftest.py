"""Stores of every engine, and runs in them."""

from __future__ import annotations

import itertools
import time

import pytest

from nbtrail.changes import ParamSet, PointsLogged, RunEnded, RunStarted, SessionStarted, TagsChanged
from nbtrail.machine.liveness import this_process
from nbtrail.records import Session
from nbtrail.store import open_store

START = 1_790_000_000.0


class SqliteEngine:
    """The store of one test in an SQLite file."""

    def __init__(self, folder):
        self.address = folder / ".nbtrail" / "store.db"
        self._opened = []

    def open(self, **options):
        store = open_store(self.address, **options)
        self._opened.append(store)
        return store

    def close(self):
        for store in self._opened:
            store.close()


ENGINES = {"sqlite": SqliteEngine}


@pytest.fixture(params=ENGINES)
def engine(request, tmp_path):
    """An engine that keeps what it stores in a folder of the test's own: ``engine.open(read_only=True)``."""
    engine = ENGINES[request.param](tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def store(engine):
    """An empty store."""
    return engine.open()


def session(session_id="S1", **facts):
    """A session of this process, with other facts as given."""
    process = this_process()
    now = time.time()
    own = {"host": process.host, "boot_id": process.boot_id, "pid": process.pid}
    times = {"process_started": process.process_started, "started": now, "heartbeat": now}
    return Session(id=session_id, **{**own, **times, **facts})


@pytest.fixture
def make_run(store):
    """Starts a run, with params, metrics (a number or a list of them), tags and a status, and reads it back."""
    numbers = itertools.count(1)

    def make(name=None, *, params=(), metrics=(), tags=(), status="running", **facts):
        number = next(numbers)
        run_id = f"01JRUN{number:020d}"
        at = facts.pop("at", START + number)
        ended = facts.pop("ended", at + 60)
        started = RunStarted(run_id=run_id, name=name or f"run-{number}x", session_id="S1", at=at, **facts)
        changes = [SessionStarted(session=session()), started]
        changes += [ParamSet(run_id=run_id, key=key, value=value, at=at) for key, value in dict(params).items()]
        for key, values in dict(metrics).items():
            points = values if isinstance(values, list) else [values]
            changes += [PointsLogged.of(run_id=run_id, at=at, points=((key, s, v),)) for s, v in enumerate(points)]
        if tags:
            changes.append(TagsChanged(run_id=run_id, added=tuple(tags)))
        if status != "running":
            changes.append(RunEnded(run_id=run_id, status=status, at=ended))
        store.apply(changes)
        return store.run(run_id)

    return make


@pytest.fixture
def names_of(store):
    """The names of the runs that pass a filter, in the order of a sort key."""
    from nbtrail.store.protocol import RunQuery
    from nbtrail.store.query import parse_filter, parse_sort

    def find(text="", sort="started", **page):
        query = RunQuery(where=parse_filter(text, clock=lambda: START), sort=parse_sort(sort), **page)
        found = [run.name for run in store.runs(query)]
        if not page:
            assert store.count(query) == len(found)
        return found

    return find
