"""The files of a folder that is to be kept, without those in which the project itself is kept."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.errors import InputError
from nbtrail.project import FOLDER, find_project
from nbtrail.tracking.state import process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project

_BESIDE: Final = re.compile(r"(-wal|-shm|-journal|\.before-\d+.*)?")
"""How the names of files go on that SQLite and upgrades put beside a store's."""


def files_in(folder: Path, project: Project) -> list[Path]:
    """Every file in a folder, sorted. Links to files are followed, links to folders are not.

    The store is being written: a copy of its files, each of another moment, would be of no use.

    Raises
    ------
    InputError
        There is none, or none but the project's own.
    """
    own, place = _Own(project), folder.resolve()
    if any(own.has(path) for path in (place, *place.parents)):
        files, passed_over = [], True
    else:
        found = list(_walk(folder, own))
        files = sorted(path for path, is_own in found if not is_own)
        passed_over = len(files) < len(found)
    if not files:
        what = "no file but the project's own store, which `nbtrail backup` copies" if passed_over else "no file in it"
        msg = f"{str(folder)!r} has {what}."
        raise InputError(msg)
    return files


class _Own:
    """What a project is kept in, wherever ``NBTRAIL_STORE`` has put its store."""

    def __init__(self, project: Project) -> None:
        store = Path(project.url)
        usual = find_project(process.notebook, environ={}).folder
        folders = {usual, project.root / FOLDER, project.blobs.folder, project.journals}
        if project.folder.name == FOLDER:
            folders.add(project.folder)
        self._folders = {os.path.realpath(path) for path in folders}
        self._names = {path.name for path in folders}
        self._store_name = store.name
        self._store_folder = os.path.realpath(store.parent)

    def has(self, path: Path) -> bool:
        """Whether it is one of the folders, or a file of the store."""
        if path.name in self._names:
            return os.path.realpath(path) in self._folders
        is_of_store = path.name.startswith(self._store_name) and _BESIDE.fullmatch(path.name, len(self._store_name))
        return bool(is_of_store) and os.path.realpath(path.parent) == self._store_folder


def _walk(folder: Path, own: _Own) -> Iterator[tuple[Path, bool]]:
    """Every file and whether it is the project's own; of a folder that is, only that."""
    for where, folders, names in os.walk(folder):
        here = Path(where)
        for name in [name for name in folders if own.has(here / name)]:
            folders.remove(name)
            yield here / name, True
        for path in (here / name for name in names):
            if path.is_file():
                yield path, own.has(path)
