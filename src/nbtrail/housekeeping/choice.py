"""Which runs are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from nbtrail.errors import InputError
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbtrail import records
    from nbtrail.store.protocol import Store
    from nbtrail.tracking import Run

    RunLike: TypeAlias = str | Run | records.Run
    Wanted: TypeAlias = RunLike | Iterable[RunLike]
    """One run or several: names, ids or run objects."""


def choose(store: Store, wanted: Wanted, where: str = "", *, trashed: bool) -> tuple[records.Run, ...]:
    """The runs that are named; or those that pass a filter, in the trash or out of it. Each comes once.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    FilterError
        The filter has a mistake.
    InputError
        There are neither names nor a filter, or both; or something is neither a name nor a run.
    """
    named, where = _listed(wanted), where.strip()
    if named and where:
        msg = "runs are named, and there is a filter too. Leave out one of them."
        raise InputError(msg)
    if where:
        # Names of runs in the trash are not among the known ones, so there they cannot be checked.
        condition = parse_filter(where, None if trashed else store.names())
        return tuple(store.runs(RunQuery(where=condition, trashed=trashed)))
    if not named:
        msg = "no run was named. Give names or ids of runs, or a filter."
        raise InputError(msg)
    found = {run.id: run for run in map(store.run, named)}
    return tuple(found.values())


def is_being_recorded(run: records.Run) -> bool:
    """Whether a live process is at it; a run whose process is gone is ``lost``."""
    return run.status == "running"


def _listed(wanted: Wanted) -> list[str]:
    if isinstance(wanted, str) or hasattr(wanted, "id"):
        return [_key(wanted)]
    return [_key(one) for one in wanted]


def _key(one: object) -> str:
    key = one if isinstance(one, str) else getattr(one, "id", None)
    if not isinstance(key, str):
        msg = f"{one!r} is no run. Give a run's name, its id, or the run itself."
        raise InputError(msg)
    return key
