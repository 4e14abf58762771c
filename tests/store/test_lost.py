"""Runs whose process is gone read as lost. Every engine keeps this contract."""

from __future__ import annotations

import pytest

from nbtrail.changes import ExecutionStarted, RunEnded, RunStarted, SessionBeat, SessionEnded, SessionStarted
from nbtrail.records import Execution
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter, parse_sort
from tests.store.conftest import START, session

BEAT = START + 30


@pytest.fixture
def store(engine):
    """A store that takes the session "dead" for dead, with a run of it and one of a live session."""
    store = engine.open(is_alive=lambda session, *, now: session.id != "dead")
    store.apply(
        [
            SessionStarted(session=session("dead", started=START, heartbeat=START)),
            SessionStarted(session=session("live", started=START, heartbeat=START)),
            RunStarted(run_id="01JDEAD", name="heron", session_id="dead", at=START),
            RunStarted(run_id="01JLIVE", name="otter", session_id="live", at=START + 1),
            SessionBeat(session_id="dead", at=BEAT),
        ]
    )
    return store


def test_a_run_whose_process_is_gone_is_lost_since_its_last_sign_of_life(store):
    lost, running = store.run("heron"), store.run("otter")
    assert (lost.status, lost.ended, lost.duration_s) == ("lost", BEAT, 30.0)
    assert (running.status, running.ended) == ("running", None)


def test_a_run_that_ended_before_its_process_died_is_not_lost(store):
    store.apply([RunEnded(run_id="01JDEAD", status="finished", at=START + 5)])
    assert (store.run("heron").status, store.run("heron").ended) == ("finished", START + 5)


def test_a_run_that_a_process_forgot_to_end_is_lost_when_the_process_said_goodbye(store):
    store.apply([SessionEnded(session_id="live", at=START + 99)])
    assert (store.run("otter").status, store.run("otter").ended) == ("lost", START + 99)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lost", ["heron"]),
        ("running", ["otter"]),
        ("not running", ["heron"]),
        ('status == "lost"', ["heron"]),
        ('status in ["lost", "running"]', ["heron", "otter"]),
        ("ended is not None", ["heron"]),
        ("duration == 30", ["heron"]),
        (f"ended == {BEAT}", ["heron"]),
    ],
)
def test_filters_see_lost_runs_as_lost(store, text, names):
    query = RunQuery(where=parse_filter(text), sort=(("name", False),))
    assert [run.name for run in store.runs(query)] == names
    assert store.count(query) == len(names)


def test_sorting_sees_lost_runs_as_lost(store):
    by_status = [run.name for run in store.runs(RunQuery(sort=parse_sort("status")))]
    by_end = [run.name for run in store.runs(RunQuery(sort=parse_sort("-ended")))]
    assert by_status == by_end == ["heron", "otter"]


def test_a_cell_whose_process_is_gone_was_interrupted(store):
    cells = [
        Execution(id=f"E-{owner}", session_id=owner, source="fit()", started=START + 1, status="running")
        for owner in ("dead", "live")
    ]
    runs = ("01JDEAD", "01JLIVE")
    store.apply([ExecutionStarted(execution=cell, run_ids=(run,)) for cell, run in zip(cells, runs, strict=True)])

    (interrupted,), (running,) = store.executions("01JDEAD"), store.executions("01JLIVE")

    assert (interrupted.status, interrupted.ended) == ("interrupted", BEAT)
    assert running == cells[1]


def test_a_session_comes_back_with_its_latest_heartbeat(store):
    store.apply([SessionBeat(session_id="dead", at=START + 1)])
    found = store.session("dead")
    assert (found.heartbeat, found.ended) == (BEAT, None)
    assert found == session("dead", started=START, heartbeat=BEAT)
    assert store.session("gone") is None


def test_lost_is_worked_out_and_never_written(engine, store):
    assert store.run("heron").status == "lost"
    assert engine.open(read_only=True, is_alive=lambda session, *, now: True).run("heron").status == "running"
