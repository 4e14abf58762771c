"""Where a run runs: Python, packages, git, machine. Looked at in the background, never on a cell's path."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from nbtrail.records import Environment, EnvironmentSeen
from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from pathlib import Path

    from nbtrail.records import Json
    from nbtrail.store.blobs import Blobs
    from nbtrail.tracking.recorder import Recorder

_GIT_S = 5.0
_DIFF_BYTES = 4_000_000


def record_environment(recorder: Recorder, run_id: str) -> None:
    """Look at the environment and record it for a run."""
    environment = look(recorder.project.root, recorder.blobs)
    recorder.append(EnvironmentSeen(environment=environment, run_ids=(run_id,)))


def look(folder: Path, blobs: Blobs) -> Environment:
    """The environment of this process, and the state of the git repository around a folder.

    ``git`` that is missing, slow (over 5 s) or without a commit leaves its fields empty.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    found = Environment(
        id="",
        python=platform.python_version(),
        platform=platform.platform(),
        packages=dict(_packages()),
        hardware=_hardware(),
        git_commit=commit,
        git_branch=_git(folder, "rev-parse", "--abbrev-ref", "HEAD") if commit else None,
        git_remote=mask_text(_git(folder, "remote", "get-url", "origin") or "") or None if commit else None,
        git_dirty=bool(_git(folder, "status", "--porcelain", "--untracked-files=no")) if commit else False,
    )
    if found.git_dirty:
        found = replace(found, git_diff=_diff(folder, blobs))
    digest = hashlib.sha256(json.dumps(asdict(found), sort_keys=True).encode()).hexdigest()
    return replace(found, id=digest[:32])


@functools.cache
def _packages() -> tuple[tuple[str, str], ...]:
    """Installed packages as this process found them first: looking through site-packages costs a tenth of a second."""
    from importlib.metadata import distributions

    found = {}
    for distribution in distributions():
        name, version = distribution.metadata["Name"], distribution.version
        if name and name not in found:
            found[name] = version
    return tuple(sorted(found.items(), key=lambda item: item[0].lower()))


def _hardware() -> dict[str, Json]:
    import psutil

    return {
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _diff(folder: Path, blobs: Blobs) -> str | None:
    text = _git(folder, "diff", "HEAD", "--no-color", "--no-ext-diff")
    if not text:
        return None
    data = mask_text(text).encode()
    if len(data) > _DIFF_BYTES:
        data = data[:_DIFF_BYTES] + f"\n[cut: the whole diff has {len(data)} bytes]\n".encode()
    return blobs.put_bytes(data)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are this file's own
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git on the user's PATH is the right one
            capture_output=True,
            check=False,
            timeout=_GIT_S,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
