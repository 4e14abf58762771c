"""Starting a run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nbtrail.changes import RunStarted
from nbtrail.ids import new_id
from nbtrail.notices import announce
from nbtrail.tracking.run import Run
from nbtrail.tracking.secrets import mask_text
from nbtrail.tracking.state import active_run, bare_run, process, project_of, recorder_for
from nbtrail.tracking.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbtrail.project import Project


def start_run(
    name: str | None = None,
    *,
    params: Mapping[str, object] | None = None,
    tags: Iterable[str] | str = (),
    note: str = "",
    project: Project | str | Path | None = None,
) -> Run:
    """Start a run.

    Parameters
    ----------
    name
        If another run of the project has it, a number is added (``depth-six-2``). If left out, an adjective and an
        animal.
    params, tags, note
        As ``Run.set_params``, ``Run.add_tags`` and ``Run.note`` take them.
    project
        A project, a path in one, or a new folder; the one of the notebook or of the working directory if left out.

    Returns
    -------
    Run
        A context manager: at the end of the block the run is ``finished``, ``failed`` or ``interrupted``. Within the
        block of another run, or in a notebook with ``%track``, that run is its parent. A run that was started without
        ``with`` and never finished is closed as ``interrupted``, with a message.
    """
    name = None if name is None else text_of(name).strip()
    run = begin_run(name, params=params, tags=tags, note=note, project=project)
    if name and run.name != name:
        announce(f"the name {name!r} is taken; this run is {run.name!r}.")
    return run


def begin_run(
    name: str | None,
    *,
    params: Mapping[str, object] | None = None,
    tags: Iterable[str] | str = (),
    note: str = "",
    project: Project | str | Path | None = None,
) -> Run:
    """``start_run`` without a word about a name that is taken: each execution of a tracked cell begins a run."""
    where = project_of(project, may_be_new=True)
    _close_stray()
    recorder = recorder_for(where)
    if process.on_recorder is not None:
        process.on_recorder(recorder)
    parent = active_run()
    claimed = recorder.names.claim(mask_text(name) if name else None)
    now = time.time()
    started = RunStarted(
        run_id=new_id(),
        name=claimed,
        session_id=recorder.session_id,
        at=now,
        utc_offset_s=time.localtime(now).tm_gmtoff,
        notebook=recorder.notebook,
        parent_id=parent.id if parent is not None and parent.project.url == where.url else None,
        execution_id=recorder.execution_id,
    )
    run = Run(recorder, started)
    recorder.append(started)
    with process.lock:
        process.open_runs.append(run)
        process.bare[threading.current_thread()] = run
    recorder.run_later(lambda: process.sampler.watch(run))
    recorder.environment.run_began(run.id)
    run.set_params(params or {})
    run.add_tags(() if tags is None else tags)
    if note:
        run.note(note)
    return run


def _close_stray() -> None:
    stray = bare_run()
    if stray is not None and stray.is_own:
        stray.finish("interrupted")
        announce(f"run {stray.name!r} was still open; it was closed as interrupted. `with nt.start_run()` closes runs.")
