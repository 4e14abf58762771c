"""What a forked child would inherit half done."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_PATIENCE_S: Final = 0.5
"""So long a fork waits at most: a transaction takes milliseconds, and one that waits for others has no lock."""


class _Blocks:
    """Those that are under way in this process, in whatever thread."""

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Be counted among them."""
        with self._state:
            self._count += 1
        try:
            yield
        finally:
            with self._state:
                self._count -= 1
                self._state.notify_all()

    def hold(self) -> None:
        """Let those under way end, and none begin."""
        self._state.acquire()
        self._state.wait_for(lambda: self._count == 0, _PATIENCE_S)

    def go_on(self) -> None:
        """Let others begin again."""
        self._state.release()

    def forget(self) -> None:
        """In a child there are none."""
        self._state, self._count = threading.Condition(), 0


_blocks: Final = _Blocks()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_blocks.hold, after_in_parent=_blocks.go_on, after_in_child=_blocks.forget)


def unforked() -> AbstractContextManager[None]:
    """A block in which no thread forks: in the child, locks of SQLite's and of imports would be held for ever.

    For whatever asks SQLite for something, and for imports in a thread of nbtrail's own.
    """
    return _blocks.one()
