"""What one process is recording right now: the only state that a module of nbtrail holds."""

from __future__ import annotations

import atexit
import os
import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from nbtrail.project import Project, find_project, named_project
from nbtrail.tracking.system_metrics import Sampler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbtrail.tracking.recorder import Recorder
    from nbtrail.tracking.run import Run

entered_run: ContextVar[Run | None] = ContextVar("nbtrail_entered_run", default=None)
"""The innermost ``with`` run of this thread or task."""


@dataclass(slots=True)
class ProcessState:
    """What the process records, apart from the run of a ``with`` block."""

    notebook: Path | None = None
    kernel_id: str | None = None
    ambient: Run | None = None
    """The run of the whole notebook, from ``%track``."""
    bare: WeakKeyDictionary[threading.Thread, Run] = field(default_factory=WeakKeyDictionary)
    """By thread: the run that was started without ``with`` and has not been finished."""
    open_runs: list[Run] = field(default_factory=list)
    recorders: dict[str, Recorder] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    sampler: Sampler = field(default_factory=Sampler)
    """Measures the machine while runs are open."""
    on_recorder: Callable[[Recorder], None] | None = None
    """Called just before a run starts, with the recorder it will use: the notebook's cell joins it then."""


process = ProcessState()


def set_notebook(path: Path | None, kernel_id: str | None) -> None:
    """Say which notebook this kernel belongs to; recorders that begin afterwards bear it."""
    process.notebook = path
    process.kernel_id = kernel_id


def set_ambient(run: Run | None) -> None:
    """Make a run the one of the whole notebook; ``None`` ends that without finishing the run."""
    process.ambient = run
    if run is not None and bare_run() is run:
        forget_bare(run)


def bare_run() -> Run | None:
    """The run that this thread started without ``with`` and has not finished."""
    return process.bare.get(threading.current_thread())


def forget_bare(run: Run) -> None:
    """A run was entered by ``with``, became the notebook's, or is finished."""
    for thread in [thread for thread, one in tuple(process.bare.items()) if one is run]:
        process.bare.pop(thread, None)


def current_project() -> Project:
    """The project of this kernel's notebook, or of the working directory."""
    return find_project(process.notebook)


def project_of(project: Project | str | Path | None, *, may_be_new: bool = False) -> Project:
    """A project as it is; the one that a path names; the current one for ``None``."""
    if isinstance(project, Project):
        return project
    return named_project(project, may_be_new=may_be_new) if project else current_project()


def recorder_for(project: Project | None = None) -> Recorder:
    """The way of this process into a project's store; made at the first call."""
    from nbtrail.tracking.recorder import Recorder

    project = project or current_project()
    with process.lock:
        recorder = process.recorders.get(project.url)
        if recorder is None:
            notebook = project.relative(process.notebook) if process.notebook else None
            recorder = Recorder(project, notebook=notebook, kernel_id=process.kernel_id)
            process.recorders[project.url] = recorder
        return recorder


def active_run() -> Run | None:
    """The run that ``log`` calls outside a run belong to.

    The innermost ``with`` run of this thread; else one that was started without ``with``; else the notebook's. A worker
    thread without a run of its own sees the one that was opened last in its process.
    """
    run = entered_run.get()
    if run is None or run.status != "running":
        run = bare_run()
    if run is None and threading.current_thread() is not threading.main_thread():
        run = next(reversed(tuple(process.open_runs)), None)
    return run or process.ambient


def _forget_the_parent() -> None:
    """A forked child holds no connection, thread or lock of its parent; its runs log through a recorder of its own."""
    for recorder in process.recorders.values():
        recorder.is_of_parent = True
        recorder.lock = threading.RLock()  # a thread that is not here may hold the other one
    process.lock = threading.RLock()
    process.recorders = {}
    process.open_runs = []
    process.sampler = Sampler()
    process.on_recorder = None


def _say_goodbye() -> None:
    for run in reversed(tuple(process.open_runs)):
        run.finish_at_exit()
    for recorder in tuple(process.recorders.values()):
        recorder.close()
        process.recorders.pop(recorder.project.url, None)


atexit.register(_say_goodbye)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parent)
