"""What differs between runs: params, metrics, data, code, environment, duration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail.errors import InputError
from nbtrail.reading.diff.code import code_differences
from nbtrail.reading.diff.difference import CellDiff, CodeLine, Delta, Diff, DiffRow
from nbtrail.reading.diff.rows import difference_rows
from nbtrail.records import BASELINE_TAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.frames import ProjectLike, RunLike
    from nbtrail.records import Run
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

__all__ = ["CellDiff", "CodeLine", "Delta", "Diff", "DiffRow", "diff", "diff_runs"]


def diff(*runs: RunLike, project: ProjectLike = None) -> Diff:
    """Say what differs between runs, at every level, what differs first.

    Parameters
    ----------
    runs
        Names, ids or run objects; two or more. The others are measured against the one with the tag ``baseline``,
        else against the first.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    Diff
        It shows itself as a table in notebooks and terminals; ``.rows``, ``.code``, ``.summary`` and ``.frame()``
        give it to programs.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    InputError
        Less than two different runs.
    """
    from nbtrail.reading.frames import find_runs
    from nbtrail.tracking import reader

    with reader(project) as reading:
        found = find_runs(reading.store, runs)
        if len(found) < 2:  # noqa: PLR2004 - a difference is between two
            msg = f"a difference needs two runs, and here is {len(found)}: nt.diff('swift-otter', 'calm-heron')"
            raise InputError(msg)
        return diff_runs(reading.store, found, reading.project.settings())


def diff_runs(store: Store, runs: Sequence[Run], settings: Settings, *, baseline: str | None = None) -> Diff:
    """Work out what differs between these runs; one alone differs in nothing.

    Parameters
    ----------
    runs
        At least one; their order is kept.
    baseline
        The id of the run among them that the others are measured against; if left out, the one that carries the tag
        (with several, the one started last), else the first.
    """
    place = _baseline(runs, baseline)
    code, cells = code_differences(store, runs, place)
    rows, datasets = difference_rows(store, runs, place, settings)
    return Diff(runs=tuple(runs), baseline=place, rows=rows, code=code, cells=cells, datasets=datasets)


def _baseline(runs: Sequence[Run], wanted: str | None) -> int:
    places = [place for place, run in enumerate(runs) if run.id == wanted]
    if places:
        return places[0]
    tagged = [place for place, run in enumerate(runs) if BASELINE_TAG in run.tags]
    return max(tagged, key=lambda place: runs[place].started, default=0)
