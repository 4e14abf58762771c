"""Purging, measuring, copying and checking a store. Every engine keeps this contract."""

from __future__ import annotations

import pytest

from nbtrail.changes import (
    ArtifactKept,
    DatasetSeen,
    EnvironmentSeen,
    ExecutionStarted,
    OutputKept,
    ParamSet,
    PointsLogged,
    Receipt,
    RunEdited,
    RunStarted,
    SessionStarted,
)
from nbtrail.errors import RunNotFoundError, StoreReadOnlyError
from nbtrail.records import Artifact, Dataset, DatasetUse, Environment, Execution, Output
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from nbtrail.store.upkeep import PurgedCounts
from tests.store.conftest import START, session

DIGEST = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture
def trash(store):
    def put(*runs):
        store.apply([RunEdited(run_id=run.id, field="trashed", value=START) for run in runs])

    return put


def cell(execution_id, *runs, source="model.fit()", session_id="S1"):
    execution = Execution(id=execution_id, session_id=session_id, source=source, started=START, status="ok")
    return ExecutionStarted(execution=execution, run_ids=tuple(run.id for run in runs))


def artifact(run, digest=DIGEST, path="model.bin"):
    return ArtifactKept(artifact=Artifact(run_id=run.id, path=path, digest=digest, size=3, mime="x/y", at=START))


def environment(*runs, environment_id="E1", **facts):
    seen = Environment(id=environment_id, python="3.12", platform="here", **facts)
    return EnvironmentSeen(environment=seen, run_ids=tuple(run.id for run in runs))


def test_a_purged_run_is_gone_with_all_that_belongs_to_it(store, make_run, trash):
    run = make_run("otter", params={"lr": 0.1}, metrics={"acc": [0.1, 0.2]}, tags=["a"])
    use = DatasetUse(run_id=run.id, role="read", name="train", dataset=Dataset(digest="D", name="train", kind="file"))
    store.apply([cell("X1", run), artifact(run), environment(run), DatasetSeen(use=use)])
    trash(run)

    counts = store.purge([run.id])

    assert counts == PurgedCounts(runs=1, points=2, executions=1, environments=1, datasets=1)
    assert store.sweep() == PurgedCounts(sources=1)
    assert store.count(RunQuery(trashed=True)) == 0
    assert (store.params([run.id]), store.metrics([run.id]), store.executions(run.id)) == ([], [], [])
    assert (store.artifacts(run.id), store.datasets([run.id]), store.environment("E1")) == ([], [], None)
    assert store.blob_uses() == {}
    with pytest.raises(RunNotFoundError):
        store.run("otter")


def test_what_another_run_uses_too_stays(store, make_run, trash):
    run, other = make_run(), make_run()
    uses = [
        DatasetSeen(
            use=DatasetUse(run_id=one.id, role="read", name="t", dataset=Dataset(digest="D", name="t", kind="f"))
        )
        for one in (run, other)
    ]
    store.apply(
        [cell("X1", run, other), cell("X2", run), environment(run, other), *uses, artifact(run), artifact(other)]
    )
    trash(run)

    counts = store.purge([run.id])

    assert (counts.executions, counts.environments, counts.datasets) == (1, 0, 0)
    assert not store.sweep()
    assert [execution.id for execution in store.executions(other.id)] == ["X1"]
    assert store.environment("E1") is not None
    assert [use.name for use in store.datasets([other.id])] == ["t"]
    assert list(store.blob_uses()) == [DIGEST]


def test_only_runs_in_the_trash_are_purged(store, make_run, trash):
    """One that somebody has just restored is safe, whoever asks."""
    kept, gone = make_run("kept"), make_run("gone")
    trash(gone)

    assert store.purge([kept.id, gone.id, "01JNOBODY"]).runs == 1
    assert [run.name for run in store.runs(RunQuery())] == ["kept"]


def test_purging_twice_changes_nothing(store, make_run, trash):
    run = make_run()
    trash(run)
    store.purge([run.id])
    revision = store.revision()

    assert not store.purge([run.id])
    assert store.revision() == revision


def test_a_viewer_notices_that_runs_are_gone(engine, store, make_run, trash):
    run, other = make_run(), make_run()
    trash(run)
    viewer = engine.open(read_only=True)
    mark, revision = viewer.change_mark(), viewer.revision()

    store.purge([run.id])

    assert viewer.change_mark() != mark
    assert viewer.revision() > revision
    assert viewer.changed_since(revision) == []
    assert [found.id for found in viewer.runs(RunQuery())] == [other.id]


def test_a_run_that_goes_on_is_purged_and_what_it_logs_later_is_passed_over(store, make_run, trash):
    run = make_run("otter")
    trash(run)
    store.purge([run.id])

    store.apply([PointsLogged.of(run_id=run.id, at=START, points=(("acc", 0, 1.0),)), cell("X9", run), artifact(run)])

    assert store.count(RunQuery()) == 0
    assert store.metrics([run.id]) == []
    assert store.blob_uses() == {}


def test_a_journal_that_is_replayed_does_not_bring_a_purged_run_back(store, make_run, trash):
    started = RunStarted(run_id="01JOTTER", name="otter", session_id="S1", at=START)
    store.apply([SessionStarted(session=session("S1", ended=START)), started], receipt=Receipt("S1", (1, 2)))
    store.apply([RunEdited(run_id="01JOTTER", field="trashed", value=START)])
    store.purge(["01JOTTER"])
    store.sweep(over=["S1"])

    store.apply([SessionStarted(session=session("S1", ended=START)), started], receipt=Receipt("S1", (1, 2)))

    assert store.count(RunQuery()) == 0


