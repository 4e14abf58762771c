"""A difference as Markdown, which every notebook viewer shows, trusted or not."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.diff import CellDiff, Diff, DiffRow

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|$~#])")
_LONGEST: Final = 80


def escaped(text: str) -> str:
    """Text on one line in which nothing means anything to Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table_markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; the cells are Markdown already."""
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (heads, ruler, *rows)]


def differs_markdown(diff: Diff) -> str:
    """What differs, as a section with a table; what is the same is named below it."""
    heads = ["", *(_heading(name, is_baseline=place == diff.baseline) for place, name in enumerate(diff.names))]
    rows = [[escaped(row.label), *_cells(row)] for row in diff.rows if row.differs]
    same = [escaped(row.name) for row in diff.rows if not row.differs and row.level == "params"]
    lines = [f"## What differs ({escaped(diff.summary)})"]
    if rows:
        lines += ["", *table_markdown(heads, rows)]
    if same:
        lines += ["", f"The same in all: {', '.join(same)}"]
    return "\n".join(lines)


def code_markdown(diff: Diff) -> str:
    """The cells that differ, as a section with a ``diff`` block each."""
    return "\n\n".join(["## Code", *(f"{escaped(cell.title)}\n\n{_block(cell)}" for cell in diff.code)])


def _heading(name: str, *, is_baseline: bool) -> str:
    return f"{escaped(name)} (baseline)" if is_baseline else escaped(name)


def _cells(row: DiffRow) -> list[str]:
    deltas = row.deltas or (None,) * len(row.values)
    cells = []
    for place, (text, delta) in enumerate(zip(row.texts(), deltas, strict=True)):
        shown = "" if text is None else escaped(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        shown = f"**{shown}**" if place == row.best else shown
        cells.append(f"{shown} {delta.mark}" if delta else shown)
    return cells


def _block(cell: CellDiff) -> str:
    lines = [f"{line.op} {line.text}".rstrip() for line in cell.lines]
    longest = max((len(list(run)) for line in lines for mark, run in groupby(line) if mark == "`"), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *lines, fence])
