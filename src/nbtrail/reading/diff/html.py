"""A difference as HTML that stands on its own and follows JupyterLab's theme."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbtrail.reading.diff.difference import CellDiff, Diff, DiffRow

_LONGEST: Final = 60
# Jupyter takes <style> out of outputs that it does not trust, so every element carries its own.
_FONT: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px"
_DIM: Final = "color:var(--jp-ui-font-color2,#757575)"
_LINE: Final = "border-bottom:1px solid var(--jp-border-color2,rgba(128,128,128,.35))"
_CELL: Final = f"padding:3px 12px 3px 4px;text-align:right;white-space:nowrap;background:none;{_LINE}"
_NAME: Final = f"padding:3px 16px 3px 4px;text-align:left;white-space:nowrap;font-weight:400;background:none;{_LINE}"
_MARKED: Final = "background:rgba(255,193,7,.14)"
_GOOD: Final = "color:var(--jp-success-color0,#2e9e44)"
_BAD: Final = "color:var(--jp-error-color0,#e05252)"
_GONE: Final = "background:rgba(229,57,53,.16)"
_CAME: Final = "background:rgba(67,160,71,.18)"
_BOX: Final = (
    "margin:0;padding:6px 8px;max-height:420px;overflow:auto;line-height:1.45;font-size:12px;color:inherit;"
    "border:1px solid var(--jp-border-color2,rgba(128,128,128,.35));font-family:var(--jp-code-font-family,monospace);"
    "background:var(--jp-cell-editor-background,rgba(128,128,128,.08))"
)
_BADGE: Final = (
    "border:1px solid rgba(92,107,192,.6);border-radius:8px;padding:0 5px;font-size:11px;"
    "background:rgba(92,107,192,.14);margin-left:4px"
)


def html(diff: Diff) -> str:
    """The rows that differ, the same ones folded away below, then the code."""
    other = [row for row in diff.rows if row.differs]
    same = [row for row in diff.rows if not row.differs]
    summary = f'<span style="{_DIM}">({escape(diff.summary)})</span>'
    title = f'<div style="padding:2px 4px 6px">What differs {summary}</div>'
    handle = f'<summary style="{_DIM};cursor:pointer;padding:4px">{len(same)} more, the same in all</summary>'
    folded = f"<details>{handle}{_table(diff, same)}</details>"
    code = "".join(_code(cell) for cell in diff.code)
    return f'<div style="{_FONT}">{title}{_table(diff, other)}{folded if same else ""}{code}</div>'


def _table(diff: Diff, rows: Iterable[DiffRow]) -> str:
    body = "".join(_row(row) for row in rows)
    if not body:
        return ""
    heads = "".join(
        f'<th scope="col" style="{_CELL};font-weight:400;{_DIM}">{escape(name)}'
        f"{f'<span style={_quoted(_BADGE)}>baseline</span>' if place == diff.baseline else ''}</th>"
        for place, name in enumerate(diff.names)
    )
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;font-size:13px">'
        f'<thead><tr style="background:none"><td style="{_NAME}"></td>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: DiffRow) -> str:
    marked = row.differs and row.level in {"params", "data", "environment"}
    deltas = row.deltas or (None,) * len(row.values)
    cells = []
    for place, (text, delta) in enumerate(zip(row.texts(), deltas, strict=True)):
        value = f'<span style="{_DIM}">-</span>' if text is None else _short(text)
        if place == row.best:
            value = f'<b style="{_GOOD}">{value}</b>'
        if delta is not None:
            color = _DIM if delta.better is None else _GOOD if delta.better else _BAD
            value += f' <span style="{color}">{escape(delta.mark)}</span>'
        cells.append(f'<td style="{_CELL}">{value}</td>')
    style = _MARKED if marked else "background:none"
    return f'<tr style="{style}"><th scope="row" style="{_NAME}">{escape(row.label)}</th>{"".join(cells)}</tr>'


def _code(cell: CellDiff) -> str:
    lines = "".join(_line(one.op, one.text) for one in cell.lines)
    return f'<div style="{_DIM};padding:10px 4px 4px">Code: {escape(cell.title)}</div><pre style="{_BOX}">{lines}</pre>'


def _line(op: str, text: str) -> str:
    style = {"-": _GONE, "+": _CAME}.get(op, "")
    return f'<span style="display:block;min-height:1.45em;{style}">{escape(f"{op} {text}")}</span>'


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return escape(text)
    return f'<span title="{escape(text[:1000])}">{escape(text[: _LONGEST - 1])}…</span>'


def _quoted(text: str) -> str:
    return f'"{text}"'
