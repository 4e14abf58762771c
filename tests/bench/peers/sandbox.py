"""Where a tool is measured: a folder and a home of its own, nothing sent anywhere, and its own environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbtrail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.peers.catalog import Entry

HERE = Path(__file__).parent
SOURCE = Path(nbtrail.__file__).parents[1]
START = f"import sys; sys.path.append({str(HERE)!r}); from inside.__main__ import main; main()"
OFFLINE = {
    "AIM_UI_TELEMETRY_ENABLED": "0",
    "COMET_DISABLE_AUTO_LOGGING": "1",
    "COMET_LOGGING_CONSOLE": "ERROR",
    "DO_NOT_TRACK": "true",
    "DVC_NO_ANALYTICS": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "ITERATIVE_DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "NEPTUNE_MODE": "offline",
    "PLOOMBER_STATS_ENABLED": "false",
    "SACRED_NO_GIT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
}
"""Switches by which the tools keep to themselves."""


class MeasurementError(Exception):
    """A measurement came to no end, or to a bad one."""


class Sandbox:
    """A place for one tool's files."""

    def __init__(self, folder: Path, venvs: Path | None) -> None:
        self._folder = folder
        self._venvs = venvs
        self.store = folder / "store"
        for name in ("store", "home", "temporary"):
            (folder / name).mkdir()

    def python(self, entry: Entry) -> str:
        """The interpreter of the tool's environment."""
        return interpreter(entry, self._venvs)

    def environ(self, entry: Entry) -> dict[str, str]:
        """A home of its own, and no network."""
        home = str(self._folder / "home")
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
        places = {"HOME": home, "XDG_CACHE_HOME": f"{home}/cache", "XDG_CONFIG_HOME": f"{home}/config"}
        places |= {"XDG_STATE_HOME": f"{home}/state", "XDG_DATA_HOME": f"{home}/data"}
        places |= {"TMPDIR": str(self._folder / "temporary"), "TRACKIO_DIR": str(self.store)}
        if not entry.venv:
            places["PYTHONPATH"] = str(SOURCE)
        return {**kept, **OFFLINE, **places}

    def command(self, entry: Entry, measurement: str, **options: Any) -> list[str]:
        """What starts a measurement in the tool's environment."""
        result, words = str(self._folder / "result.json"), json.dumps(options)
        return [self.python(entry), "-P", "-c", START, entry.adapter, measurement, str(self.store), result, words]

    def ask(self, entry: Entry, measurement: str, *, timeout_s: float = 180, **options: Any) -> dict[str, Any]:
        """Measure, and give back the figures.

        Raises
        ------
        MeasurementError
            The process failed or took too long; its last line is the reason.
        """
        result = self._folder / "result.json"
        result.unlink(missing_ok=True)
        with (self._folder / "output").open("w+b") as output:
            try:
                done = subprocess.run(
                    self.command(entry, measurement, **options),
                    cwd=self.store,
                    env=self.environ(entry),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=timeout_s,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise MeasurementError(f"{measurement} was not done after {timeout_s:g} s") from error
            if done.returncode or not result.exists():
                output.seek(0)
                raise MeasurementError(f"{measurement}: {_last_line(output.read())}")
        figures: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return figures

    def start(self, entry: Entry, statement: str) -> None:
        """Run a statement in a fresh interpreter.

        Raises
        ------
        MeasurementError
            It failed; its last line is the reason.
        """
        command = [self.python(entry), "-P", "-c", statement]
        done = subprocess.run(command, capture_output=True, cwd=self.store, env=self.environ(entry), check=False)
        if done.returncode:
            raise MeasurementError(f"{statement}: {_last_line(done.stderr)}")

    def bytes(self) -> int:
        """What lies in the store's folder, all files together."""
        return sum(path.stat().st_size for path in self.store.rglob("*") if path.is_file() and not path.is_symlink())


def _last_line(output: bytes) -> str:
    return " ".join(output.decode(errors="replace").strip().splitlines()[-1:])[:200]


@contextmanager
def sandbox(venvs: Path | None) -> Iterator[Sandbox]:
    """A place that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        yield Sandbox(Path(folder), venvs)


def interpreter(entry: Entry, venvs: Path | None) -> str:
    """The Python of a tool's environment; this one for nbtrail and the work done by hand."""
    if not entry.venv:
        return sys.executable
    assert venvs is not None
    return str(python_of(venvs / entry.venv))


def python_of(venv: Path) -> Path:
    """The interpreter in an environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
