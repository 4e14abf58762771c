"""Draws a comparison of runs. It needs altair and pandas alone, so that exported notebooks can carry this text."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [10, 4]]
NARROW = 600
PLOT_HEIGHT, FACET_HEIGHT, ROW_HEIGHT, MOST_HEIGHT = 190, 70, 15, 420
AXIS_WIDTH, AXIS_HEIGHT, FACET_GAP = 60, 55, 14


def comparison_chart(  # noqa: PLR0913 - two tables and how to show them
    curves: pd.DataFrame,
    finals: pd.DataFrame,
    colors: dict[str, str],
    *,
    metric: str | None = None,
    note: str = "",
    width: int = 800,
    kind: type[alt.HConcatChart] = alt.HConcatChart,
) -> alt.HConcatChart:
    """Curves of one metric at the left, the last values of others at the right.

    A click in the legend highlights a run (shift and click: several). Dragging moves the curves, Ctrl and the wheel
    zoom them, a double click puts them back.

    Parameters
    ----------
    curves
        Columns ``run``, ``part``, ``step``, ``value``; a missing value is a gap. May be empty.
    finals
        Columns ``run``, ``metric``, ``better`` (``min`` or ``max``), ``value``. May be empty.
    colors
        The colour of each run, in the order of the legend.
    metric
        The name of the curves' metric.
    width
        Of the whole, in pixels.
    """
    highlight = alt.selection_point(fields=["run"], bind="legend")
    parts: list[Any] = []
    left, height = width - AXIS_WIDTH, PLOT_HEIGHT
    shown = list(finals["metric"].unique())
    if shown:
        dots, dots_width, height = _dots_grid(finals, colors, width, None if curves.empty else highlight)
        parts.append(dots)
        left -= dots_width
    if not curves.empty:
        shown = [f"{metric} by step"]
        lines = _lines(curves, metric or "value", colors, highlight, width=left)
        parts.insert(0, lines.properties(width=left, height=min(MOST_HEIGHT, height)))
    title = alt.TitleParams(note, anchor="start", orient="bottom", fontSize=11, fontWeight="normal")
    return kind(
        hconcat=parts or [_nothing()],
        spacing=24,
        title=title if note else alt.Undefined,
        description=f"{', '.join(shown) or 'No metrics yet'} of {', '.join(colors)}",
    )


def _lines(
    curves: pd.DataFrame, metric: str, colors: dict[str, str], highlight: alt.Parameter, *, width: int
) -> alt.LayerChart:
    """One line a run, with points that nobody sees to hover over."""
    zoom = alt.selection_interval(bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    ticks = alt.Axis(gridOpacity=0.5, tickCount=max(3, width // 50), labelOverlap=True)
    base = alt.Chart().encode(
        x=alt.X("step:Q", title="step", scale=alt.Scale(zero=False), axis=ticks),
        y=alt.Y("value:Q", title=metric, scale=alt.Scale(zero=False), axis=alt.Axis(gridOpacity=0.5)),
        detail=["run:N", "part:N"],
    )
    legend = alt.Legend(
        orient="top",
        title=None,
        symbolType="stroke",
        symbolLimit=len(colors),
        columns=_legend_columns(colors, width + 200),
        labelLimit=200,
    )
    color = alt.Color("run:N", scale=_scale(colors, list(colors.values())), legend=legend)
    lines = base.mark_line(strokeWidth=1.6, clip=True).encode(color=color, opacity=_faded(highlight))
    if len(set(colors.values())) < len(colors):
        lines = lines.encode(strokeDash=alt.StrokeDash("run:N", scale=_scale(colors, _dashes(colors)), legend=legend))
    hover = base.mark_point(size=60, opacity=0, clip=True).encode(
        tooltip=["run:N", alt.Tooltip("step:Q", format=","), alt.Tooltip("value:Q", title=metric, format=".6~g")],
    )
    layers: list[Any] = [lines.add_params(highlight, zoom), hover]
    lonely = _lonely(curves)
    if lonely:
        single = alt.Chart(alt.InlineData(values=lonely)).mark_circle(size=30, opacity=1, clip=True)
        layers.append(single.encode(x="step:Q", y="value:Q", color=color))
    view = alt.ViewBackground(stroke=None)
    return _unpacked(alt.LayerChart(layer=layers, data=alt.InlineData(values=_packed(curves)), view=view))


def _packed(curves: pd.DataFrame) -> list[dict[str, Any]]:
    """One row a line, its numbers as one text: a fifth of the size of one row a point."""
    rows = []
    for (run, part), points in curves.groupby(["run", "part"], sort=False):
        values = ["" if pd.isna(value) else f"{value:.12g}" for value in points["value"]]
        steps = [str(step) for step in points["step"].astype(int)]
        rows.append({"run": str(run), "part": int(str(part)), "steps": " ".join(steps), "values": " ".join(values)})
    return rows


def _unpacked(chart: alt.LayerChart) -> alt.LayerChart:
    """The points of packed lines; an empty text becomes a gap."""
    return (
        chart.transform_calculate(step="split(datum.steps, ' ')", value="split(datum.values, ' ')")
        .transform_flatten(["step", "value"])
        .transform_calculate(step="toNumber(datum.step)", value="toNumber(datum.value)")
    )


def _lonely(curves: pd.DataFrame) -> list[dict[str, Any]]:
    """Points with a gap on both sides, which a line passes over."""
    line = curves.groupby(["run", "part"], sort=False)["value"]
    alone = curves[curves["value"].notna() & line.shift(1).isna() & line.shift(-1).isna()]
    return [
        {"run": run, "step": int(step), "value": float(value)}
        for run, step, value in zip(alone["run"], alone["step"], alone["value"], strict=True)
    ]


def _dots_grid(
    finals: pd.DataFrame, colors: dict[str, str], width: int, highlight: alt.Parameter | None
) -> tuple[Any, int, int]:
    """A facet for each metric, how wide all of them are, and how high without the lowest axis."""
    metrics = list(finals["metric"].unique())
    names_width = 20 + 6 * min(22, max(map(len, colors)))
    if highlight is None:
        columns = min(len(metrics), max(1, min(4, width // 180)))
        room = width - names_width
    else:
        columns = min(len(metrics), 1 if width < NARROW else 2)
        room = int((0.22 + 0.14 * columns) * width) - names_width
    each = max(120, min(320, room // columns - FACET_GAP))
    height = max(PLOT_HEIGHT if len(metrics) <= columns else FACET_HEIGHT, ROW_HEIGHT * len(colors))
    charts = [
        _dots(finals[finals["metric"] == metric], colors, width=each, named=at % columns == 0)
        .properties(width=each, height=height)
        .encode(opacity=alt.Undefined if highlight is None else _faded(highlight))
        for at, metric in enumerate(metrics)
    ]
    rows = [alt.hconcat(*charts[at : at + columns], spacing=FACET_GAP) for at in range(0, len(charts), columns)]
    grid = rows[0] if len(rows) == 1 else alt.vconcat(*rows, spacing=10)
    return grid, names_width + columns * (each + FACET_GAP), len(rows) * (height + AXIS_HEIGHT) - AXIS_HEIGHT


def _dots(finals: pd.DataFrame, colors: dict[str, str], *, width: int, named: bool) -> alt.LayerChart:
    """The last value of each run as a dot; what is not finite is written out."""
    metric, better = finals["metric"].iloc[0], finals["better"].iloc[0]
    pairs = [(str(run), float(value)) for run, value in zip(finals["run"], finals["value"], strict=True)]
    known = [{"run": run, "color": colors[run], "value": value} for run, value in pairs if math.isfinite(value)]
    other = [{"run": run, "text": str(value).replace("nan", "NaN")} for run, value in pairs if not math.isfinite(value)]
    x = alt.X(
        "value:Q",
        title=_dots_title(metric, better, width),
        scale=alt.Scale(zero=False, padding=8, domain=_around(known)),
        axis=alt.Axis(gridOpacity=0.5, tickCount=4, labelOverlap=True, labelFlush=False, titleLimit=width + 30),
    )
    names = alt.Axis(labels=named, ticks=named, labelLimit=140)
    y = alt.Y("run:N", title=None, sort=list(colors), scale=_scale(colors), axis=names)
    dots = alt.Chart(alt.InlineData(values=known)).mark_circle(size=90, opacity=1)
    dots = dots.encode(
        x=x,
        y=y,
        color=alt.Color("color:N", scale=None),
        tooltip=["run:N", alt.Tooltip("value:Q", title=metric, format=".6~g")],
    )
    texts = alt.Chart(alt.InlineData(values=other)).mark_text(align="left", dx=4)
    texts = texts.encode(x=alt.value(0), y=y, text="text:N")
    return alt.LayerChart(layer=[dots, texts] if other else [dots], view=alt.ViewBackground(stroke=None))


def _dots_title(metric: str, better: str, width: int) -> str | list[str]:
    hint = "(higher is better)" if better == "max" else "(lower is better)"
    return f"{metric} {hint}" if 6 * (len(metric) + len(hint)) < width + 30 else [metric, hint]


def _around(points: list[dict[str, Any]]) -> Any:
    """A domain for values that are all the same, where there is nothing to stretch an axis over."""
    values = [point["value"] for point in points]
    if not values or min(values) < max(values):
        return alt.Undefined
    reach = abs(values[0]) * 0.05 or 0.5
    return [values[0] - reach, values[0] + reach]


def _nothing() -> Any:
    blank = alt.Chart(alt.InlineData(values=[{"text": "These runs have no metrics yet."}]), width=300, height=40)
    return blank.mark_text().encode(text="text:N").properties(view=alt.ViewBackground(stroke=None))


def _faded(highlight: alt.Parameter) -> Any:
    return alt.condition(highlight, alt.value(1), alt.value(0.15))


def _scale(colors: dict[str, str], values: Any = alt.Undefined) -> alt.Scale:
    return alt.Scale(domain=list(colors), range=values)


def _dashes(colors: dict[str, str]) -> list[list[int]]:
    """Solid lines first; each time a colour comes again, the next pattern."""
    used: dict[str, int] = {}
    dashes = []
    for color in colors.values():
        dashes.append(DASHES[used.get(color, 0) % len(DASHES)])
        used[color] = used.get(color, 0) + 1
    return dashes


def _legend_columns(colors: dict[str, str], width: int) -> int:
    return max(1, min(len(colors), width // (45 + 6 * max(map(len, colors)))))
