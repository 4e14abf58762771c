"""A project with runs that have something of everything."""

from __future__ import annotations

import os

import pytest

import nbtrail as nt
from nbtrail.changes import EnvironmentSeen, ExecutionStarted, OutputKept
from nbtrail.housekeeping.folder import folder_bytes
from nbtrail.housekeeping.purge import plan_purge, purge
from nbtrail.records import Environment, Execution, Output
from nbtrail.tracking.state import process


@pytest.fixture
def close(project):
    """Ends the recording of this process into the project, as the end of a script does."""

    def end():
        recorder = process.recorders.pop(project.url, None)
        if recorder is not None:
            recorder.close()

    return end


@pytest.fixture
def make_runs(project, close):
    """Makes runs with params, points, an artifact and an output each; ``size`` bytes in every file."""

    def make(*names, size=20_000, shared=b""):
        for name in names:
            with nt.start_run(name, params={"lr": 0.1, "text": name * 50}) as run:
                for step in range(50):
                    run.log({"loss": 1 / (step + 1)}, step=step)
                run.log_artifact(os.urandom(size), name="model.bin")
                if shared:
                    run.log_artifact(shared, name="shared.bin")
                _add_cell(run, name, size)
        close()

    return make


def _add_cell(run, name, size):
    recorder, blobs = run.recorder, run.project.blobs
    execution = Execution(
        id=f"X{run.id}",
        session_id=recorder.session_id,
        source=f"fit({name!r})",
        started=run.snapshot().started,
        status="ok",
    )
    picture = Output(
        execution_id=execution.id, position=0, kind="display", mime="image/png", blob=blobs.put_bytes(os.urandom(size))
    )
    code = Environment(id=f"E{run.id}", python="3.12", platform="here", git_diff=blobs.put_bytes(os.urandom(size)))
    recorder.append(
        ExecutionStarted(execution=execution, run_ids=(run.id,)),
        OutputKept(output=picture),
    )
    recorder.flush()
    recorder.append(EnvironmentSeen(environment=code, run_ids=(run.id,)))


@pytest.fixture
def purge_all(project):
    """Purges all that is in the trash."""
    return lambda: purge(project, plan_purge(project))


@pytest.fixture
def size(project):
    """How many bytes the files of the project take."""
    return lambda: folder_bytes(project)


@pytest.fixture
def blob_files(project):
    """The files in the blob folder."""
    return lambda: sorted(path for path in project.blobs.folder.rglob("*") if path.is_file())
