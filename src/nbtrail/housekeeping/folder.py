"""The files of a project's folder, each under what it is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nbtrail.project import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project

Role: TypeAlias = Literal["store", "log", "blob", "journal", "settings", "other"]
_LOGS: Final = ("-wal", "-shm", "-journal")
_BLOCK_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file."""

    path: Path
    role: Role
    size: int
    allotted: int
    """What the file system keeps for it: whole blocks."""


def project_files(project: Project) -> Iterator[ProjectFile]:
    """Every file in the project's folder, in no order.

    Where ``NBTRAIL_STORE`` names a file, the folder around it is somebody else's, and only what is nbtrail's is given.
    """
    store = Path(project.url)
    is_own = project.folder.name == FOLDER
    for path, stat in _walk(project.folder) if is_own else _known(project, store):
        allotted = getattr(stat, "st_blocks", -(-stat.st_size // _BLOCK_BYTES)) * _BLOCK_BYTES
        yield ProjectFile(path, _role(path, project, store), stat.st_size, allotted)


def folder_bytes(project: Project) -> int:
    """What the files of a project take together, without what SQLite shares in memory while the store is open."""
    return sum(file.size for file in project_files(project) if not file.path.name.endswith("-shm"))


def _role(path: Path, project: Project, store: Path) -> Role:
    if path == store:
        return "store"
    if path.parent == store.parent and path.name in {store.name + ending for ending in _LOGS}:
        return "log"
    if path.is_relative_to(project.blobs.folder):
        return "blob"
    if path.is_relative_to(project.journals):
        return "journal"
    return "settings" if path in {project.folder / "settings.toml", project.folder / ".gitignore"} else "other"


def _known(project: Project, store: Path) -> Iterator[tuple[Path, os.stat_result]]:
    beside = [store.with_name(store.name + ending) for ending in ("", *_LOGS)]
    for path in (*beside, project.folder / "settings.toml"):
        try:
            yield path, path.lstat()
        except OSError:
            continue
    for folder in (project.blobs.folder, project.journals):
        yield from _walk(folder)


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            else:
                yield Path(entry.path), entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            # Gone since the folder was listed, as journals and temporaries are.
            continue
