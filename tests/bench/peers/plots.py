"""The charts of the benchmark page: frames first, then drawn; nothing in them but what the results hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from tests.bench.peers.quantities import digits, duration, percent
from tests.bench.peers.tables import CURVE_POINTS, curve_s

if TYPE_CHECKING:
    from pathlib import Path

Results = dict[str, Any]
OURS, SAFE, LOSES, TOOL, BY_HAND, INK = "#1b5fb4", "#7ba7d7", "#e08a3c", "#d7a27a", "#a9b0b8", "#333a42"
WIDTH, ROW = 270, 23
FONT = "Helvetica, Arial, sans-serif"


def save_charts(results: Results, folder: Path) -> list[Path]:
    """Write every chart whose figures are there, as SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    charts = {
        "log": log_chart(log_frame(results)),
        "start": pair(
            bars(start_frame(results, "import"), "Import, above bare Python"),
            dots(start_frame(results, "run"), "A tiny run: 10 params, 3 metrics"),
        ),
        "store": pair(
            bars(store_frame(results, "bytes"), "Bytes a point on the disk"),
            dots(store_frame(results, "curve"), f"Reading a curve of {CURVE_POINTS:,} points"),
        ),
    }
    written = []
    for name, chart in charts.items():
        path = folder / f"benchmark-{name}.svg"
        _dressed(chart).save(path)
        written.append(path)
    return written


def log_frame(results: Results) -> pd.DataFrame:
    """A row a tool: seconds of a call, the share lost, and what is said of it; the fastest first."""
    rows = []
    for key, tool in results["tools"].items():
        if "median_us" not in tool.get("flood", {}):
            continue
        call, lost = tool["flood"], _lost(tool)
        rows.append(
            {
                "tool": tool["title"],
                "median": call["median_us"] / 1e6,
                "p99": call["p99_us"] / 1e6,
                "kind": "was not killed" if lost is None else _kind(key, tool, max(lost)),
                "said": f"{duration(call['median_us'] / 1e6)}{_said_of(lost)}",
            }
        )
    return pd.DataFrame(rows).sort_values("median", ignore_index=True)


def log_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """From the median to the 99th percentile, with the colour of what a kill does."""
    order = list(frame["tool"])
    seconds = alt.Scale(type="log", domain=[1e-7, 1.0])
    y = alt.Y("tool:N", sort=order, title=None)
    there = {kind: colour for kind, colour in _KINDS.items() if kind in set(frame["kind"])}
    colours = alt.Scale(domain=list(there), range=list(there.values()))
    colour = alt.Color(
        "kind:N",
        scale=colours,
        title=None,
        legend=alt.Legend(orient="bottom", columns=3, symbolType="circle", symbolOpacity=1),
    )
    base = alt.Chart(frame)
    line = base.mark_rule(strokeWidth=3, opacity=0.45, strokeCap="round").encode(
        y=y,
        x=alt.X(
            "median:Q",
            scale=seconds,
            axis=_seconds_axis(-7, 0),
            title="one call of three metrics: median ● to 99th percentile",
        ),
        x2="p99:Q",
        color=colour,
    )
    dot = base.mark_circle(size=95, opacity=1).encode(y=y, x=alt.X("median:Q", scale=seconds), color=colour)
    text = (
        base.mark_text(align="left", dx=8, fontSize=11, color=INK)
        .encode(y=y, x=alt.X("reach:Q", scale=seconds), text="said:N")
        .transform_calculate(reach="max(datum.median, datum.p99)")
    )
    title = alt.TitleParams(
        "What a log call costs, and what a kill takes",
        subtitle="of the calls that had returned, lost at kill -9: in a flood | at 100 calls a second",
    )
    return alt.layer(line, dot, text).properties(width=2 * WIDTH + 40, height=ROW * len(frame), title=title)


def start_frame(results: Results, what: str) -> pd.DataFrame:
    """Seconds of an import or of a later tiny run; the fastest first."""
    rows = []
    for key, tool in results["tools"].items():
        value = (
            results["imports"].get(key, {}).get("seconds")
            if what == "import"
            else tool.get("tiny", {}).get("later_ms", 0) / 1e3
        )
        if value:
            rows.append({"tool": tool["title"], "value": max(value, 1e-6), "kind": _kind(key, tool, None)})
    return _said(rows, duration)


def store_frame(results: Results, what: str) -> pd.DataFrame:
    """Bytes a point, or seconds for a curve; the least first."""
    rows = []
    for key, tool in results["tools"].items():
        call = tool.get("flood", {})
        read = call.get("read", {})
        value = call.get("bytes_a_point") if what == "bytes" else curve_s(read) if read.get("points") else None
        if value and key not in _ALIKE and not (what == "curve" and key == "write"):
            rows.append({"tool": tool["title"], "value": value, "kind": _kind(key, tool, None)})
    return _said(rows, digits if what == "bytes" else duration)


