"""Threads of our own, which must never stand in the way of the user's code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def begin_thread(work: Callable[[], None], name: str) -> threading.Thread | None:
    """A daemon thread that has begun to work.

    ``None`` where none can begin: there are too many, or the interpreter is on its way out (from Python 3.12 on).
    """
    thread = threading.Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread
