"""The sources as tools see them: style, types, and the front end's own tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
JS = ROOT / "js"
TOOLS = Path(sys.executable).parent


def run(*command, folder=ROOT):
    environ = {**os.environ, "PATH": os.pathsep.join([str(TOOLS), os.environ["PATH"]])}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_python_is_in_style():
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_python_is_typed(tmp_path):
    run(sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path))


def test_the_front_end_is_in_style_and_passes_its_own_tests():
    npm = shutil.which("npm", path=os.pathsep.join([str(TOOLS), os.environ["PATH"]]))
    if not (JS / "node_modules").exists():
        run(npm, "ci", folder=JS)
    run(npm, "run", "lint", folder=JS)
    assert "passed" in run(npm, "test", folder=JS)
