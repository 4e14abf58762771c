"""What a statement of SQL finds, in a terminal: as a table, or row by row where a table would not be readable."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.table import Table

from nbtrail.cli.terminal import is_bounded, literal, open_console
from nbtrail.reading.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from nbtrail.store.transfer import Selection

_MOST_ROWS: Final = 1000
"""More are no help to a reader, and a table needs them all before its first line."""
_LONGEST: Final = 200
_READABLE: Final = 16
"""Columns that a text is worth at least; a number is worth all of its own."""
_GAP: Final = 2


def print_selection(selection: Selection) -> None:
    """Print the first rows, and say so if there are more."""
    console = open_console()
    rows = itertools.chain.from_iterable(selection.batches())
    shown = list(itertools.islice(rows, _MOST_ROWS))
    numeric = [_is_numeric([row[place] for row in shown]) for place in range(len(selection.columns))]
    if _fits(selection.columns, shown, numeric, console.width):
        _print_table(console, selection.columns, shown, numeric)
    else:
        _print_blocks(console, selection.columns, shown)
    if not shown:
        console.print("[dim]no rows[/]")
    elif next(rows, None) is not None:
        console.print(f"[dim]the first {_MOST_ROWS:,} rows; --format csv or -o FILE writes all of them[/]")


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values if value is not None)


def _fits(names: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[bool], width: int) -> bool:
    """Whether all columns are readable beside each other."""
    needed = -_GAP
    for place, name in enumerate(names):
        longest = max(cell_len(text) for text in (visible(name), *(_text(row[place]) for row in rows)))
        needed += _GAP + (longest if numeric[place] else min(longest, _READABLE))
    return needed <= width


def _print_table(
    console: Console, names: Sequence[str], rows: Sequence[Sequence[Any]], numeric: Sequence[bool]
) -> None:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name, is_number in zip(names, numeric, strict=True):
        table.add_column(literal(name), justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    longest = _LONGEST if is_bounded(console) else None
    for row in rows:
        table.add_row(*(literal(_text(value, longest=longest)) for value in row))
    console.print(table)


def _print_blocks(console: Console, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A line for each value, whole, under the number of its row."""
    for number, row in enumerate(rows, start=1):
        console.print(f"{'' if number == 1 else chr(10)}[dim]row {number}[/]", highlight=False)
        table = Table.grid(padding=(0, _GAP, 0, 0))
        table.add_column(style="dim", overflow="fold")
        table.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            table.add_row(literal(name), literal(_text(value)))
        console.print(table)
    if rows:
        console.print("[dim]each row as a block, for the columns do not fit beside each other; nothing is hidden[/]")


def _text(value: Any, *, longest: int | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    text = visible(str(value))
    return text if longest is None or len(text) <= longest else f"{text[:longest]}…"
