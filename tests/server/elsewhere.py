"""Other processes, as a kernel is one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbtrail


def run_python(script: str, *arguments: object, cwd: Path | None = None) -> int:
    """Run a script in a process of its own, with the nbtrail that is tested; its exit status."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("NBTRAIL")}
    environ["PYTHONPATH"] = str(Path(nbtrail.__file__).parent.parent)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environ, check=False).returncode
