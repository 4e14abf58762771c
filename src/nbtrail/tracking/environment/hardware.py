"""The machine and its system: what a process may use of it, and which Python runs there."""

from __future__ import annotations

import functools
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.tracking.gpus import opened_gpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.records import Json

_NO_LIMIT_BYTES: Final = 1 << 60
"""What version 1 of control groups calls unlimited is a little less than 2 to the 63rd."""


@functools.cache
def hardware() -> dict[str, Json]:
    """What does not change while a process lives; ``docs/environment.md`` says what each key means.

    What cannot be found out is left out.
    """
    import psutil

    with opened_gpus() as gpus:
        of_gpus = {} if gpus is None else gpus.describe()
    found: dict[str, Json] = {
        "machine": platform.machine(),
        "cpu": cpu_name(),
        "cpu_cores": psutil.cpu_count(logical=False),
        "cpu_count": os.cpu_count(),
        "cpu_limit": cpu_limit(),
        "memory_bytes": psutil.virtual_memory().total,
        "memory_limit_bytes": memory_limit_bytes(psutil.virtual_memory().total),
        **of_gpus,
        "os": operating_system(),
        "python_implementation": platform.python_implementation(),
        "python_environment": python_environment(),
    }
    return {key: value for key, value in found.items() if value is not None}


def cpu_name(known: Path = Path("/proc/cpuinfo")) -> str | None:
    """The processor's name as its maker gives it."""
    fields: dict[str, str] = {}
    for line in _read(known).splitlines():
        key, colon, value = line.partition(":")
        if colon and value.strip():
            fields.setdefault(key.strip(), value.strip())
    name = next((fields[key] for key in ("model name", "Model", "cpu model", "Hardware") if key in fields), None)
    return name or platform.processor() or None


def operating_system() -> str:
    """The name that people use, such as ``Ubuntu 24.04.1 LTS`` or ``macOS 15.1``."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if sys.platform == "win32":
        return f"Windows {platform.release()} {platform.version()}"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def python_environment() -> str | None:
    """The kind and the name of the environment that Python runs in, never its path; ``None`` for a system's Python."""
    name = Path(sys.prefix).name
    if (Path(sys.prefix) / "conda-meta").is_dir():
        is_base = (Path(sys.prefix) / "condabin").is_dir()
        return "conda base" if is_base else f"conda {name}"
    return f"venv {name}" if sys.prefix != sys.base_prefix else None


def cpu_limit(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> float | None:
    """How many cores' time the process may use, where a container or a mask allows less than there are."""
    limits = [quota for folder in _group_folders(groups, own, "cpu") if (quota := _quota(folder)) is not None]
    if hasattr(os, "sched_getaffinity"):
        limits.append(float(len(os.sched_getaffinity(0))))
    least = min(limits, default=None)
    return least if least is not None and least < (os.cpu_count() or 1) else None


def memory_limit_bytes(
    total: int, groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> int | None:
    """How much memory a container may use, where that is less than there is."""
    found = [
        _number(_read(folder / file))
        for folder in _group_folders(groups, own, "memory")
        for file in ("memory.max", "memory.limit_in_bytes")
    ]
    least = min((limit for limit in found if limit is not None and limit < _NO_LIMIT_BYTES), default=None)
    return least if least is not None and least < total else None


def _group_folders(groups: Path, own: Path, controller: str) -> Iterator[Path]:
    """The control group of this process and those around it: each may set a limit."""
    for line in _read(own).splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = groups / controller if controllers else groups
        inner = root / path.lstrip("/")
        yield inner
        # In a container the path is the host's, which is not to be seen there: the root is the container's own group.
        yield from (folder for folder in (*inner.parents, root) if folder.is_relative_to(root))


def _quota(folder: Path) -> float | None:
    quota, period = (*_read(folder / "cpu.max").split(), "", "")[:2]
    if not quota:
        quota, period = _read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip()
    granted, every = _number(quota), _number(period)
    return granted / every if granted and every and granted > 0 else None


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
