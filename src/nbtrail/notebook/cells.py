"""One execution of one cell: what is known of it while it runs, and the records that it becomes."""

from __future__ import annotations

import asyncio
import re
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.facts import CellFacts
from nbtrail.changes import ExecutionEnded, ExecutionStarted
from nbtrail.ids import new_id
from nbtrail.records import Execution
from nbtrail.tracking import describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.records import ExecutionStatus
    from nbtrail.tracking import Run
    from nbtrail.tracking.recorder import Recorder

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a cell ended."""

    status: ExecutionStatus
    error: BaseException | None = None

    @property
    def text(self) -> str | None:
        """The exception in one line."""
        return None if self.error is None else describe(self.error)

    def line(self, namespace: dict[str, Any]) -> int | None:
        """The last line of the cell whose calls had begun when the exception came up; ``None`` where none did."""
        found, trace = None, self.error.__traceback__ if self.error is not None else None
        while trace is not None:
            if trace.tb_frame.f_globals is namespace and trace.tb_frame.f_code.co_name.startswith("<"):
                # Nothing below the cell's own frame: not even what the line calls has begun.
                found = trace.tb_lineno if trace.tb_next is not None else trace.tb_lineno - 1
            trace = trace.tb_next
        return found


@dataclass(slots=True, kw_only=True)
class Cell:
    """A cell that runs now."""

    number: int | None
    """The ``n`` of ``In[n]``."""
    cell_id: str | None
    source: str
    is_python: bool = True
    facts: CellFacts = field(default_factory=CellFacts)
    reads: tuple[str, ...] = ()
    """With what the functions that it calls read."""
    before: dict[str, Any] = field(default_factory=dict)
    """Numbers that names which it writes held at its start."""
    run: Run | None = None
    """Its own run, from ``%%track``."""
    nested: int = 0
    """Magics such as ``%%capture`` run a cell within the cell."""
    failed_in: int | None = None
    """The line in which it failed."""
    is_own: bool = False
    """It speaks to nbtrail (``%track status``), and what it prints is nbtrail's."""
    taken: set[str] = field(default_factory=set)
    """Metrics that need not be looked for at its end."""
    request: str | None = None
    """The message that asked a kernel for it."""
    thread_id: int = field(default_factory=threading.get_ident)
    """A kernel may run cells beside each other, in threads."""
    execution_id: str = field(default_factory=new_id)
    started: float = field(default_factory=time.time)
    recorders: dict[str, Recorder] = field(default_factory=dict)

    def join(self, recorder: Recorder, runs: Iterable[Run] = ()) -> None:
        """Record from now on, through this recorder too, that the cell runs, and as part of which runs."""
        run_ids = tuple(run.id for run in runs)
        if recorder.session_id in self.recorders and not run_ids:
            return
        self.recorders[recorder.session_id] = recorder
        recorder.execution_id = self.execution_id
        execution = Execution(
            id=self.execution_id,
            session_id=recorder.session_id,
            number=self.number,
            cell_id=self.cell_id,
            source=self.source,
            started=self.started,
            status="running",
        )
        recorder.append(ExecutionStarted(execution=execution, run_ids=run_ids))

    def leave(self, ending: Ending) -> None:
        """Record that the cell has ended."""
        for recorder in self.recorders.values():
            recorder.append(
                ExecutionEnded(
                    execution_id=self.execution_id,
                    at=time.time(),
                    status=ending.status,
                    error=ending.text,
                    reads=self.reads or self.facts.names.reads,
                    writes=self.facts.names.writes,
                )
            )
            recorder.execution_id = None

    def describe(self, error: BaseException) -> str:
        """An exception with the place where it ended the run: ``ValueError in [14]: shapes do not match``."""
        kind, colon, message = describe(error).partition(":")
        where = f" in [{self.number}]" if self.number is not None else ""
        return f"{kind}{where}{colon}{message}"


def ending_of(result: Any) -> Ending:
    """How a cell ended, from IPython's result; without one it was cancelled."""
    if result is None:
        return Ending("interrupted", KeyboardInterrupt())
    error = _as_raised(result.error_before_exec or result.error_in_exec)
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return Ending("ok")
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        return Ending("interrupted", error)
    return Ending("error", error)


def _as_raised(error: BaseException | None) -> BaseException | None:
    """What the cell raised: where no message can hold its text, the kernel's failure to send it stands in for it."""
    while isinstance(error, UnicodeEncodeError) and error.__context__ is not None and _is_of_kernel(error):
        error = error.__context__
    return error


def _is_of_kernel(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("jupyter_client.")


def traceback_text(shell: InteractiveShell, error: BaseException) -> str:
    """The traceback as the user saw it, without its colours."""
    shown = getattr(shell, "_last_traceback", None)
    lines = shown if isinstance(shown, list) else traceback.format_exception(error)
    return _COLOURS.sub("", "\n".join(str(line) for line in lines))
