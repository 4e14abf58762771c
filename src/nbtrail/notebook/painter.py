"""One thread that keeps the cards of a notebook up to date while runs go on."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final, Protocol

from nbtrail.machine.threads import begin_thread

_WIDGET_S: Final = 0.25
_HTML_S: Final = 1.0


class Painted(Protocol):
    """What is kept up to date."""

    @property
    def is_widget(self) -> bool:
        """Whether it can be painted often; HTML is replaced as a whole, and is so about once a second."""

    def paint(self) -> None:
        """Show the present state if it is another than the one shown."""


class Painter:
    """Paints what it is given, again and again, also between cells. To a cell it costs next to nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: list[Painted] = []
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, card: Painted) -> None:
        """Keep a card up to date from here on; a second call changes nothing."""
        with self._lock:
            if card in self._cards:
                return
            self._cards.append(card)
            if self._thread is None or not self._thread.is_alive():
                self._thread = begin_thread(self._paint, "nbtrail-cards")
        # The thread may be in the middle of the longer wait that HTML is content with.
        self._wake.set()

    def drop(self, card: Painted) -> None:
        """Let a card be; with the last one the thread ends."""
        with self._lock:
            if card in self._cards:
                self._cards.remove(card)
        self._wake.set()

    def _paint(self) -> None:
        while cards := self._left():
            self._wake.clear()
            self._wake.wait(_WIDGET_S if any(card.is_widget for card in cards) else _HTML_S)
            for card in self._left():
                # A front end that is gone must not end the run; the next turn tries again.
                with suppress(Exception):
                    card.paint()

    def _left(self) -> tuple[Painted, ...]:
        with self._lock:
            if not self._cards:
                self._thread = None
            return tuple(self._cards)
