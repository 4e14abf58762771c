"""A project of its own for each test, and the user's state folder out of the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nbtrail
from nbtrail.project import find_project
from nbtrail.tracking import reader
from nbtrail.tracking.state import process

SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project that is the working directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NBTRAIL_STORE", raising=False)
    root = tmp_path / "heart-disease"
    (root / ".nbtrail").mkdir(parents=True)
    monkeypatch.chdir(root)
    project = find_project(root)
    yield project
    for run in tuple(process.open_runs):
        run.finish()
    recorder = process.recorders.pop(project.url, None)
    if recorder is not None:
        recorder.close()


@pytest.fixture
def read(project):
    """Reads the project's store: ``read(lambda store: …)``."""

    def read_(what):
        with reader(project) as reading:
            return what(reading.store)

    return read_


@pytest.fixture
def python(project):
    """Starts scripts in the project, in processes of their own."""
    started = []

    def start(source: str, **streams) -> subprocess.Popen:
        environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
        script = subprocess.Popen(
            [sys.executable, "-c", source], cwd=project.root, env=environ, stdout=subprocess.PIPE, text=True, **streams
        )
        started.append(script)
        return script

    yield start
    for script in started:
        script.kill()
        script.wait()
        script.stdout.close()
