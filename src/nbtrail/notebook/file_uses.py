"""The files of a cell as data: small ones are looked at while they are as the cell left them, large ones later."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nbtrail.tracking.fingerprints import file_dataset, folder_dataset, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbtrail.project import Project
    from nbtrail.records import Dataset

Role: TypeAlias = Literal["read", "written"]
_MANY: Final = 20
"""More files of one folder than these are one entry."""
_AT_ONCE_BYTES: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class FileUse:
    """A cell read or wrote a file."""

    role: Role
    look: Callable[[], Dataset]
    """What the file held when the cell ended; takes its time."""
    seen: Dataset | None = None
    """The same, where it was looked at already."""


def file_uses(files: Mapping[str, bool], project: Project) -> list[FileUse]:
    """What a cell did with files.

    Parameters
    ----------
    files
        Absolute paths, each with whether it was written.
    project
        Its root is where their names begin; of a file elsewhere the last two parts of the path are the name.
    """
    groups: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for path, is_written in files.items():
        groups[os.path.dirname(path), is_written].append(path)  # noqa: PTH120 - there may be ten thousand
    found = []
    for (folder, is_written), paths in groups.items():
        role: Role = "written" if is_written else "read"
        if len(paths) > _MANY:
            found.append(FileUse(role, partial(_folder, folder, paths, project)))
        else:
            found += _of_few(role, paths, project)
    return found


def _folder(folder: str, paths: list[str], project: Project) -> Dataset:
    return folder_dataset([Path(path) for path in paths], f"{_shown(Path(folder), project)}/")


def _of_few(role: Role, paths: list[str], project: Project) -> Iterator[FileUse]:
    left = _AT_ONCE_BYTES
    for path in map(Path, paths):
        state = state_of(path)
        if state is None:
            continue
        look = partial(file_dataset, state, _shown(path, project))
        left -= state.size
        yield FileUse(role, look, seen=look() if left >= 0 else None)


def _shown(path: Path, project: Project) -> str:
    return project.relative(path) or "/".join(path.parts[-2:])
