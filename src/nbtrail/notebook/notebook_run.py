"""The run of a whole notebook: from ``%track`` to ``%track stop``, across its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail.notebook.card import CardDisplay
from nbtrail.tracking import set_ambient, start_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbtrail.notebook.painter import Painter


class NotebookRun:
    """A run that goes on from cell to cell, and its card.

    Parameters
    ----------
    name, tags, note
        The run's.
    kernel_id
        Jupyter's id of the kernel; ``None`` outside of one.
    painter
        Keeps the card up to date.
    """

    def __init__(
        self, name: str | None, *, tags: Iterable[str], note: str, kernel_id: str | None, painter: Painter
    ) -> None:
        self.run = start_run(name, tags=tuple(tags), note=note)
        set_ambient(self.run)
        self.bound: set[str] = set()
        """Names that its cells have bound."""
        self.started_in: int | None = None
        """The ``n`` of the cell in which it began."""
        self._card = CardDisplay(self.run, kernel_id=kernel_id, is_live=False)
        # In a terminal a display cannot be replaced, only printed again.
        self._painter = painter if kernel_id is not None else None

    @property
    def goes_on(self) -> bool:
        """Whether it has not been finished."""
        return self.run.status == "running"

    def show(self, cell: int | None) -> None:
        """Put the card out below the cell that runs now."""
        self._card.show(cell)
        if self._painter is not None:
            self._painter.add(self._card)

    def follow(self, cell: int | None) -> None:
        """A cell begins."""
        self._card.cell = cell

    def after_cell(self) -> None:
        """A cell has ended: what it has changed is shown before the kernel goes on to the next one."""
        if self._painter is not None:
            self._card.paint_changes()

    def settle(self) -> None:
        """Leave the card as it is now."""
        if self._painter is not None:
            self._painter.drop(self._card)
        self._card.settle()
