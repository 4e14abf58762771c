"""What a statement of SQL finds, as a table in a terminal."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape
from rich.table import Table

from nbtrail.cli.tables import open_console

if TYPE_CHECKING:
    from nbtrail.store.transfer import Selection

_MOST_ROWS: Final = 1000
"""More are no help to a reader, and a table needs them all before its first line."""
_LONGEST: Final = 200


def print_selection(selection: Selection) -> None:
    """Print the first rows, and say so if there are more."""
    console = open_console()
    rows = itertools.chain.from_iterable(selection.batches())
    shown = list(itertools.islice(rows, _MOST_ROWS))
    table = Table(box=None, header_style="dim", pad_edge=False)
    for index, name in enumerate(selection.columns):
        is_number = all(isinstance(row[index], (int, float)) for row in shown if row[index] is not None)
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for row in shown:
        table.add_row(*(escape(_text(value)) for value in row))
    console.print(table)
    if not shown:
        console.print("[dim]no rows[/]")
    elif next(rows, None) is not None:
        console.print(f"[dim]the first {_MOST_ROWS:,} rows; --format csv or -o FILE writes all of them[/]")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
