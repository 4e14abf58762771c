"""A difference as plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from nbtrail.reading.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbtrail.reading.diff.difference import CellDiff, Diff, DiffRow

_ABSENT: Final = "-"
_WIDEST: Final = 40
_NARROWEST: Final = 20
_INDENT: Final = "  "


def plain(diff: Diff, *, show_all: bool, width: int | None = None) -> str:
    """A table with a column for each run, then the code that differs; ``*`` marks the best.

    Parameters
    ----------
    width
        Characters of a line; the table becomes blocks of lines where it is wider. As wide as it takes if left out.
    """
    rows = [row for row in diff.rows if show_all or row.differs]
    heads = [_heading(name, is_baseline=place == diff.baseline) for place, name in enumerate(diff.names)]
    values = _table(heads, rows, longest=_WIDEST if width is None else max(_WIDEST, width // 2)) if rows else []
    if width is not None and any(len(line) > width for line in values):
        values = [line for row in rows for line in _block(heads, row, max(width, _NARROWEST))]
    code = [line for cell in diff.code for line in ("", *_code(cell, width))]
    return "\n".join([*values, *code]) or "nothing differs"


def _heading(name: str, *, is_baseline: bool) -> str:
    return f"{visible(name)} (baseline)" if is_baseline else visible(name)


def _cells(row: DiffRow) -> list[tuple[str, str]]:
    """The value of each run, and what is said of it."""
    deltas = row.deltas or (None,) * len(row.values)
    return [
        (_in_a_line(text or _ABSENT), f"{'*' if place == row.best else ''}{f' {delta.mark}' if delta else ''}")
        for place, (text, delta) in enumerate(zip(row.texts(), deltas, strict=True))
    ]


def _table(heads: Sequence[str], rows: Sequence[DiffRow], *, longest: int) -> list[str]:
    lines = [["", *heads]]
    lines += [[visible(row.label), *(_cut(value, longest) + mark for value, mark in _cells(row))] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [_line(line, widths) for line in lines]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *values = row
    columns = [value.rjust(width) for value, width in zip(values, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *columns]).rstrip()


def _block(heads: Sequence[str], row: DiffRow, width: int) -> Iterator[str]:
    """A row as a line with its name, then one a run, or several where a value is long."""
    yield from _wrap(visible(row.label), width, then=_INDENT)
    place = min(max(map(len, heads)), width // 2)
    for head, (value, mark) in zip(heads, _cells(row), strict=True):
        first = f"{_INDENT}{_cut_middle(head, place):<{place}}{_INDENT}"
        yield from _wrap(value + mark, width, first=first, then=" " * len(first))


def _code(cell: CellDiff, width: int | None) -> Iterator[str]:
    """The lines of a cell; one that goes on in the next line bears its ``-`` or ``+`` there too."""
    title = visible(cell.title)
    yield from [title] if width is None else _wrap(title, max(width, _NARROWEST), then=_INDENT)
    for one in cell.lines:
        text = visible(one.text.expandtabs())
        room = len(text) if width is None else max(width, _NARROWEST) - 2
        for start in range(0, len(text) or 1, room or 1):
            yield f"{one.op} {text[start : start + room]}".rstrip()


def _wrap(text: str, width: int, *, first: str = "", then: str) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False) or [
        first.rstrip()
    ]


def _in_a_line(text: str) -> str:
    return visible(" ".join(text.split()))


def _cut_middle(text: str, longest: int) -> str:
    tail = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[: longest - 1 - tail]}…{text[-tail:]}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
