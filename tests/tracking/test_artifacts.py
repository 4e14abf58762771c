"""Files and objects kept with a run."""

from __future__ import annotations

import json

import pytest

import nbtrail as nt
from nbtrail.errors import NbtrailWarning
from nbtrail.tracking import reader
from nbtrail.tracking.state import process


@pytest.fixture
def kept(project, read):
    """Logs an artifact in a run; gives back path → content of what was stored."""

    def keep(content, name=None):
        with nt.start_run() as run:
            run.log_artifact(content, name)
        found = read(lambda store: store.artifacts(run.id))
        return {artifact.path: project.blobs.read(artifact.digest) for artifact in found}

    return keep


def test_a_file_is_kept_under_its_name(project, kept):
    (project.root / "model.joblib").write_bytes(b"weights")

    assert kept("model.joblib") == {"model.joblib": b"weights"}


def test_a_folder_is_kept_file_by_file(project, kept):
    (project.root / "out" / "deep").mkdir(parents=True)
    (project.root / "out" / "a.txt").write_text("a")
    (project.root / "out" / "deep" / "b.txt").write_text("b")

    assert kept("out", "results") == {"results/a.txt": b"a", "results/deep/b.txt": b"b"}


def test_an_object_is_kept_as_json_where_it_can_be(kept):
    assert {path: json.loads(data) for path, data in kept({"best": [1, 2]}, "summary").items()} == {
        "summary.json": {"best": [1, 2]}
    }


def test_equal_content_is_stored_once(project, kept):
    kept(b"same", "a.bin")
    kept(b"same", "b.bin")

    assert len([path for path in project.blobs.folder.rglob("*") if path.is_file()]) == 1


def test_a_file_that_is_not_there_is_said_and_the_run_goes_on(project, read):
    with nt.start_run() as run:
        with pytest.warns(NbtrailWarning, match=r"no file 'model\.joblib'"):
            run.log_artifact("model.joblib")
        run.log({"acc": 0.9})

    assert read(lambda store: store.metrics([run.id]))[0].last == 0.9


def test_the_projects_own_store_is_no_part_of_a_folder_that_is_kept(project, kept):
    """A copy of a store that is being written is none, and the next run would keep it once more."""
    (project.root / "deep" / ".nbtrail").mkdir(parents=True)
    (project.root / "deep" / ".nbtrail" / "store.db").write_bytes(b"of another project")
    (project.root / "train.py").write_bytes(b"1")

    assert set(kept(".", "all")) == {"all/train.py", "all/deep/.nbtrail/store.db"}


@pytest.mark.parametrize("store", ["elsewhere", "runs.db", "deep/runs.db"])
def test_a_store_in_another_place_is_left_out_too(project, read, monkeypatch, store):
    monkeypatch.setenv("NBTRAIL_STORE", str(project.root / store))
    (project.folder / "store.db").write_bytes(b"of before")
    for name in ("deep/train.py", "runs.dbs", "runs.db-notes.md"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_bytes(b"1")
    with nt.start_run() as run:
        run.recorder.flush()
        run.log_artifact(project.root, "all")
    recorder = process.recorders.pop(run.project.url)
    recorder.close()
    with reader(run.project) as reading:
        found = {artifact.path for artifact in reading.store.artifacts(run.id)}

    assert found == {"all/deep/train.py", "all/runs.dbs", "all/runs.db-notes.md"}


@pytest.mark.parametrize("folder", [".nbtrail", ".nbtrail/journal", "link", "around"])
def test_a_folder_of_nothing_but_the_store_is_not_kept_and_that_is_said(project, read, folder):
    (project.root / "link").symlink_to(project.folder)
    with nt.start_run() as run:
        run.recorder.flush()
        if folder == "around":
            (project.root / "link").unlink()
            folder = "."
        with pytest.warns(NbtrailWarning, match="no file but the project's own store, which `nbtrail backup` copies"):
            run.log_artifact(folder)

    assert read(lambda store: store.artifacts(run.id)) == []


def test_a_folder_without_files_is_said_to_have_none(project, kept):
    (project.root / "out").mkdir()
    with pytest.warns(NbtrailWarning, match="'out' has no file in it"):
        assert kept("out") == {}
