"""The files of a cell as data: small ones are looked at while they are as the cell left them, large ones later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nbtrail.tracking.fingerprints import file_dataset, folder_dataset, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

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
    """What the file held when the cell ended; takes its time if it is large."""


def file_uses(files: Mapping[Path, bool], project: Project) -> list[FileUse]:
    """What a cell did with files.

    Parameters
    ----------
    files
        Each with whether it was written.
    project
        Its root is where their names begin; of a file elsewhere the last two parts of the path are the name.
    """
    groups: dict[tuple[Path, bool], list[Path]] = defaultdict(list)
    for path, is_written in files.items():
        groups[path.parent, is_written].append(path)
    found = []
    for (folder, is_written), paths in groups.items():
        role: Role = "written" if is_written else "read"
        if len(paths) > _MANY:
            dataset = folder_dataset(paths, f"{_shown(folder, project)}/")
            found.append(FileUse(role, lambda dataset=dataset: dataset))  # type: ignore[misc]
        else:
            found += [FileUse(role, look) for look in _looks(paths, project)]
    return found


def _looks(paths: list[Path], project: Project) -> Iterator[Callable[[], Dataset]]:
    left = _AT_ONCE_BYTES
    for path in paths:
        state = state_of(path)
        if state is None:
            continue
        name = _shown(path, project)
        left -= state.size
        if left >= 0:
            dataset = file_dataset(state, name)
            yield lambda dataset=dataset: dataset  # type: ignore[misc]
        else:
            yield lambda state=state, name=name: file_dataset(state, name)  # type: ignore[misc]


def _shown(path: Path, project: Project) -> str:
    return project.relative(path) or "/".join(path.parts[-2:])
