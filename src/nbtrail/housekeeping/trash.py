"""Moving runs into the trash and back, and what lies in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail.changes import RunEdited
from nbtrail.housekeeping.choice import choose, is_being_recorded
from nbtrail.housekeeping.weights import Weights
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from nbtrail.housekeeping.choice import Wanted
    from nbtrail.project import Project
    from nbtrail.records import Run

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
    """Roughly what purging it would free, without runs that are still being recorded: more than the sum of the others,
    where several share files."""


def move_to_trash(project: Project, wanted: Wanted = (), *, where: str = "") -> tuple[Run, ...]:
    """Move runs into the trash. They can be restored until they are purged, and one that is being recorded goes on.

    Parameters
    ----------
    project
        The project.
    wanted
        A name, an id or a run object, or several.
    where
        Instead: those that pass a filter, such as ``metrics.acc < 0.5``.

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
        Neither runs nor a filter were given, or both.
    StoreError
        The store cannot be read or written.
    """
    return _edit(project, wanted, where, into_trash=True)


def restore(project: Project, wanted: Wanted = (), *, where: str = "") -> tuple[Run, ...]:
    """Take runs out of the trash: those named, or those in it that pass a filter. See ``move_to_trash``."""
    return _edit(project, wanted, where, into_trash=False)


def _edit(project: Project, wanted: Wanted, where: str, *, into_trash: bool) -> tuple[Run, ...]:
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
        return Trash(each, weights.together([run.id for run in runs if not is_being_recorded(run)]))
