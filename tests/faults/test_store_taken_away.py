"""The store, its journal or the whole project is deleted, replaced or moved while a kernel records into it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager

import pytest

import nbtrail as nt
from nbtrail.errors import NbtrailWarning
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from nbtrail.tracking.state import process

SAID = "deleted or replaced"


@pytest.fixture
def run(project):
    """An open run with ten points in the store."""
    run = nt.start_run("kept", params={"lr": 0.1}, tags=["mine"])
    log(run, 0, 10)
    assert run.recorder.flush()
    return run


def log(run, first, last):
    for step in range(first, last):
        run.log({"loss": step / 7}, step=step)


@contextmanager
def said_once():
    """It is said once that the store is gone; when the writer comes to notice, nobody knows."""
    with pytest.warns(NbtrailWarning) as said:
        yield
    assert [SAID in str(warning.message) for warning in said] == [True]


def found(project, name="kept"):
    """Status, params, tags and steps of a run."""
    with reader(project) as reading:
        run = reading.store.run(name)
        params = {param.key: param.value for param in reading.store.params([run.id])}
        return run.status, params, run.tags, reading.store.series(run.id, "loss").steps.tolist()


def test_after_the_folder_was_deleted_the_rest_of_the_run_is_kept_and_it_is_said_once(project, run):
    with said_once():
        shutil.rmtree(project.folder)
        log(run, 10, 20)
        run.finish()

    assert found(project) == ("finished", {"lr": 0.1}, ("mine",), list(range(10, 20)))


def test_after_the_store_alone_was_deleted_the_rest_of_the_run_is_kept(project, run):
    with said_once():
        for path in project.folder.glob("store.db*"):
            path.unlink()
        log(run, 10, 20)
        run.finish()

    assert found(project) == ("finished", {"lr": 0.1}, ("mine",), list(range(10, 20)))


def test_what_waited_when_the_folder_was_deleted_survives_a_kill(project, read, python):
    """The journal went with the folder; what is not in the store is written down anew."""
    script = python(
        """
import os, shutil, signal, nbtrail as nt
run = nt.start_run("kept")
run.log({"loss": 0.0}, step=0)
run.recorder.flush()
shutil.rmtree(".nbtrail")
for step in range(1, 10):
    run.log({"loss": step / 7}, step=step)
run.recorder.flush()
for step in range(10, 20):
    run.log({"loss": step / 7}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""
    )
    script.wait()

    assert found(project) == ("lost", {}, (), list(range(1, 20)))


@pytest.fixture
def other(tmp_path, project):
    """The file of a store with a run of another project."""
    root = tmp_path / "elsewhere"
    (root / ".nbtrail").mkdir(parents=True)
    with nt.start_run("other", project=root) as run:
        run.log({"loss": 1.0})
    process.recorders.pop(run.project.url).close()
    return root / ".nbtrail" / "store.db"


def test_a_store_that_replaces_ours_gets_the_rest_of_the_run_and_keeps_its_own(project, other, run):
    with said_once():
        for path in project.folder.glob("store.db*"):
            path.unlink()
        shutil.move(other, project.folder / "store.db")
        log(run, 10, 20)
        run.finish()

    assert found(project) == ("finished", {"lr": 0.1}, ("mine",), list(range(10, 20)))
    assert found(project, "other")[0] == "finished"


def test_a_restored_backup_gets_the_rest_of_the_run(project, run, tmp_path):
    backup = tmp_path / "backup.db"
    source, target = sqlite3.connect(project.url), sqlite3.connect(backup)
    source.backup(target)
    source.close()
    target.close()
    log(run, 10, 20)
    assert run.recorder.flush()
    with said_once():
        for path in project.folder.glob("store.db*"):
            path.unlink()
        shutil.copy(backup, project.folder / "store.db")
        log(run, 20, 30)
        run.finish()

    status, params, tags, steps = found(project)
    assert (status, params, tags) == ("finished", {"lr": 0.1}, ("mine",))
    assert steps == [*range(10), *range(20, 30)]


def test_a_project_that_is_moved_while_a_kernel_runs_loses_nothing_of_either_part(project, run, tmp_path):
    """The kernel goes on where it was; what it wrote before is where the project is now."""
    moved = project.root.with_name("moved")
    with said_once():
        project.root.rename(moved)
        log(run, 10, 20)
        run.finish()

    assert found(project)[3] == list(range(10, 20))
    assert found(moved)[3][:10] == list(range(10))


def test_viewers_see_the_new_store_after_the_old_one_was_deleted(project, run):
    shutil.rmtree(project.folder)
    with reader(project) as reading:
        names = {run.name for run in reading.store.runs(RunQuery())}
    assert names <= {"kept"}
