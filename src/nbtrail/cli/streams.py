"""The standard streams, which take any text; and messages for them, which no terminal obeys."""

from __future__ import annotations

import contextlib
import io
import os
import sys

from nbtrail.reading.text import visible


def replace_what_cannot_be_encoded() -> None:
    """A terminal or a pipe in ASCII gets ``?`` for a character that it cannot hold, and no command fails of it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def drop_what_cannot_be_written() -> None:
    """Where the standard output takes no more, forget what it was still to get; the interpreter would complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def visible_lines(text: str) -> str:
    """A message of one or several lines, in which nothing but the ends of lines is obeyed."""
    return "\n".join(visible(line) for line in text.split("\n"))
