"""The card and the runs table as HTML that needs no kernel: what a saved notebook shows.

It looks like the widgets. Jupyter takes ``<style>`` out of outputs that it does not trust, so every element carries
its own.
"""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any, Final

from nbtrail.notebook.static_curve import draw_curve
from nbtrail.reading.text import format_duration, format_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

CURVES: Final = 3
_WIDTH_PX: Final = 640
_LINE: Final = "1px solid var(--jp-border-color2,rgba(128,128,128,.35))"
_MUTED: Final = "color:var(--jp-ui-font-color2,#757575)"
_CARD: Final = (
    f"box-sizing:border-box;max-width:700px;padding:8px 12px 10px;border:{_LINE};border-radius:5px;"
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.4"
)
_DOT: Final = "display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:7px;background:"
_COLORS: Final = {
    "running": "#1976d2",
    "finished": "#388e3c",
    "failed": "#c62828",
    "interrupted": "#f57c00",
    "lost": "#9e9e9e",
}
_PILL: Final = (
    "display:inline-block;padding:0 8px;margin:0 6px 4px 0;border-radius:9px;font-size:11px;line-height:17px;"
)
_CHIP: Final = f"{_PILL}font-family:var(--jp-code-font-family,monospace);border:1px "
_CHIP_COLORS: Final = {
    "param": "rgba(128,128,128,.45);background:rgba(128,128,128,.1)",
    "metric": "rgba(56,142,60,.45);background:rgba(56,142,60,.1)",
    "proposed": "rgba(56,142,60,.45);background:rgba(56,142,60,.1);opacity:.7",
}
_CELL: Final = f"padding:3px 12px 3px 4px;white-space:nowrap;border-bottom:{_LINE};background:none;text-align:"


def card_html(state: dict[str, Any]) -> str:
    """The live card's state as HTML."""
    curves = [curve for curve in state["curves"] if len(curve["values"]) > 1][:CURVES]
    width = _WIDTH_PX // max(1, min(len(curves), 2))
    charts = "".join(draw_curve(curve, total=state["total"], width=width) for curve in curves)
    return (
        f'<div style="{_CARD}"><div>{_heading(state)}</div>{_progress(state)}{_chips(state)}'
        f"{''.join(_remarks(state))}{f'<div>{charts}</div>' if charts else ''}</div>"
    )


def card_text(state: dict[str, Any]) -> str:
    """The live card's state as one line of text."""
    values = [f"{entry['name']}={entry['value']}" for entry in (*state["params"], *state["metrics"])]
    remarks = [state[kind] for kind in ("error", "message") if state[kind]]
    return "nbtrail: " + " · ".join([state["name"], _progress_text(state), *values, *remarks])


def table_html(state: dict[str, Any]) -> str:
    """The runs table's state as HTML."""
    columns = state["columns"]
    heads = "".join(
        f'<th style="{_aligned(column)};{_MUTED};font-weight:400">{escape(column["label"])}</th>' for column in columns
    )
    rows = "".join(_row(row, columns) for row in state["rows"])
    shown, total = len(state["rows"]), state["total"]
    count = f"{shown} of {total} runs" if shown < total else f"{total} run{'' if total == 1 else 's'}"
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;font-size:13px">'
        f'<thead><tr><th style="{_CELL}left;{_MUTED};font-weight:400">run</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f'<div style="{_MUTED};padding:4px">{count}</div></div>'
    )


def _heading(state: dict[str, Any]) -> str:
    tags = "".join(
        f'<span style="{_PILL}margin-bottom:0;border:{_LINE}">{escape(tag)}</span> ' for tag in state["tags"]
    )
    return (
        f"{_dot(state['status'])}<strong>{escape(state['name'])}</strong>&nbsp; {tags}"
        f'<span style="{_MUTED}">{escape(_progress_text(state))}</span>'
    )


def _progress_text(state: dict[str, Any]) -> str:
    ended = state["ended"] if state["ended"] is not None else time.time()
    words = [f"{state['status']} {format_duration(ended - state['started'])}"]
    if state["cell"] is not None:
        words.append(f"cell [{state['cell']}]")
    if state["step"] is not None:
        words.append(f"step {state['step']}" + (f" of {state['total']}" if state["total"] is not None else ""))
    return " · ".join(words)


def _progress(state: dict[str, Any]) -> str:
    step, total = state["step"], state["total"]
    if step is None or not total or state["status"] != "running":
        return ""
    color, share = _COLORS["running"], min(100, 100 * step / total)
    return (
        f'<div style="height:4px;margin-top:8px;border-radius:2px;background:rgba(25,118,210,.14)">'
        f'<div style="height:4px;width:{share:.1f}%;background:{color}"></div></div>'
    )


def _chips(state: dict[str, Any]) -> str:
    chips = [_chip(kind, entry) for kind in ("param", "metric") for entry in state[f"{kind}s"]]
    proposed = [_chip("proposed", entry) for entry in state["proposed"]]
    if not chips and not proposed:
        return ""
    taken = f'<div data-chips="taken" style="margin-top:8px">{"".join(chips)}</div>'
    maybe = f'<div data-chips="proposed" style="{_MUTED}">maybe {"".join(proposed)}</div>'
    return taken + (maybe if proposed else "")


def _chip(kind: str, entry: dict[str, str]) -> str:
    """One value. The front end finds it by its kind and name, to keep a notebook's HTML true after a correction."""
    name, origin, reason = entry["name"], entry.get("origin", ""), entry["reason"]
    line = {"": "dotted", "inferred": "dashed"}.get(origin, "solid")
    if kind == "proposed":
        title = f"{reason}; %track watch {name} takes it as a metric, %track ignore {name} leaves it out"
    else:
        title = f"{kind} {name}, {format_origin(origin, reason)}"
    return (
        f'<span data-kind="{kind}" data-name="{escape(name)}" style="{_CHIP}{line} {_CHIP_COLORS[kind]}"'
        f' title="{escape(title)}">{escape(name)} {escape(entry["value"])}</span> '
    )


def _remarks(state: dict[str, Any]) -> Iterator[str]:
    styles = {"error": "color:var(--jp-error-color1,#c62828)", "message": _MUTED, "note": f"{_MUTED};font-style:italic"}
    for kind, style in styles.items():
        if state[kind]:
            yield f'<div style="margin-top:4px;{style}">{escape(state[kind])}</div>'


def _row(row: dict[str, Any], columns: list[dict[str, Any]]) -> str:
    pairs = zip(columns, row["cells"], strict=True)
    cells = "".join(f'<td style="{_aligned(column)}">{escape(text)}</td>' for column, text in pairs)
    name = f'<th style="{_CELL}left">{_dot(row["status"])}{escape(row["name"])}</th>'
    return f'<tr style="background:none">{name}{cells}</tr>'


def _aligned(column: dict[str, Any]) -> str:
    return f"{_CELL}{'right' if column['numeric'] else 'left'}"


def _dot(status: str) -> str:
    return f'<span style="{_DOT}{_COLORS.get(status, "#808080")}" title="{status}"></span>'
