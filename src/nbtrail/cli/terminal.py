"""The terminal: how wide it is, and the users' own texts, which it is to show and not to obey."""

from __future__ import annotations

import os
import sys
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from nbtrail.reading.text import visible

_UNBOUNDED: Final = 1_000_000
"""Columns of a pipe or a file, which cut and wrap nothing."""


def open_console() -> Console:
    """A console as wide as ``COLUMNS`` says, else as the terminal; where there is none, as wide as it takes."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return Console(width=int(columns), emoji=False)
    return Console(emoji=False) if sys.stdout.isatty() else Console(width=_UNBOUNDED, soft_wrap=True, emoji=False)


def is_bounded(console: Console) -> bool:
    """Whether there is an end to a console's lines."""
    return console.width < _UNBOUNDED


def literal(text: str, style: str = "") -> Text:
    """A user's text for rich: neither its markup nor its control characters do anything."""
    return Text(visible(text), style)


def cut(text: str, width: int) -> str:
    """The text in so many columns, with ``…`` at its end if there is more of it."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def cut_middle(text: str, width: int) -> str:
    """Both ends of the text in so many columns, with ``…`` between them if there is more of it."""
    if cell_len(text) <= width:
        return text
    tail = cut_start(text, width // 2)
    return set_cell_size(text, width - cell_len(tail)).rstrip() + tail


def cut_start(text: str, width: int) -> str:
    """The end of the text in so many columns, after ``…`` if there is more of it."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) >= width:
        text = text[1:]
    return f"…{text}"
