"""Mending what can be mended without losing anything."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from nbtrail.errors import StoreError
from nbtrail.housekeeping.counting import counted
from nbtrail.housekeeping.journals import stray_journals
from nbtrail.housekeeping.recording import find_recording
from nbtrail.tracking.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project
    from nbtrail.store.upkeep import PurgedCounts


def repair(project: Project) -> Iterator[str]:
    """Mend a project: replay journals, make summaries agree with their points, drop rows that belong to nothing.

    It may be repeated, and stopped at any moment.

    Returns
    -------
    Iterator of str
        What was done, a line each; none when there was nothing to do.

    Raises
    ------
    StoreError
        The store cannot be written.
    """
    for stray in stray_journals(project):
        if stray.is_gone and not stray.count:
            shutil.rmtree(stray.folder, ignore_errors=True)
            yield f"removed the empty {stray.folder}"
    if not project.exists:
        return
    try:
        if count := recover(project):
            yield f"brought {counted(count, 'record')} of processes that died into the store"
    except OSError as error:
        yield f"journals were left as they are: {error}"
    store = project.open(read_only=False)
    try:
        if any(problem.is_damage for problem in store.problems()):
            message = f"{project.url} is damaged, and mending it might make that worse. Nothing was changed."
            raise StoreError(message)
        yield from store.mend()
        recording = find_recording(project, store)
        swept = store.sweep(over=recording.over, forgotten=recording.forgotten, is_recorded=bool(recording))
        if swept:
            yield f"dropped what belonged to no run: {_listed(swept)}"
    finally:
        store.close()


def _listed(swept: PurgedCounts) -> str:
    counts = {
        "cell": swept.executions,
        "cell's text": swept.sources,
        "environment": swept.environments,
        "description of data": swept.datasets,
        "session": swept.sessions,
    }
    return ", ".join(f"{number} × {noun}" for noun, number in counts.items() if number)
