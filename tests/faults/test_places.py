"""Working folders that are deleted, and places that one may not look into."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.faults.kills import SOURCE


def run(source, **places):
    """What a script prints that runs in a folder which others may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        environ = {**os.environ, "PYTHONPATH": str(SOURCE), "XDG_STATE_HOME": str(folder / "state"), **places}
        environ.pop("NBTRAIL_STORE", None)
        command = [sys.executable, "-W", "ignore", "-c", source]
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(
    sys.version_info[:3] == (3, 13, 0), reason="this Python itself imports neither socket nor numpy in such a folder"
)
def test_a_run_begins_in_a_working_folder_that_was_deleted():
    """Another terminal has checked the project out anew."""
    assert "finished" in run("""
import os, shutil
from pathlib import Path
import nbtrail as nt
here = Path.cwd() / "project"
here.mkdir()
os.chdir(here)
os.environ["PWD"] = str(here)
shutil.rmtree(here)
with nt.start_run("kept") as run:
    run.log({"loss": 0.5})
print(run.status, nt.runs()["status"].tolist())
""")


def test_a_run_begins_below_a_folder_that_one_may_enter_and_not_look_into():
    """As an ordinary user: root may look everywhere."""
    assert "finished" in run("""
import os
from pathlib import Path
import nbtrail as nt
closed, inner = Path.cwd() / "closed", Path.cwd() / "closed" / "inner"
inner.mkdir(parents=True)
inner.chmod(0o777)
with nt.start_run("imports everything", project=Path.cwd() / "first") as run:
    run.log({"loss": 0.5})
os.chdir(inner)
closed.chmod(0o311)
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with nt.start_run("kept") as run:
    run.log({"loss": 0.5})
print(run.status)
""")
