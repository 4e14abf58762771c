"""The run of one cell: ``%%track``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail.notebook.card import CardDisplay
from nbtrail.notebook.grammar import EACH_STEP, step_names
from nbtrail.notebook.loops import FollowedLoops, say_missing
from nbtrail.tracking import begin_run, set_ambient

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.notebook.cells import Cell, Ending
    from nbtrail.notebook.grammar import Command


class CellRun:
    """A run that begins and ends with its cell, its card and its loops.

    Parameters
    ----------
    cell
        The cell that begins now.
    command
        What its ``%%track`` line says.
    kernel_id
        Jupyter's id of the kernel; ``None`` outside of one.
    """

    def __init__(self, cell: Cell, command: Command, *, kernel_id: str | None) -> None:
        name = command.words[0] if command.words else None
        self.run = begin_run(name, tags=command.options.get("--tag", ()), note=command.option("--note") or "")
        self.card = CardDisplay(self.run, kernel_id=kernel_id, is_live=True)
        self._cell = cell
        self._command = command
        self._loops: FollowedLoops | None = None
        cell.run = self.run
        set_ambient(self.run)
        if name is not None and self.run.name != name:
            self.card.message = f"The name {name!r} is taken; this run is {self.run.name!r}."

    def follow_loops(self, shell: InteractiveShell, on_failure: Callable[[BaseException], None]) -> None:
        """Follow the cell's loops, if its line asks for it."""
        if EACH_STEP not in self._command.options:
            return
        self._loops = FollowedLoops(
            self.run,
            cell=self._cell.execution_id,
            wanted=step_names(self._command),
            ignored=frozenset(self.run.project.settings().ignore),
            on_message=lambda text: setattr(self.card, "message", text),
            on_failure=on_failure,
        )
        self._loops.install(shell)

    def leave_loops(self, shell: InteractiveShell) -> None:
        """The cell's code has ended: its loops are no longer followed, and what they recorded is not looked for."""
        if self._loops is not None:
            self._loops.remove(shell)
            self._cell.taken |= self._loops.recorded

    def say_missing(self) -> None:
        """Say on the card which of the names that were asked for no loop has bound."""
        if self._loops is None:
            return
        known = self.run.metric_origins()
        missing = tuple(name for name in self._loops.missing if name not in known)
        if missing:
            self.card.message = say_missing(missing)

    def finish(self, ending: Ending) -> None:
        """End the run as its cell ended."""
        if ending.status == "ok":
            self.run.finish()
        elif ending.status == "interrupted":
            self.run.finish("interrupted")
        elif ending.error is not None:
            self.run.finish("failed", self._cell.describe(ending.error))

    def show_again(self) -> None:
        """The cell cleared its outputs, and the card with them: put it out once more."""
        self.card.close()
        self.card.show(self._cell.number)

    def give_up(self) -> None:
        """The capture of the cell failed: the run does not stay open."""
        self.run.finish("interrupted", "the capture of this cell failed")
