"""The picture and the tables of ``docs/scale.md``, from what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = {
    ("store", "open"): "open the store",
    ("page", "newest first"): "page, newest first",
    ("page", "by a metric"): "page, by a metric",
    ("page", "by a metric, nine tenths down"): "page, by a metric, nine tenths down",
    ("page", "`metrics.loss > 0.99 and params.lr < 0.05`"): "page, filter that few runs pass",
    ("page", "`metrics.loss > 0.1 and params.lr < 0.09`"): "page, filter that most runs pass",
    ("groups", "by notebook"): "groups by notebook",
    ("curve", "of 1,000 points"): "a curve of 1,000 points",
    ("curve", "of 1,000,000 points"): "a curve of 1,000,000 points",
}
BLINK_MS = 100
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
BLUE, ORANGE, INK, FAINT = "#1b5fb4", "#e08a3c", "#333a42", "#a9b0b8"
FONT = "Helvetica, Arial, sans-serif"


def save_plot(rows: list[dict], folder: Path) -> Path:
    """Write how each thing that a sidebar asks grows with the store, as SVG."""
    chosen = [row for row in rows if (row["group"], row["what"]) in SHOWN]
    frame = pd.DataFrame(
        [{**row, "title": SHOWN[row["group"], row["what"]], "again": row.get("again")} for row in chosen]
    )
    frame = frame.melt(["runs", "title"], ["first", "again"], "asked", "ms").dropna()
    frame["asked"] = frame["asked"].map({"first": "after a change", "again": "again, without one"})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scale.svg"
    growth_chart(frame).save(path)
    return path


def growth_chart(frame: pd.DataFrame) -> alt.FacetChart:
    """A small chart each; columns ``runs``, ``title``, ``asked`` and ``ms``."""
    base = alt.Chart(frame)
    order = list(SHOWN.values())
    color = alt.Color(
        "asked:N",
        title=None,
        scale=alt.Scale(domain=["after a change", "again, without one"], range=[BLUE, ORANGE]),
        legend=alt.Legend(orient="top", symbolType="stroke"),
    )
    x = alt.X(
        "runs:Q",
        title="runs in the store",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=_sizes(frame), format="~s"),
    )
    y = alt.Y(
        "ms:Q",
        title="milliseconds",
        scale=alt.Scale(type="log", domain=[0.1, 1000]),
        axis=alt.Axis(values=[0.1, 1, 10, 100, 1000]),
    )
    lines = base.mark_line(point=alt.OverlayMarkDef(size=36), strokeWidth=2).encode(x=x, y=y, color=color)
    blink = base.mark_rule(strokeDash=[4, 4], color=FAINT).encode(y=alt.datum(BLINK_MS))
    said = base.mark_text(dy=-8, fontSize=10, color=INK).encode(x=x, y=y, text=alt.Text("ms:Q", format=".2~r"))
    said = said.transform_filter("datum.asked == 'after a change'")
    layers = alt.layer(blink, lines, said).properties(width=190, height=130)
    header = alt.Header(labelFontSize=12, labelFontWeight="bold", labelColor=INK, labelAnchor="start")
    chart = layers.facet(facet=alt.Facet("title:N", title=None, sort=order, header=header), columns=3)
    chart = chart.properties(
        title=alt.TitleParams(
            "What a store costs as it grows",
            subtitle="pages of 100 runs as the server answers them; the dashed line is a blink: 100 ms",
            anchor="start", color=INK, subtitleColor=INK, offset=12,
        ),
        background="white",
    )  # fmt: skip
    return chart.configure(font=FONT).configure_view(stroke=None).configure_axis(
        gridOpacity=0.35, labelColor=INK, titleColor=INK, domainColor=FAINT, tickColor=FAINT, titleFontWeight="normal"
    )  # fmt: skip


def write_tables(results: dict, page: Path) -> None:
    """Put the tables between the marks of the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{to_markdown(results)}{END}{after}", encoding="utf-8")


def to_markdown(results: dict) -> str:
    """Both tables as Markdown."""
    sizes = sorted({(row["runs"], row["points"]) for row in results["growth"]})
    heads = [f"{runs:,} runs, {points // 1_000_000} M points" for runs, points in sizes]
    lines = [f"| | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    by_work: dict[tuple[str, str], list[str]] = {}
    for row in results["growth"]:
        again = f" ({_ms(row['again'])})" if "again" in row else ""
        by_work.setdefault((row["group"], row["what"]), []).append(_ms(row["first"]) + again)
    lines += [f"| {group}: {what} | {' | '.join(cells)} |" for (group, what), cells in by_work.items()]
    lines += ["", "| | nbtrail | by hand | ratio | at most |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in results["limits"]:
        hand = _ms(row["hand"]) if row["hand"] else ""
        ratio = f"{row['ours'] / row['hand']:.2f}" if row["hand"] else ""
        lines.append(f"| {row['what']} | {_ms(row['ours'])} | {hand} | {ratio} | {row['most'] or ''} |")
    return "\n".join(lines) + "\n"


def _sizes(frame: pd.DataFrame) -> list[int]:
    return sorted(int(runs) for runs in frame["runs"].unique())


def _ms(value: float) -> str:
    if value < 1:
        return f"{value * 1000:.3g} µs"
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"
