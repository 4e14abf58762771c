"""Removing what is in the trash for good, and giving its space back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.errors import InputError
from nbtrail.housekeeping.blob_sweep import sweep_blobs
from nbtrail.housekeeping.choice import choose, is_being_recorded
from nbtrail.housekeeping.folder import folder_bytes
from nbtrail.housekeeping.progress import unheard
from nbtrail.housekeeping.recording import find_recording
from nbtrail.housekeeping.weights import Weights
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter
from nbtrail.store.upkeep import PurgedCounts
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.housekeeping.blob_sweep import Sweep
    from nbtrail.housekeeping.choice import Wanted
    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.project import Project
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

_FIRST_BATCH: Final = 16
_MOST_A_BATCH: Final = 4096
_BATCH_S: Final = 0.25
"""How long one transaction may hold up those who write; the size of the next one follows from the last."""


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What a purge would remove."""

    runs: tuple[Run, ...]
    frees_bytes: int
    """Roughly; files that nothing refers to any more come on top."""
    recorded: tuple[Run, ...] = ()
    """Left out, because they are still being recorded."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed."""

    counts: PurgedCounts
    files: Sweep
    freed_bytes: int
    """By how much removing made the project's files smaller on the disk; negative where others wrote more meanwhile."""
    tidied_bytes: int
    """By how much they had become smaller before that: the write-ahead log, and what earlier purges had left free."""
    kept_bytes: int
    """Free within the store, to be used by later records."""
    is_recorded: bool
    """Somebody may have been recording meanwhile."""


def plan_purge(
    project: Project, wanted: Wanted | None = None, *, older_than_s: float | None = None, running: bool = False
) -> PurgePlan:
    """Say what a purge would remove; nothing is changed.

    Parameters
    ----------
    project
        The project.
    wanted
        A name, an id or a run object of the trash, or several; all of it if left out.
    older_than_s
        Only what was moved into the trash at least so long ago.
    running
        Also runs that are still being recorded. What their processes log from then on is passed over, and they do not
        notice. Else these runs are left out, and ``PurgePlan.recorded`` has them.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    InputError
        A run is not in the trash, or none was named.
    StoreError
        The store cannot be read.
    """
    with reader(project) as reading:
        store = reading.store
        runs = tuple(store.runs(RunQuery(trashed=True))) if wanted is None else choose(store, wanted, trashed=True)
        if outside := [run.name for run in runs if run.trashed is None]:
            msg = f"{', '.join(outside)}: not in the trash. `nbtrail trash {outside[0]}` moves it there first."
            raise InputError(msg)
        limit = time.time() - (older_than_s or 0)
        runs = tuple(run for run in runs if older_than_s is None or (run.trashed or 0) <= limit)
        recorded = () if running else tuple(filter(is_being_recorded, runs))
        runs = tuple(run for run in runs if run not in recorded)
        return PurgePlan(runs, Weights(project, store).together([run.id for run in runs]), recorded)


def purge(project: Project, plan: PurgePlan, *, on_progress: OnProgress = unheard) -> Purged:
    """Remove runs for good, then files that nothing refers to, and give the space back.

    It may be stopped at any moment, also by a kill, and be repeated: what is left is whole, and the next purge goes on.
    Runs of the plan that were restored meanwhile stay, and so do lost ones whose process has come back. Others may
    record all the time.

    Parameters
    ----------
    project
        The project.
    plan
        What to remove; a plan without runs removes only what earlier purges or crashes left behind.
    on_progress
        Hears how far it is.

    Raises
    ------
    StoreError
        The store cannot be written.
    OSError
        A file cannot be removed.
    """
    untidy = folder_bytes(project)
    store = project.open(read_only=False)
    try:
        # First, so that it does not count as freed by removing runs.
        store.compact()
        before = folder_bytes(project)
        recording = find_recording(project, store)
        used = store.blob_uses().keys()
        counts = _purge_runs(store, _still_to_go(store, plan), recording.sessions, on_progress)
        counts += store.sweep(over=recording.over, forgotten=recording.forgotten, is_recorded=bool(recording))
        freed = used - store.blob_uses().keys()
        files = sweep_blobs(project, store, freed=freed, on_progress=on_progress)
        kept = store.compact(
            thorough=not recording,
            on_step=lambda done, total: on_progress("giving space back", done, total),
        )
    finally:
        store.close()
    return Purged(counts, files, before - folder_bytes(project), untidy - before, kept, bool(recording))


def _still_to_go(store: Store, plan: PurgePlan) -> list[str]:
    """The runs of the plan, without those that have begun to be recorded again since: a machine may have slept."""
    running = RunQuery(where=parse_filter("running"), trashed=True)
    back = {run.id for run in store.runs(running)} - {run.id for run in filter(is_being_recorded, plan.runs)}
    return [run.id for run in plan.runs if run.id not in back]


def _purge_runs(
    store: Store, run_ids: Sequence[str], recording: frozenset[str], on_progress: OnProgress
) -> PurgedCounts:
    counts, done, batch = PurgedCounts(), 0, _FIRST_BATCH
    while done < len(run_ids):
        began = time.monotonic()
        counts += store.purge(run_ids[done : done + batch], recording=recording)
        done = min(done + batch, len(run_ids))
        on_progress("purging runs", done, len(run_ids))
        took_s = time.monotonic() - began
        batch = max(1, min(_MOST_A_BATCH, int(batch * min(2.0, _BATCH_S / max(took_s, 1e-3)))))
        # Those who wait for the lock look for it only now and then.
        time.sleep(min(0.01, took_s))
    return counts
