"""Telling the user something without ever raising into their code."""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from nbtrail.errors import NbtrailWarning, is_users_code

if TYPE_CHECKING:
    from types import FrameType


def announce(message: str) -> None:
    """Show a message where the user looks.

    In a notebook it is a line of the cell's output: a warning would quote the line of nbtrail that gave it, and be
    gone where warnings are switched off. In a script it is an ``NbtrailWarning`` at the user's own line, or, where none
    of theirs led here, at the script as a whole. Where warnings are made to raise, it is written to stderr.
    """
    message = encodable(message)
    with suppress(Exception):
        if _in_ipython():
            _write(message)
            return
        try:
            _warn(message)
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


def _warn(message: str) -> None:
    """Warn at the innermost line of the user's; where there is none, as in a thread of nbtrail, at their script."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - documented, and there is no other way in Python 3.11
    while frame is not None and not is_users_code(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        script = getattr(sys.modules.get("__main__"), "__file__", None) or next(iter(sys.argv), "") or "python"
        # There is no line 0, and so none is quoted.
        warnings.warn_explicit(message, NbtrailWarning, script, 0, module="__main__")
        return
    names = frame.f_globals
    seen = names.setdefault("__warningregistry__", {})
    module = names.get("__name__", "<string>")
    warnings.warn_explicit(message, NbtrailWarning, frame.f_code.co_filename, frame.f_lineno, module, seen)
