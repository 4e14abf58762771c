"""Moving runs into the trash and back, and what lies in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail.changes import RunEdited
from nbtrail.errors import InputError
from nbtrail.housekeeping.weights import Weights
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.project import Project
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

_BATCH = 500


@dataclass(frozen=True, slots=True)
class TrashedRun:
    """A run in the trash."""

    run: Run
    frees_bytes: int
    """Roughly what purging it alone would free."""


@dataclass(frozen=True, slots=True)
class Trash:
    """What lies in the trash, the latest first."""

    runs: tuple[TrashedRun, ...]
    frees_bytes: int
    """Roughly what purging all of it would free: more than the sum, where several share files."""


def move_to_trash(project: Project, wanted: Sequence[str] = (), *, where: str = "") -> tuple[Run, ...]:
    """Move runs into the trash: those named, and those that pass a filter. They can be restored until they are purged.

    Returns
    -------
    tuple of Run
        The runs that were moved; those that were in the trash already are not among them.

    Raises
    ------
    RunNotFoundError
        A run is not in the store; none was moved.
    FilterError
        The filter has a mistake.
    InputError
        Neither runs nor a filter were given.
    StoreError
        The store cannot be read or written.
    """
    return _edit(project, wanted, where, into_trash=True)


def restore(project: Project, wanted: Sequence[str] = (), *, where: str = "") -> tuple[Run, ...]:
    """Take runs out of the trash: those named, and those in it that pass a filter. See ``move_to_trash``."""
    return _edit(project, wanted, where, into_trash=False)


def _edit(project: Project, wanted: Sequence[str], where: str, *, into_trash: bool) -> tuple[Run, ...]:
    if not wanted and not where:
        msg = "no run was named. Give names or ids of runs, or a filter."
        raise InputError(msg)
    with reader(project) as reading:
        chosen = choose(reading.store, wanted, where, trashed=not into_trash)
    moved = tuple(run for run in chosen if (run.trashed is None) is into_trash)
    if moved:
        store = project.open(read_only=False)
        try:
            now = time.time() if into_trash else None
            changes = [RunEdited(run_id=run.id, field="trashed", value=now) for run in moved]
            for start in range(0, len(changes), _BATCH):
                store.apply(changes[start : start + _BATCH])
        finally:
            store.close()
    return moved


def choose(store: Store, wanted: Sequence[str], where: str, *, trashed: bool) -> tuple[Run, ...]:
    """The runs that are named, and those that pass a filter in the trash or out of it; each once.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    FilterError
        The filter has a mistake.
    """
    found = {run.id: run for run in map(store.run, wanted)}
    if where:
        # Names of runs in the trash are not among the known ones, so there they cannot be checked.
        condition = parse_filter(where, None if trashed else store.names())
        found |= {run.id: run for run in store.runs(RunQuery(where=condition, trashed=trashed))}
    return tuple(found.values())


def list_trash(project: Project) -> Trash:
    """What lies in the trash, and how much purging it would free.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    with reader(project) as reading:
        runs = sorted(reading.store.runs(RunQuery(trashed=True)), key=lambda run: -(run.trashed or 0))
        weights = Weights(project, reading.store)
        each = tuple(TrashedRun(run, weights.alone(run.id)) for run in runs)
        return Trash(each, weights.together([run.id for run in runs]))
