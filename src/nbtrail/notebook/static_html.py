"""The card and the runs table as HTML that needs no kernel: what a saved notebook shows.

The style sheets and the names of the classes are those of the widgets, so that the two look alike.
"""

from __future__ import annotations

import time
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from nbtrail.notebook.static_curve import draw_curve
from nbtrail.reading.text import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

_CURVES: Final = 3
_WIDTH_PX: Final = 640


def card_html(state: dict[str, Any]) -> str:
    """The live card's state as HTML."""
    curves = [curve for curve in state["curves"] if len(curve["values"]) > 1][:_CURVES]
    width = _WIDTH_PX // max(1, min(len(curves), 2))
    charts = "".join(draw_curve(curve, total=state["total"], width=width) for curve in curves)
    return (
        f"<style>{_style('live_card')}</style>"
        f'<section class="nbt-card"><div class="nbt-head">{_heading(state)}</div>{_progress(state)}{_chips(state)}'
        f"{''.join(_remarks(state))}{f'<div class=nbt-charts>{charts}</div>' if charts else ''}</section>"
    )


def card_text(state: dict[str, Any]) -> str:
    """The live card's state as one line of text."""
    values = [f"{entry['name']}={entry['value']}" for entry in (*state["params"], *state["metrics"])]
    error = [state["error"]] if state["error"] else []
    return "nbtrail: " + " · ".join([state["name"], _progress_text(state), *values, *error])


def table_html(state: dict[str, Any]) -> str:
    """The runs table's state as HTML."""
    heads = "".join(f"<th{_numeric(column)}>{escape(column['label'])}</th>" for column in state["columns"])
    rows = "".join(_row(row, state["columns"]) for row in state["rows"])
    shown, total = len(state["rows"]), state["total"]
    count = f"{shown} of {total} runs" if shown < total else f"{total} run{'' if total == 1 else 's'}"
    return (
        f"<style>{_style('runs_table')}</style>"
        f'<div class="nbt-table"><table><thead><tr><th>run</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f'<div class="nbt-count">{count}</div></div>'
    )


def _heading(state: dict[str, Any]) -> str:
    tags = "".join(f'<span class="nbt-tag" data-tag="{escape(tag)}">{escape(tag)}</span>' for tag in state["tags"])
    return (
        f'{_dot(state["status"])}<strong class="nbt-name">{escape(state["name"])}</strong>{tags}'
        f'<span class="nbt-when">{escape(_progress_text(state))}</span>'
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
    return f'<div class="nbt-progress"><div style="width: {min(100, 100 * step / total):.1f}%"></div></div>'


def _chips(state: dict[str, Any]) -> str:
    chips = [_chip(kind, entry) for kind in ("param", "metric") for entry in state[f"{kind}s"]]
    return f'<div class="nbt-chips">{"".join(chips)}</div>' if chips else ""


def _chip(kind: str, entry: dict[str, str]) -> str:
    name, origin, reason = entry["name"], entry["origin"], entry["reason"]
    title = f"{kind} {name}, {origin}: {reason}" if reason else f"{kind} {name}, {origin}"
    return (
        f'<span class="nbt-chip" data-kind="{kind}" data-origin="{origin}" title="{escape(title)}">'
        f"{escape(name)} {escape(entry['value'])}</span>"
    )


def _remarks(state: dict[str, Any]) -> Iterator[str]:
    for kind in ("error", "message", "note"):
        if state[kind]:
            yield f'<div class="nbt-remark" data-kind="{kind}">{escape(state[kind])}</div>'


def _row(row: dict[str, Any], columns: list[dict[str, Any]]) -> str:
    pairs = zip(columns, row["cells"], strict=True)
    cells = "".join(f"<td{_numeric(column)}>{escape(text)}</td>" for column, text in pairs)
    return f"<tr><th>{_dot(row['status'])} {escape(row['name'])}</th>{cells}</tr>"


def _numeric(column: dict[str, Any]) -> str:
    return ' class="nbt-numeric"' if column["numeric"] else ""


def _dot(status: str) -> str:
    return f'<span class="nbt-dot" data-status="{status}" title="{status}"></span>'


@cache
def _style(name: str) -> str:
    """The widget's style sheet; without it (a build without the front end) the HTML is plain but whole."""
    try:
        return files("nbtrail.widgets").joinpath("static", f"{name}.css").read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError):
        return ""
