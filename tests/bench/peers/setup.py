"""Environments for the peers, one each because their pins exclude each other; and what each takes on the disk."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
import venv
from typing import TYPE_CHECKING, Any

from rich.progress import track

from tests.bench.peers.catalog import PACKAGES
from tests.bench.peers.sandbox import SOURCE, python_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

RECORD = "setup.json"
OWN = "nbtrail"
NOT_COUNTED = frozenset({"pip", "setuptools", "wheel"})
PROBE = """
import json, os, sysconfig
from importlib.metadata import distributions
folder = sysconfig.get_path("purelib")
total = sum(os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names)
found = {d.metadata["Name"]: d.version for d in distributions(path=[folder])}
print(json.dumps({"bytes": total, "versions": found}))
"""


def set_up(folder: Path, console: Console) -> None:
    """Make what is missing in ``folder``, and write down how it went; a peer that does not install is told of."""
    folder.mkdir(parents=True, exist_ok=True)
    record = read_record(folder)
    wanted: dict[str, Sequence[str]] = {OWN: own_dependencies(), **PACKAGES}
    for name in track(
        [name for name in wanted if "bytes" not in record.get(name, {})], "environments", console=console
    ):
        record[name] = _install(folder / name, wanted[name])
        (folder / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    for name, found in record.items():
        if "failed" in found:
            console.print(f"[red]{name} is not there[/]: {found['failed']}")
        else:
            console.print(f"{name}: {found['packages']} packages, {found['bytes'] / 1e6:,.0f} MB")


def read_record(folder: Path) -> dict[str, Any]:
    """What ``set_up`` wrote down; empty before the first time."""
    path = folder / RECORD
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def own_dependencies() -> tuple[str, ...]:
    """What nbtrail's core depends on, as its project file says."""
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(project["dependencies"])


def _install(place: Path, packages: Sequence[str]) -> dict[str, Any]:
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True, symlinks=True)
    python = str(python_of(place))
    empty = _probe(python)
    if reason := _pip(python, "install", *packages):
        return {"failed": reason}
    found = _probe(python)
    versions = {name: version for name, version in found["versions"].items() if name not in NOT_COUNTED}
    size, count = found["bytes"] - empty["bytes"], len(versions)
    if place.name == OWN:
        size, count = size + _own_bytes(), count + 1
    elif reason := _pip(python, "install", "numpy"):  # the loop that is slowed down needs it; not counted
        return {"failed": reason}
    return {"bytes": size, "packages": count, "versions": versions, "python": sys.version.split()[0]}


def _pip(python: str, *words: str) -> str:
    """Run pip; its last error, empty if all went well."""
    command = [python, "-m", "pip", *words, "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    return (errors[-1:] or [f"pip ended with {done.returncode}"])[0][:300] if done.returncode else ""


def _probe(python: str) -> dict[str, Any]:
    done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _own_bytes() -> int:
    package = SOURCE / "nbtrail"
    return sum(path.stat().st_size for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
