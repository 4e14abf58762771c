"""How housekeeping tells how far it is."""

from __future__ import annotations

from typing import Protocol


class OnProgress(Protocol):
    """Hears how far some work has come."""

    def __call__(self, what: str, done: int, total: int, /) -> None:
        """``done`` of ``total`` of the work that ``what`` names."""


def unheard(_what: str, _done: int, _total: int, /) -> None:
    """Nobody listens."""
