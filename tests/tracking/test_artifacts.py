"""Files and objects kept with a run."""

from __future__ import annotations

import json

import pytest

import nbtrail as nt
from nbtrail.errors import NbtrailWarning


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
