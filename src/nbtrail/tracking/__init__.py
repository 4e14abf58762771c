"""Recording: runs, the journal, the writer, and reading back what was recorded."""

from nbtrail.tracking.curve import Curve
from nbtrail.tracking.progress_loop import progress
from nbtrail.tracking.reading import Reader, reader
from nbtrail.tracking.recovery import recover
from nbtrail.tracking.run import Run
from nbtrail.tracking.start import begin_run, start_run
from nbtrail.tracking.state import active_run, current_project, recorder_for, set_ambient, set_notebook
from nbtrail.tracking.summary import Snapshot
from nbtrail.tracking.values import describe

__all__ = [
    "Curve",
    "Reader",
    "Run",
    "Snapshot",
    "active_run",
    "begin_run",
    "current_project",
    "describe",
    "progress",
    "reader",
    "recorder_for",
    "recover",
    "set_ambient",
    "set_notebook",
    "start_run",
]
