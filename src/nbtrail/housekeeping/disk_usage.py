"""What takes how much of a project's folder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.housekeeping.blob_files import look_into
from nbtrail.housekeeping.choice import is_being_recorded
from nbtrail.housekeeping.folder import project_files
from nbtrail.housekeeping.weights import Weights
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from nbtrail.tracking.journal import journal_folders

if TYPE_CHECKING:
    from nbtrail.housekeeping.folder import ProjectFile
    from nbtrail.project import Project
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store
    from nbtrail.store.upkeep import StoreSizes

_ROLES: Final = {"log": "write-ahead log", "journal": "journals", "settings": "settings", "other": "other files"}
_KINDS: Final = {"artifact": "artifacts", "output": "outputs of cells", "code": "code"}


@dataclass(frozen=True, slots=True)
class Part:
    """Something that takes space."""

    name: str
    size: int
    files: int = 0
    """How many; 0 for what is within a file."""
    parts: tuple[Part, ...] = ()
    """What it consists of; their sizes add up to its own."""


@dataclass(frozen=True, slots=True)
class RunUsage:
    """What one run takes alone."""

    run: Run
    store_bytes: int
    """Roughly."""
    file_bytes: int

    @property
    def size(self) -> int:
        """Both together."""
        return self.store_bytes + self.file_bytes


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """What takes how much."""

    size: int
    """Of all files of the project."""
    allotted: int
    """What the file system keeps for them: whole blocks."""
    parts: tuple[Part, ...]
    """Their sizes add up to ``size``."""
    is_estimate: bool
    """This SQLite cannot say what takes how much of the store, and its parts were worked out."""
    trashed_runs: int
    """In the trash; those that are still being recorded stay there, and are not counted."""
    trash_bytes: int
    """Roughly what purging the trash would free; it is among the parts."""
    outside_bytes: int
    """Journals in the user's own state folder, beside the project's; not among the parts."""
    runs: tuple[RunUsage, ...]
    """The largest first, those in the trash included."""


def measure(project: Project, *, runs: int = 10) -> DiskUsage:
    """Measure a project's folder.

    Parameters
    ----------
    project
        The project.
    runs
        So many of the largest runs are told.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    with reader(project) as reading:
        store = reading.store
        sizes = store.sizes()
        weights = Weights(project, store)
        everything = [*store.runs(RunQuery()), *store.runs(RunQuery(trashed=True))]
        trashed = [run.id for run in everything if run.trashed is not None and not is_being_recorded(run)]
        files = list(project_files(project))
        usages = [RunUsage(run, weights.rows(run.id), weights.files(run.id)) for run in everything]
        return DiskUsage(
            size=sum(file.size for file in files),
            allotted=sum(file.allotted for file in files),
            parts=tuple(_parts(project, store, sizes, files)),
            is_estimate=sizes.is_estimate,
            trashed_runs=len(trashed),
            trash_bytes=weights.together(trashed),
            outside_bytes=_outside(project),
            runs=tuple(sorted(usages, key=lambda usage: -usage.size)[:runs]),
        )


def _parts(project: Project, store: Store, sizes: StoreSizes, files: list[ProjectFile]) -> list[Part]:
    by_role: defaultdict[str, list[ProjectFile]] = defaultdict(list)
    for file in files:
        by_role[file.role].append(file)
    parts = [_store_part(sizes, by_role["store"])] if by_role["store"] else []
    if by_role["blob"]:
        parts.append(_blobs_part(project, store, by_role["blob"]))
    for role, name in _ROLES.items():
        if by_role[role]:
            parts.append(Part(name, sum(file.size for file in by_role[role]), len(by_role[role])))
    return parts


def _store_part(sizes: StoreSizes, files: list[ProjectFile]) -> Part:
    size = sum(file.size for file in files)
    parts = [Part(name, taken) for name, taken in sizes.parts.items() if taken]
    parts.sort(key=lambda part: -part.size)
    if sizes.free:
        parts.append(Part("free", sizes.free))
    # While somebody writes, a part of the store stands only in the log, or is cut off the file later.
    if rest := size - sum(part.size for part in parts):
        parts.append(Part("still only in the log" if rest < 0 else "to be cut off", rest))
    return Part("store", size, len(files), tuple(parts))


def _blobs_part(project: Project, store: Store, files: list[ProjectFile]) -> Part:
    uses = store.blob_uses()
    digests = {file.path: digest for digest, file in look_into(project.blobs).files.items()}
    kinds: defaultdict[str, list[int]] = defaultdict(list)
    for file in files:
        use = uses.get(digests.get(file.path, ""))
        kinds[_KINDS[use.kind] if use else "strays"].append(file.size)
    order = [*_KINDS.values(), "strays"]
    parts = tuple(Part(name, sum(kinds[name]), len(kinds[name])) for name in order if kinds[name])
    return Part("files", sum(part.size for part in parts), len(files), parts)


def _outside(project: Project) -> int:
    folders = [folder.path for folder in journal_folders(project) if folder.is_fallback]
    return sum(path.stat().st_size for folder in folders if folder.is_dir() for path in folder.iterdir())
