"""What ``%track status`` says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbtrail.errors import StoreError
from nbtrail.reading.text import format_duration, format_number, format_origin, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbtrail.project import Project
    from nbtrail.tracking import Run


def status_text(project: Project, run: Run | None, parts_off: Mapping[str, str], *, is_on: bool = True) -> str:
    """The project, its store, the run, and each captured name with the reason why.

    Parameters
    ----------
    project
        The notebook's.
    run
        The run that goes on.
    parts_off
        Parts of the capture that failed, and how.
    is_on
        Whether cells are captured: not so after ``%track off``.
    """
    return "\n".join(_lines(project, run, parts_off, is_on=is_on))


def _lines(project: Project, run: Run | None, parts_off: Mapping[str, str], *, is_on: bool) -> Iterator[str]:
    yield f"project  {project.name} ({project.root})"
    yield f"store    {project.url}{'' if project.exists else ' (not there yet)'}"
    yield from (f"trouble  {problem}" for problem in _problems(project))
    if not is_on:
        yield "tracking is off; `%track` or `%%track` switches it on again"
    for part, reason in parts_off.items():
        yield f"off      {part}: {reason}"
    if run is None:
        yield "run      none; `%track` begins one"
        return
    snapshot = run.snapshot()
    yield f"run      {run.name} ({snapshot.status} for {format_duration(time.time() - snapshot.started)})"
    if snapshot.tags:
        yield f"tags     {', '.join(snapshot.tags)}"
    if snapshot.note:
        yield f"note     {snapshot.note}"
    for param in snapshot.params:
        yield f"param    {param.key} = {format_value(param.value)}  ({format_origin(param.origin, param.reason)})"
    for metric in snapshot.metrics:
        yield f"metric   {metric.key} = {format_number(metric.last)}  ({format_origin(metric.origin, metric.reason)})"
    for one in snapshot.proposed:
        yield f"maybe    {one.key} = {format_number(one.value)}  ({one.reason}; `%track watch {one.key}` takes it)"


def _problems(project: Project) -> Iterator[str]:
    settings = project.settings_problem()
    if settings is not None:
        yield str(settings)
    if not project.exists:
        return
    try:
        project.open(read_only=True).close()
    except StoreError as error:
        yield str(error)
