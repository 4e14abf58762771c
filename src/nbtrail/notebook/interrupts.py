"""Ctrl-C, and the stop button, while tracking is at work before or after a cell."""

from __future__ import annotations

import _thread
import signal
import threading
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_SOON_S: Final = 0.02


class InterruptHeld:
    """Holds an interrupt back for the length of a block.

    IPython swallows what a hook raises, an interrupt too: it would be lost, and the hook's work half done.

    Parameters
    ----------
    again
        Interrupt the cell soon after the block, once its code runs; else the interrupt is dropped, as one that comes
        between two cells is.
    """

    def __init__(self, *, again: bool) -> None:
        self._again = again
        self._came = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is None:
            return
        signal.signal(signal.SIGINT, self._before)
        if self._came and self._again:
            timer = threading.Timer(_SOON_S, _thread.interrupt_main)
            timer.daemon = True
            timer.start()

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._came = True