def bars(frame: pd.DataFrame, title: str) -> alt.LayerChart:
    """A bar a tool, from zero; what it says stands beside it."""
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, frame["value"].max() * 1.25], nice=False))
    bar = alt.Chart(frame).mark_bar(height=13, cornerRadiusEnd=2).encode(y=_tools(frame), x=x, color=_COLOUR)
    return _titled(alt.layer(bar, _said_beside(frame, x)), frame, title)


def dots(frame: pd.DataFrame, title: str) -> alt.LayerChart:
    """A dot a tool on a logarithmic axis of seconds; what it says stands beside it."""
    low, high = _exponent(frame["value"].min()), _exponent(frame["value"].max()) + 1
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(type="log", domain=[10.0**low, 10.0**high]),
        axis=_seconds_axis(low, high),
    )
    rule = alt.Chart(frame.assign(low=10.0**low)).mark_rule(strokeWidth=3, opacity=0.35, strokeCap="round")
    rule = rule.encode(y=_tools(frame), x=x, x2="low:Q", color=_COLOUR)
    dot = alt.Chart(frame).mark_circle(size=95, opacity=1).encode(y=_tools(frame), x=x, color=_COLOUR)
    return _titled(alt.layer(rule, dot, _said_beside(frame, x)), frame, title)


def _said_beside(frame: pd.DataFrame, x: alt.X) -> alt.Chart:
    text = alt.Chart(frame).mark_text(align="left", dx=8, fontSize=11, color=INK)
    return text.encode(y=_tools(frame), x=x, text="said:N")


def _tools(frame: pd.DataFrame) -> alt.Y:
    return alt.Y("tool:N", sort=list(frame["tool"]), title=None)


def _titled(chart: alt.LayerChart, frame: pd.DataFrame, title: str) -> alt.LayerChart:
    return chart.properties(width=WIDTH, height=ROW * len(frame), title=alt.TitleParams(title, fontSize=13))


def pair(left: alt.LayerChart, right: alt.LayerChart) -> alt.HConcatChart:
    """Two charts side by side."""
    return alt.hconcat(left, right, spacing=30).resolve_scale(y="independent", x="independent")


_KINDS = {
    "nbtrail": OURS,
    "keeps everything": SAFE,
    "loses points at kill -9": LOSES,
    "by hand, keeps everything": "#8a929c",
    "by hand, loses points": "#d9b48f",
    "was not killed": "#d7dade",
}
_ALIKE = frozenset({"buffered", "synced"})
"""They leave the same file as ``write``."""
_COLOUR = alt.Color(
    "kind:N", scale=alt.Scale(domain=["nbtrail", "tool", "by hand"], range=[OURS, TOOL, BY_HAND]), legend=None
)
_SECONDS = (
    "datum.value >= 1 ? datum.value + ' s' : datum.value >= 1e-3 * 0.999 ? format(datum.value * 1e3, '.3~g') + ' ms'"
    " : format(datum.value * 1e6, '.3~g') + ' µs'"
)


def _lost(tool: dict[str, Any]) -> tuple[float, float] | None:
    """The share that a kill takes in a flood, and at a steady pace."""
    shares = [tool.get(name, {}).get("percent") for name in ("killed in a flood", "killed at 100/s")]
    return None if None in shares else (shares[0], shares[1])


def _said_of(lost: tuple[float, float] | None) -> str:
    if lost is None:
        return ""
    return f", lost {percent(lost[0])} | {percent(lost[1])}" if any(lost) else ", nothing lost"


def _kind(key: str, tool: dict[str, Any], lost: float | None) -> str:
    if key == "nbtrail":
        return "nbtrail"
    if lost is None:
        return "by hand" if tool["limit"] else "tool"
    keeps = "keeps everything" if lost == 0 else "loses points"
    return f"by hand, {keeps}" if tool["limit"] else keeps if lost == 0 else "loses points at kill -9"


def _said(rows: list[dict[str, Any]], show: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows).sort_values("value", ignore_index=True)
    return frame.assign(said=frame["value"].map(show))


def _seconds_axis(low: int, high: int) -> alt.Axis:
    return alt.Axis(
        values=[10.0**at for at in range(low, high + 1)],
        labelExpr=_SECONDS,
        labelOverlap=False,
        labelFlush=False,
        gridColor="#eceef0",
    )


def _exponent(value: float) -> int:
    """Of the power of ten below."""
    return int(f"{value:e}".split("e")[1])


def _dressed(chart: alt.LayerChart | alt.HConcatChart) -> alt.LayerChart | alt.HConcatChart:
    axis = {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "titleColor": INK, "labelColor": INK}
    return (
        chart.configure(background="white", font=FONT, padding=12)
        .configure_view(stroke=None)
        .configure_axis(**axis, domain=False, ticks=False, titlePadding=8)
        .configure_axisY(grid=False, labelFontSize=12, labelPadding=8, labelLimit=200)
        .configure_title(
            anchor="start", fontSize=15, subtitleFontSize=12, color=INK, subtitleColor="#666d75", offset=10
        )
        .configure_legend(labelFontSize=11, labelColor=INK)
    )
