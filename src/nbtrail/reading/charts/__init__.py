"""Charts of runs: prepared from the store, drawn with Altair, shown in Jupyter. Nothing else makes a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from nbtrail.errors import InputError
from nbtrail.reading.charts.display import bundle, vegalite5
from nbtrail.reading.charts.draw import comparison_chart
from nbtrail.reading.charts.prepare import ComparisonData, legible, prepare_comparison
from nbtrail.reading.frames import find_runs
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from nbtrail.reading.frames import ProjectLike, RunLike

__all__ = [
    "ComparisonChart",
    "ComparisonData",
    "bundle",
    "compare",
    "draw_comparison",
    "legible",
    "prepare_comparison",
    "vegalite5",
]


class ComparisonChart(alt.HConcatChart):
    """An Altair chart like any other, which Jupyter shows without a network."""

    def _repr_mimebundle_(self, *_args: Any, **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return bundle(self)


def compare(*runs: RunLike, metric: str | None = None, project: ProjectLike = None) -> ComparisonChart:
    """Draw runs beside each other: the curves of one metric, and the last values of others.

    Parameters
    ----------
    runs
        Names, ids or run objects; at least one. Their order gives the colours.
    metric
        The metric whose curves are drawn. If left out: the project's metric if it has curves, else the one with
        curves in most runs, held-out (``val_``, ``test_``) before training, a loss before a score.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    altair.HConcatChart
        It can be changed and put beside others like any Altair chart. Runs without any metric give a chart that
        says so.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    MetricNotFoundError
        None of the runs has the metric.
    InputError
        No run was given.
    """
    if not runs:
        msg = "compare needs at least one run: nt.compare('swift-otter', 'calm-heron')"
        raise InputError(msg)
    with reader(project) as reading:
        found = find_runs(reading.store, runs)
        return draw_comparison(prepare_comparison(reading.store, found, metric, reading.project.settings()))


def draw_comparison(comparison: ComparisonData, *, width: int = 800) -> ComparisonChart:
    """Draw what was prepared, about so many pixels wide."""
    comparison = legible(comparison)
    chart = comparison_chart(
        comparison.curves,
        comparison.finals,
        comparison.colors,
        metric=comparison.metric,
        note=comparison.note,
        width=width,
        kind=ComparisonChart,
    )
    assert isinstance(chart, ComparisonChart)
    return chart
