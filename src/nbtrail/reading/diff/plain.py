"""A difference as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.diff.difference import CellDiff, Diff, DiffRow

_ABSENT: Final = "-"
_WIDEST: Final = 40


def plain(diff: Diff, *, show_all: bool) -> str:
    """A table with a column for each run, then the code that differs; ``*`` marks the best."""
    rows = [row for row in diff.rows if show_all or row.differs]
    head = ["", *(_heading(name, is_baseline=place == diff.baseline) for place, name in enumerate(diff.names))]
    table = _table([head, *([row.label, *_cells(row)] for row in rows)]) if rows else []
    code = [line for cell in diff.code for line in ("", cell.title, *_lines(cell))]
    return "\n".join([*table, *code]) or "nothing differs"


def _heading(name: str, *, is_baseline: bool) -> str:
    return f"{name} (baseline)" if is_baseline else name


def _lines(cell: CellDiff) -> list[str]:
    return [f"{one.op} {one.text}".rstrip() for one in cell.lines]


def _cells(row: DiffRow) -> list[str]:
    deltas = row.deltas or (None,) * len(row.values)
    return [
        f"{_cut(text or _ABSENT)}{'*' if place == row.best else ''}{f' {delta.mark}' if delta else ''}"
        for place, (text, delta) in enumerate(zip(row.texts(), deltas, strict=True))
    ]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *values = row
    columns = [value.rjust(width) for value, width in zip(values, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *columns]).rstrip()


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
