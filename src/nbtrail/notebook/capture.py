"""The capture: every cell while a run is active, its params and metrics, its loops, its outputs, its card.

Nothing here changes what a cell does, prints or raises. What fails turns itself off and says so once.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from nbtrail.changes import OutputKept
from nbtrail.notebook.cell_magic import find_cell_magic
from nbtrail.notebook.cell_reader import CellReader
from nbtrail.notebook.cell_run import CellRun
from nbtrail.notebook.cells import ending_of, traceback_text
from nbtrail.notebook.data import Data
from nbtrail.notebook.interrupts import InterruptHeld
from nbtrail.notebook.notebook_run import NotebookRun
from nbtrail.notebook.outputs import PRINTED, OutputCollector, request_of
from nbtrail.notebook.painter import Painter
from nbtrail.notebook.safety import Parts
from nbtrail.notebook.secret_names import SecretNames
from nbtrail.notebook.values import Values
from nbtrail.tracking import set_ambient
from nbtrail.tracking.state import bare_run, process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.notebook.card import CardDisplay
    from nbtrail.notebook.cells import Cell, Ending
    from nbtrail.notebook.grammar import Command
    from nbtrail.records import Output
    from nbtrail.tracking import Run
    from nbtrail.tracking.recorder import Recorder

CELLS: Final = "the capture of cells"
VALUES: Final = "the capture of params and metrics"
OUTPUTS: Final = "the capture of outputs"
LOOPS: Final = "--each-step"
DATA: Final = "the capture of data"
CARD: Final = "the live card"
_CARDS: Final = 8


class Capture:
    """Hooks of one shell.

    Parameters
    ----------
    shell
        The shell whose cells are captured.
    kernel_id
        Jupyter's id of the kernel; ``None`` outside of one.
    """

    def __init__(self, shell: InteractiveShell, *, kernel_id: str | None) -> None:
        self.parts = Parts()
        self.values = Values(shell.user_ns, self.parts)
        self._data = Data(shell.user_ns)
        self._reader = CellReader(shell)
        self._secrets = SecretNames(shell.user_ns)
        self.cell: Cell | None = None
        self._shell = shell
        self._kernel_id = kernel_id
        self._process_id = os.getpid()
        self._outputs = OutputCollector(shell, lambda error: self.parts.fail(OUTPUTS, error))
        self._painter = Painter()
        self._cell_run: CellRun | None = None
        self._notebook_run: NotebookRun | None = None
        self._waiting: list[Callable[[], None]] = []
        self._cards: deque[CardDisplay] = deque()
        self._is_attached = False
        self._is_leaving = False

    # --- coming and going ---

    def attach(self) -> None:
        """Listen to the shell's cells; a second call changes nothing."""
        self._is_leaving = False
        if self._is_attached:
            return
        self._is_attached = True
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        process.on_recorder = self._on_recorder

    def detach(self) -> None:
        """Take away all that ``attach`` and the cells have added."""
        if not self._is_attached:
            return
        self._is_attached = self._is_leaving = False
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._outputs.remove()
        if self._cell_run is not None:
            self._cell_run.leave_loops(self._shell)
        process.on_recorder = None
        self.cell = None

    def leave(self) -> None:
        """Detach when the cell that runs now has ended."""
        self._is_leaving = True
        if self.cell is None:
            self.detach()

    @property
    def is_on(self) -> bool:
        """Whether the cells after this one are listened to."""
        return self._is_attached and not self._is_leaving

    def look_back(self) -> None:
        """Learn the literals of the cells that ran before, and know the cell that runs now."""
        self.parts.run(CELLS, self._look_back, None)

    def _look_back(self) -> None:
        for number, facts in self._reader.facts_before():
            self.values.remember(facts, number, completed=False)
        self.cell = self._reader.cell_now()

    # --- runs ---

    @property
    def run(self) -> Run | None:
        """The run that params and metrics are inferred for: the cell's, else the notebook's."""
        if self.cell is not None and self.cell.run is not None:
            return self.cell.run
        return self.ambient

    def later(self, job: Callable[[], None]) -> None:
        """Do something before the next cell begins."""
        self._waiting.append(job)

    @property
    def started_in(self) -> int | None:
        """The ``n`` of the cell in which the notebook's run began."""
        return self._notebook_run.started_in if self._notebook_run is not None else None

    @property
    def bound(self) -> frozenset[str]:
        """Names that the cells of the notebook's run have bound, and those that the cell which runs now binds."""
        bound = self._notebook_run.bound if self._notebook_run is not None else set()
        return frozenset(bound).union(self.cell.facts.names.writes if self.cell is not None else ())

    @property
    def has_front_end(self) -> bool:
        """Whether a kernel runs this shell, so that widgets may be shown."""
        return self._kernel_id is not None

    @property
    def ambient(self) -> Run | None:
        """The run of the whole notebook while it goes on."""
        run = self._notebook_run
        return run.run if run is not None and run.goes_on else None

    def start(self, name: str | None = None, *, tags: Iterable[str] = (), note: str = "") -> Run:
        """Begin a run of the whole notebook with the cell that runs now, in place of the one before."""
        self.stop()
        self.attach()
        began = NotebookRun(name, tags=tags, note=note, kernel_id=self._kernel_id, painter=self._painter)
        self._notebook_run = began
        if self.cell is not None:
            began.started_in = self.cell.number
            self._propose_params(self.cell, began.run)
        self.show_card()
        return began.run

    def stop(self) -> Run | None:
        """Finish the notebook's run with what the cell has computed up to here; gives that run."""
        ending, self._notebook_run = self._notebook_run, None
        if ending is None:
            return None
        if not ending.goes_on:
            self.parts.run(CARD, ending.settle, None)
            return None
        if self.cell is not None and self.cell.run is None:
            self._propose_metrics(self.cell, ending.run, completed=False)
        ending.run.finish()
        self.parts.run(CARD, ending.settle, None)
        return ending.run

    def show_card(self) -> None:
        """Put the card of the notebook's run out below the cell that runs now."""
        shown, number = self._notebook_run, self.cell.number if self.cell else None
        if shown is not None:
            self.parts.run(CARD, lambda: shown.show(number), None)

    def _on_recorder(self, recorder: Recorder) -> None:
        """A run starts: the cell that runs now belongs to it."""
        cell = self.cell
        if cell is not None and os.getpid() == self._process_id:
            self.parts.run(CELLS, lambda: self._join(cell, recorder), None)

    def _join(self, cell: Cell, recorder: Recorder, runs: Iterable[Run] = ()) -> None:
        if not cell.recorders:
            self._secrets.remember()
            self._outputs.install()
            self._outputs.begin()
        cell.join(recorder, runs)

    # --- a cell begins ---

    def _before(self, info: Any) -> None:
        with InterruptHeld(again=True):
            self._before_cell(info)

    def _before_cell(self, info: Any) -> None:
        if self.parts.run(CELLS, lambda: self._is_no_cell_of_its_own(info), False):  # noqa: FBT003 - what stands for it
            return
        self.cell = None
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            self.parts.run(CARD, job, None)
        self.parts.run(CELLS, lambda: self._begin(info), None)

    def _is_no_cell_of_its_own(self, info: Any) -> bool:
        """Whether it runs within the cell that runs now, beside it, or for a front end and not for the user."""
        cell = self.cell
        if cell is None:
            return not info.store_history and find_cell_magic(info.raw_cell) is None
        if cell.thread_id != threading.get_ident() and threading.current_thread() is not threading.main_thread():
            return True
        is_within = not info.store_history or (cell.request is not None and cell.request == request_of(self._shell))
        cell.nested += is_within
        return is_within

    def _begin(self, info: Any) -> None:
        number = self._shell.execution_count - 1 if info.store_history else None
        transformed = getattr(info, "transformed_cell", None) or self._shell.transform_cell(info.raw_cell)
        cell = self.cell = self._reader.read(info.raw_cell, transformed, number, getattr(info, "cell_id", None))
        for run in {run.id: run for run in (self.ambient, bare_run()) if run is not None}.values():
            self._join(cell, run.recorder, [run])
        command = find_cell_magic(info.raw_cell)
        if command is not None and cell.is_python:
            self._start_cell_run(cell, command)
        elif self._notebook_run is not None:
            self._notebook_run.follow(cell.number)
        if self.run is not None:
            self._propose_params(cell, self.run)
            self._look_at_data(self._data.look, cell, self.run)

    def _start_cell_run(self, cell: Cell, command: Command) -> None:
        started = self._cell_run = CellRun(cell, command, kernel_id=self._kernel_id)
        self._keep_card(started.card)
        self.parts.run(CARD, lambda: started.card.show(cell.number), None)
        if self.has_front_end:
            self._painter.add(started.card)
        self.parts.run(LOOPS, lambda: started.follow_loops(self._shell, lambda e: self.parts.fail(LOOPS, e)), None)

    def _keep_card(self, card: CardDisplay) -> None:
        """A card's buttons work for a while after its cell has ended, but not every widget is kept for ever."""
        self._cards.append(card)
        if len(self._cards) > _CARDS:
            self.parts.run(CARD, self._cards.popleft().close, None)

    # --- a cell ends ---

    def _after(self, result: Any) -> None:
        with InterruptHeld(again=False):
            self._after_cell(result)

    def _after_cell(self, result: Any) -> None:
        cell = self.cell
        if cell is None or cell.thread_id != threading.get_ident():
            return
        if cell.nested:
            cell.nested -= 1
            return
        ending = ending_of(result)
        shown = getattr(result, "result", None)
        self.parts.run(CELLS, lambda: self._end(cell, ending, shown), None)
        if CELLS in self.parts.off:
            self._let_go(cell, ending)
        self.cell = None
        if self._is_leaving:
            self.detach()

    def _end(self, cell: Cell, ending: Ending, shown: object) -> None:
        own, completed = self._cell_run, ending.status == "ok"
        if own is not None:
            own.leave_loops(self._shell)
        if self._notebook_run is not None:
            self._notebook_run.bound.update(cell.facts.names.writes)
        run = self.run
        if run is not None:
            cell.failed_in = None if completed else ending.line(self._shell.user_ns) or 0
            self._propose_metrics(cell, run, completed=completed, shown=shown)
            self._look_at_data(self._data.look_again, cell, run)
        if own is not None and completed:
            own.say_missing()
        self.values.remember(cell.facts, cell.number, completed=completed)
        if cell.recorders:
            self._keep_outputs(cell, ending)
            cell.leave(ending)
        self._end_run(ending)

    def _end_run(self, ending: Ending) -> None:
        own, self._cell_run = self._cell_run, None
        if own is not None:
            own.finish(ending)
            set_ambient(self.ambient)
            self._painter.drop(own.card)
            if self._outputs.was_cleared:
                self.parts.run(CARD, own.show_again, None)
            self.parts.run(CARD, own.card.settle, None)
        if self._notebook_run is not None:
            self.parts.run(CARD, self._notebook_run.after_cell, None)

    def _let_go(self, cell: Cell, ending: Ending) -> None:
        """The capture failed in this cell: nothing of it stays open."""
        own, self._cell_run = self._cell_run, None
        if own is not None:
            own.leave_loops(self._shell)
            self._painter.drop(own.card)
            own.give_up()
            set_ambient(self.ambient)
        cell.leave(ending)

    def _keep_outputs(self, cell: Cell, ending: Ending) -> None:
        failed = ending.error if ending.status != "ok" else None
        text = traceback_text(self._shell, failed) if failed is not None else None

        def keep() -> None:
            self._secrets.remember()
            recorder, *others = cell.recorders.values()
            outputs = self._outputs.finish(cell.execution_id, recorder.blobs, error=text)
            self._read_printed(cell, outputs)
            for one in (recorder, *others):
                one.append(*(OutputKept(output=output) for output in outputs))

        self.parts.run(OUTPUTS, keep, None)

    # --- params and metrics ---

    def _read_printed(self, cell: Cell, outputs: Iterable[Output]) -> None:
        run = self.run
        text = "".join(one.text for one in outputs if one.mime == PRINTED and one.text)
        if run is not None and text and not cell.is_own:
            self.parts.run(VALUES, lambda: self.values.read_printed(cell, run, text), None)

    def _propose_params(self, cell: Cell, run: Run) -> None:
        self.parts.run(VALUES, lambda: self.values.before(cell, run), None)

    def _propose_metrics(self, cell: Cell, run: Run, *, completed: bool, shown: object = None) -> None:
        self.parts.run(VALUES, lambda: self.values.after(cell, run, shown, completed=completed), None)

    def _look_at_data(self, look: Callable[[Cell, Run], None], cell: Cell, run: Run) -> None:
        self.parts.run(DATA, lambda: look(cell, run), None)
