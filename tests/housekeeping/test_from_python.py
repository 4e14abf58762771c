"""What the document shows for Python works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbtrail as nt

PAGE = Path(__file__).parents[2] / "docs" / "housekeeping.md"


def test_housekeeping_is_there_without_an_import_of_its_own():
    script = "import nbtrail as nt; print(nt.housekeeping.purge.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "purge\n"


def test_the_example_runs(project, make_runs):
    make_runs("swift-otter")
    with nt.start_run("poor") as run:
        run.log({"acc": 0.2})
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {}
    exec(example, names)
    assert names["purged"].counts.runs == 2


def test_every_function_is_named_in_the_document():
    text = PAGE.read_text(encoding="utf-8")
    assert {name for name in nt.housekeeping.__all__ if name.islower() and f"`{name}`" not in text} == set()
