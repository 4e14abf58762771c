"""Which packages are installed, and in which versions."""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_HOMES: Final = frozenset({"site-packages", "dist-packages"})
_SHORT_COMMIT: Final = 8


def installed_packages() -> dict[str, str]:
    """Names and versions, by name without regard to case; a name found twice has the version that is imported.

    A package that is worked on in place has ``(editable)`` behind its version, one built from a folder ``(local)``,
    one from a repository its commit: such a version alone says little.
    """
    return dict(_packages_of(tuple(sys.path), _state_of_homes()))


def _state_of_homes() -> tuple[tuple[str, int], ...]:
    """Looking through site-packages costs a tenth of a second, and whatever installs a package changes its time."""
    found = []
    for entry in dict.fromkeys(sys.path):
        home = Path(entry)
        if home.name in _HOMES:
            try:
                found.append((entry, home.stat().st_mtime_ns))
            except OSError:
                continue
    return tuple(found)


@functools.lru_cache(maxsize=1)
def _packages_of(_path: tuple[str, ...], _homes: tuple[tuple[str, int], ...]) -> tuple[tuple[str, str], ...]:
    from importlib.metadata import distributions

    found: dict[str, str] = {}
    for distribution in distributions():
        name, version = _name_and_version(distribution)
        if name and version and name not in found:
            found[name] = f"{version}{_origin(distribution)}"
    return tuple(sorted(found.items(), key=lambda item: item[0].lower()))


def _name_and_version(distribution: Distribution) -> tuple[str | None, str | None]:
    """Both are ``None`` for a broken installation, which has no metadata."""
    try:
        metadata = distribution.metadata
        known = [metadata[field] for field in ("Name", "Version") if field in metadata]
    except (OSError, TypeError, ValueError, AttributeError):
        return None, None
    return (known[0], known[1]) if len(known) == 2 else (None, None)  # noqa: PLR2004 - name and version


def _origin(distribution: Distribution) -> str:
    """Where a package came from, if from nowhere public; its address, which may be a path, is not told."""
    try:
        told = json.loads(distribution.read_text("direct_url.json") or "{}")
        if told.get("dir_info", {}).get("editable"):
            return " (editable)"
        if "dir_info" in told:
            return " (local)"
        commit = told.get("vcs_info", {}).get("commit_id")
    except (OSError, ValueError, AttributeError):
        return ""
    return f" (git {str(commit)[:_SHORT_COMMIT]})" if commit else ""
