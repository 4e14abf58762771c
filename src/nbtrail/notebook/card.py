"""The card below a tracked cell: a widget while the cell runs, a bundle that needs no kernel afterwards."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from nbtrail.errors import NbtrailError
from nbtrail.notebook.card_bundle import card_bundle
from nbtrail.notebook.card_state import card_state
from nbtrail.notebook.corrections import ignore, take_proposed
from nbtrail.notebook.outputs import OWN_DISPLAYS
from nbtrail.notices import announce

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from nbtrail.tracking import Run
    from nbtrail.widgets import LiveCard


class CardDisplay:
    """One run's card in the output of one cell.

    Parameters
    ----------
    run
        The run that it shows.
    kernel_id
        Jupyter's id of the kernel; ``None`` where there is no front end, and then the card is static from the start.
    is_live
        Show a widget while a cell runs. Otherwise the HTML is replaced, which reaches also a card that an earlier cell
        has put out.
    """

    def __init__(self, run: Run, *, kernel_id: str | None, is_live: bool) -> None:
        self.run = run
        self.cell: int | None = None
        """The ``n`` of the ``In[n]`` that runs, or ran last."""
        self.message: str | None = None
        """Something to say below the rest."""
        self._kernel_id = kernel_id
        self._is_live = is_live and kernel_id is not None
        self._lock = threading.Lock()
        self._handle: DisplayHandle | None = None
        self._widget: LiveCard | None = None
        self._shown: dict[str, Any] = {}
        self._changes = -1

    @property
    def is_widget(self) -> bool:
        """Whether a widget shows it now."""
        return self._widget is not None

    def show(self, cell: int | None) -> None:
        """Put the card out below the cell that runs now."""
        from IPython.display import display

        self.cell = cell
        display_id = f"{OWN_DISPLAYS}{self.run.id}"
        with self._lock:
            self._changes = self.run.changes
            self._shown = self._state()
            self._widget = self._make_widget() if self._is_live else None
            if self._widget is not None:
                self._handle = display(self._widget, display_id=display_id)
            else:
                self._handle = display(self._bundle(self._shown), raw=True, display_id=display_id)

    def paint(self) -> None:
        """Show the present state if it is another than the one shown."""
        with self._lock:
            changes = self.run.changes
            state = self._state()
            if state == self._shown or self._handle is None:
                return
            self._changes, self._shown = changes, state
            if self._widget is not None:
                self._widget.state = state
            else:
                self._handle.update(self._bundle(state), raw=True)

    def paint_changes(self) -> None:
        """Paint if the run has changed since; else, as after most cells, this costs nothing."""
        if self.run.changes != self._changes:
            self.paint()

    def settle(self) -> None:
        """The cell has ended: leave what a saved notebook shows without a kernel."""
        with self._lock:
            state = self._state()
            if self._handle is not None and (state != self._shown or self._widget is not None):
                self._shown = state
                self._handle.update(self._bundle(state), raw=True)

    def close(self) -> None:
        """Let the widget go; what it shows now stays."""
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.close()

    def _make_widget(self) -> LiveCard | None:
        try:
            from nbtrail.widgets import LiveCard

            return LiveCard(on_action=self._act, state=self._shown)
        except Exception as error:  # noqa: BLE001 - without widgets the card is static, and the cell runs
            announce(f"the live card cannot be shown ({type(error).__name__}: {error}); a static one stands in for it.")
            return None

    def _act(self, action: str, text: str) -> None:
        if action == "tag" and text:
            self.run.add_tags(text)
        elif action == "note":
            self.run.note(text)
        elif action == "stop":
            self.run.finish()
        elif action in {"watch", "ignore"} and text:
            self._correct(action, text)
        self.settle()

    def _correct(self, action: str, name: str) -> None:
        try:
            if action == "ignore":
                ignore([name], self.run)
            else:
                take_proposed(name, self.run)
        except NbtrailError as error:
            self.message = str(error)

    def _state(self) -> dict[str, Any]:
        return card_state(self.run.snapshot(), cell=self.cell, kernel_id=self._kernel_id, message=self.message)

    def _bundle(self, state: dict[str, Any]) -> dict[str, Any]:
        return card_bundle(state, now=time.time())