def test_a_child_of_a_purged_run_goes_on_without_a_parent(store, make_run, trash):
    parent = make_run("study")
    child = make_run("trial", parent_id=parent.id)
    trash(parent)
    revision = store.revision()

    store.purge([parent.id])

    assert store.run("trial").parent_id is None
    assert store.changed_since(revision) == [child.id]


def test_an_environment_of_a_process_that_goes_on_stays(store, make_run, trash):
    """The process may come to speak of the same files again, without writing them anew."""
    run = make_run()
    store.apply([environment(run, git_diff=DIGEST)])
    trash(run)

    store.purge([run.id], recording=["S1"])
    assert store.environment("E1") is not None
    store.sweep(is_recorded=True)
    assert list(store.blob_uses()) == [DIGEST]

    assert store.sweep(is_recorded=False).environments == 1
    assert store.blob_uses() == {}


def test_a_sweep_removes_cells_of_no_run_and_sessions_of_nothing(store):
    """Only of sessions that are named: one that has begun since may be about to start a run."""
    store.apply([SessionStarted(session=session("S1")), cell("X1"), SessionStarted(session=session("S2"))])
    assert not store.sweep()

    counts = store.sweep(over=["S1"], forgotten=["S1"])
    assert counts == PurgedCounts(executions=1, sources=1, sessions=1)
    assert [one.id for one in store.sessions()] == ["S2"]


def test_a_session_with_runs_or_cells_is_not_forgotten(store, make_run):
    make_run()
    store.apply([SessionStarted(session=session("S2")), cell("X1", session_id="S2")])
    assert not store.sweep(forgotten=["S1", "S2"])


def test_a_receipt_goes_with_its_session(store):
    store.apply([SessionStarted(session=session("S1"))], receipt=Receipt("S1", (1,)))
    store.sweep(over=["S1"])
    assert store.applied("S1") == 1

    store.sweep(forgotten=["S1"])
    assert (store.applied("S1"), store.sessions()) == (0, [])


def test_each_blob_is_known_by_its_kind_and_the_only_run_that_needs_it(store, make_run):
    run, other = make_run(), make_run()
    output = Output(execution_id="X1", position=0, kind="display", mime="image/png", blob=OTHER)
    store.apply([artifact(run), artifact(other), cell("X1", run), OutputKept(output=output)])
    store.apply([environment(other, git_diff="ef" * 32, modules={"a.py": "12" * 32})])

    uses = store.blob_uses()
    assert {digest[:2]: (use.kind, use.uses, use.run_id) for digest, use in uses.items()} == {
        "ab": ("artifact", 2, None),
        "cd": ("output", 1, run.id),
        "ef": ("code", 1, other.id),
        "12": ("code", 1, other.id),
    }
    assert set(store.blob_uses(without=[run.id])) == {DIGEST, "ef" * 32, "12" * 32}
    assert store.blob_uses(without=[run.id])[DIGEST].run_id == other.id
    assert store.blob_uses(without=[run.id, other.id]) == {}


def test_the_parts_of_a_store_add_up_and_follow_what_is_in_it(store, make_run, engine):
    make_run(metrics={"loss": [value**0.5 for value in range(3000)]}, status="finished")
    sizes = store.sizes()

    assert sizes.parts["points"] > sizes.parts["data"]
    assert all(size >= 0 for size in sizes.parts.values())
    assert not sizes.is_estimate
    copy = engine.address.parent / "copy.db"
    store.copy_to(copy)
    assert sum(sizes.parts.values()) + sizes.free == copy.stat().st_size


def test_a_run_with_more_in_it_takes_more_bytes(store, make_run):
    small, large = make_run(params={"lr": 1}), make_run(params={"text": "long " * 5000})
    sizes = store.run_bytes()
    assert sizes[large.id] > sizes[small.id] + 20_000 > 20_000


def test_purging_and_compacting_gives_the_space_back(store, make_run, trash, engine):
    run = make_run(params={f"text{number}": "long " * 2000 for number in range(60)})
    trash(run)
    store.compact()
    before = engine.address.stat().st_size

    store.purge([run.id])
    heard = []

    assert store.compact(on_step=lambda done, total: heard.append((done, total))) == 0
    assert before - engine.address.stat().st_size > 600_000
    assert heard[-1][0] == heard[-1][1]


def test_a_copy_is_a_store_with_the_same_runs(store, make_run, engine):
    run = make_run("otter", metrics={"acc": [0.1, 0.2]}, status="finished")
    path = engine.address.parent / "copy.db"
    store.copy_to(path)

    copy = open_store(path, read_only=True)
    assert copy.run("otter") == run
    assert copy.series(run.id, "acc").values.tolist() == [0.1, 0.2]
    copy.close()


def test_a_whole_store_has_no_problems_and_nothing_to_mend(store, make_run):
    run = make_run(metrics={"acc": [0.1, float("nan"), 0.2], "loss": [float("inf"), float("-inf")]})
    store.apply([cell("X1", run), environment(run)])
    assert store.problems(deep=True) == []
    assert store.mend() == []


def test_a_store_opened_for_reading_is_not_purged(engine, store, make_run, trash):
    run = make_run()
    trash(run)
    reader = engine.open(read_only=True)
    for change in (lambda: reader.purge([run.id]), reader.sweep, reader.compact, reader.mend):
        with pytest.raises(StoreReadOnlyError):
            change()


def test_a_param_of_a_purged_run_is_no_name_any_more(store, make_run, trash):
    run = make_run(params={"lr": 1})
    store.apply([ParamSet(run_id=run.id, key="lr", value=2, at=START)])
    trash(run)
    store.purge([run.id])
    assert store.names().params == ()
