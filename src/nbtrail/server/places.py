"""From the ``path`` that a request names to the project that it means, never outside the server's root folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.errors import InputError
from nbtrail.project import find_project

if TYPE_CHECKING:
    from nbtrail.project import Project


class OutsideRootError(InputError):
    """A request names a path that is not below the server's root folder."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"the path {path!r} is outside the folder that this server shows. "
            "Name a notebook or a folder relative to that folder, without `..`."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request looks from."""

    root: Path
    """The server's root folder."""
    start: Path
    """The notebook or folder that was named."""
    project: Project

    @property
    def folder(self) -> Path:
        """The folder that was named, or the one of the notebook that was."""
        is_file = self.start.is_file() or (self.start.suffix == ".ipynb" and not self.start.is_dir())
        return self.start.parent if is_file else self.start

    def seen_from_root(self, path: Path) -> str | None:
        """``path`` relative to the server's root, with forward slashes; ``""`` is the root, ``None`` if outside."""
        try:
            relative = Path(os.path.realpath(path)).relative_to(os.path.realpath(self.root)).as_posix()
        except ValueError:
            return None
        return "" if relative == "." else relative


def locate(root: Path, path: str) -> Place:
    """The place that a request's ``path`` names; the project is looked up from there, as a kernel does.

    Parameters
    ----------
    root
        The server's root folder.
    path
        A notebook or a folder below it, with forward slashes; it need not exist. ``""`` is the root.

    Raises
    ------
    OutsideRootError
        The path is absolute, goes up, or a link on it leads out of the root.
    InputError
        The file system does not let one look there.
    """
    if path.startswith("/") or ".." in path.replace("\\", "/").split("/") or "\0" in path:
        raise OutsideRootError(path)
    start = root / path
    if not _lies_within(root, start):
        raise OutsideRootError(path)
    try:
        # Not the resolved path: the kernel of a linked notebook looks from where the link stands.
        return Place(root, start, find_project(start))
    except OSError as error:
        msg = f"the path {path[:200]!r} cannot be looked at: {error.strerror}"
        raise InputError(msg) from error


def _lies_within(root: Path, start: Path) -> bool:
    """Whether every step from the root to ``start`` stays below the root, where links lead."""
    inside = os.path.realpath(root)
    steps = [start, *(parent for parent in start.parents if parent.is_relative_to(root))]
    try:
        return all(Path(os.path.realpath(step)).is_relative_to(inside) for step in steps)
    except OSError:
        return False
