"""Telling the user something without ever raising into their code."""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from nbtrail.errors import NbtrailWarning

if TYPE_CHECKING:
    from types import FrameType

_PASSED_OVER: Final = {"nbtrail", "contextlib"}


def announce(message: str) -> None:
    """Show a message where the user looks.

    In a notebook it is a line of the cell's output: a warning would quote the line of nbtrail that gave it, and be
    gone where warnings are switched off. In a script it is an ``NbtrailWarning`` at the user's own line. Where warnings
    are made to raise, it is written to stderr.
    """
    message = encodable(message)
    with suppress(Exception):
        if _in_ipython():
            _write(message)
            return
        try:
            warnings.warn(message, NbtrailWarning, stacklevel=_level_of_caller())
        except NbtrailWarning:
            _write(message)


def encodable(text: str) -> str:
    """The text with question marks for halves of surrogate pairs: no encoding has bytes for them, and no front end."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _write(message: str) -> None:
    sys.stderr.write(f"nbtrail: {message}\n")


def _in_ipython() -> bool:
    ipython = sys.modules.get("IPython")
    get_ipython = getattr(ipython, "get_ipython", None)
    return get_ipython is not None and get_ipython() is not None


def _level_of_caller() -> int:
    """How far up from ``announce`` the first frame is that is not nbtrail's, as ``warnings`` counts."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - documented, and there is no other way in Python 3.11
    level = 1
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _PASSED_OVER:
        frame, level = frame.f_back, level + 1
    return level
