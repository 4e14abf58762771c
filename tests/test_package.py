"""What the package promises as a whole."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import nbtrail

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "nbtrail"
FLOORS = [
    {"records", "errors", "ids"},
    {"changes"},
    {"notices", "machine"},
    {"store"},
    {"settings"},
    {"project"},
    {"tracking", "analysis"},
    {"reading", "housekeeping"},
    {"notebook", "cli", "widgets", "server"},
]
HEAVY = {"pandas", "altair", "anywidget", "jupyter_server", "numpy", "sqlite_utils", "vl_convert"}


def test_python_and_the_front_end_bear_the_same_version():
    assert (
        version("nbtrail") == nbtrail.__version__ == json.loads((ROOT / "js" / "package.json").read_text())["version"]
    )


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(source):
    """A room imports its own parts and lower floors; only the notebook uses a room of its own floor, the widgets."""
    room = source.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in {"__init__", "__main__"}:
        return
    floor = _floor(room)
    for other in _imported_rooms(source):
        allowed = other == room or _floor(other) < floor or (room, other) == ("notebook", "widgets")
        assert allowed, f"{room} imports {other}"


def test_importing_nbtrail_loads_nothing_heavy():
    loaded = _modules_after("import nbtrail, nbtrail.errors; nbtrail.start_run")

    assert not loaded & HEAVY


def test_loading_the_extension_loads_nothing_heavy():
    loaded = _modules_after(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance().run_line_magic('load_ext', 'nbtrail')"
    )

    assert "nbtrail.notebook" in loaded
    assert not loaded & (HEAVY - {"numpy"})


def test_every_public_name_is_there_and_documented():
    for name in nbtrail.__all__:
        assert getattr(nbtrail, name).__doc__, name
    assert set(nbtrail.__all__) <= set(dir(nbtrail))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'strat_run'"):
        _ = nbtrail.strat_run


def _floor(room: str) -> int:
    return next(index for index, rooms in enumerate(FLOORS) if room in rooms)


def _imported_rooms(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "nbtrail" else [node.module]
            )
        found |= {name.split(".")[1] for name in names if name.startswith("nbtrail.")}
    return found & set().union(*FLOORS)


def _modules_after(code: str) -> set[str]:
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))
