"""Cells, outputs, environments and artifacts. Every engine keeps this contract."""

from __future__ import annotations

import dataclasses

import pytest

from nbtrail.changes import ArtifactKept, EnvironmentSeen, ExecutionEnded, ExecutionStarted, OutputKept, RunStarted
from nbtrail.records import Artifact, Environment, Execution, Output
from tests.store.conftest import START

CELL = Execution(
    id="E1", session_id="S1", number=3, cell_id="a1b2", source="lr = 0.1\n", started=START, status="running"
)
TEXT = Output(execution_id="E1", position=0, kind="stream", mime="text/plain", text="hello\n", size=6)
IMAGE = Output(execution_id="E1", position=1, kind="display", mime="image/png", blob="ab" * 32, size=9000, cut=True)


def test_a_cell_runs_and_ends(store, make_run):
    run = make_run()
    store.apply([ExecutionStarted(execution=CELL, run_ids=(run.id,))])
    assert store.executions(run.id) == [CELL]

    names = {"reads": ("X", "y"), "writes": ("acc",)}
    store.apply([ExecutionEnded(execution_id="E1", at=START + 2, status="error", error="ValueError: no", **names)])

    ended = dataclasses.replace(CELL, ended=START + 2, status="error", error="ValueError: no", **names)
    assert store.executions(run.id) == [ended]


def test_cells_come_in_the_order_in_which_they_started(store, make_run):
    run = make_run()
    later = dataclasses.replace(CELL, id="E0", started=START + 1)
    store.apply([ExecutionStarted(execution=cell, run_ids=(run.id,)) for cell in (later, CELL)])
    assert [cell.id for cell in store.executions(run.id)] == ["E1", "E0"]


def test_several_runs_share_a_cell(store, make_run):
    first, second = make_run(), make_run()
    store.apply([ExecutionStarted(execution=CELL, run_ids=(first.id, "gone"))])
    store.apply([ExecutionStarted(execution=CELL, run_ids=(second.id,))])
    assert store.executions(first.id) == store.executions(second.id) == [CELL]


def test_a_run_that_starts_inside_a_cell_has_that_cell(store, make_run):
    make_run()
    started = RunStarted(run_id="01JINSIDE", name="inside", session_id="S1", at=START, execution_id="E1")
    store.apply([ExecutionStarted(execution=CELL), started])
    assert store.executions("01JINSIDE") == [CELL]


def test_the_end_of_a_cell_and_its_outputs_are_changes_to_its_runs(store, make_run):
    run = make_run()
    store.apply([ExecutionStarted(execution=CELL, run_ids=(run.id,))])
    for change in (ExecutionEnded(execution_id="E1", at=START, status="ok"), OutputKept(output=TEXT)):
        before = store.revision()
        store.apply([change])
        assert store.changed_since(before) == [run.id]


def test_outputs_come_by_execution_then_by_position(store, make_run):
    make_run()
    other = dataclasses.replace(TEXT, execution_id="E2")
    cells = [ExecutionStarted(execution=dataclasses.replace(CELL, id=cell)) for cell in ("E1", "E2")]
    store.apply([*cells, *(OutputKept(output=output) for output in (IMAGE, TEXT, other))])

    assert store.outputs(["E2", "E1"]) == [other, TEXT, IMAGE]
    assert store.outputs(["gone"]) == []


def test_an_output_of_a_cell_that_is_not_there_is_passed_over(store):
    store.apply([OutputKept(output=TEXT)])
    assert store.outputs(["E1"]) == []


def test_an_environment_is_stored_once_and_belongs_to_its_runs(store, make_run):
    first, second = make_run(), make_run()
    seen = Environment(
        id="e" * 64, python="3.12.1", platform="Linux-6.1", packages={"numpy": "2.4.6"}, hardware={"cpus": 2},
        git_commit="0123abcd", git_branch="main", git_remote="example", git_dirty=True, git_diff="d" * 64,
    )  # fmt: skip
    store.apply([EnvironmentSeen(environment=seen, run_ids=(first.id,))])
    store.apply([EnvironmentSeen(environment=seen, run_ids=(second.id, "gone"))])

    assert store.run(first.id).environment_id == store.run(second.id).environment_id == seen.id
    assert store.environment(seen.id) == seen
    assert store.environment("gone") is None


def artifact(run, **facts):
    given = {"path": "model.joblib", "digest": "a" * 64, "size": 10, "mime": "application/octet-stream", **facts}
    return Artifact(run_id=run.id, metadata={"class": "Forest"}, at=START, **given)


def test_artifacts_come_by_path(store, make_run):
    run = make_run()
    kept = [artifact(run, path="b.txt"), artifact(run, path="a/c.txt")]
    store.apply([ArtifactKept(artifact=one) for one in kept])
    assert store.artifacts(run.id) == [kept[1], kept[0]]


def test_the_same_path_again_replaces_what_stood_there(store, make_run):
    run = make_run()
    newer = artifact(run, digest="b" * 64)
    store.apply([ArtifactKept(artifact=artifact(run)), ArtifactKept(artifact=newer)])
    assert store.artifacts(run.id) == [newer]


@pytest.mark.parametrize("number", [None, 7])
def test_what_belongs_to_a_run_that_is_not_there_is_passed_over(store, make_run, number):
    gone = dataclasses.replace(make_run(), id="gone")
    cell = dataclasses.replace(CELL, number=number, cell_id=None)
    store.apply([ArtifactKept(artifact=artifact(gone)), ExecutionStarted(execution=cell, run_ids=("gone",))])
    assert store.artifacts("gone") == []
    assert store.executions("gone") == []
