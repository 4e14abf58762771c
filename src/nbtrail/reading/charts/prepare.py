"""What a comparison shows, worked out from the store: which metrics, which points, which colours."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from nbtrail.analysis.lexicon import direction
from nbtrail.reading.frames import metric_not_found
from nbtrail.reading.text import visible
from nbtrail.reading.thinning import FEWEST_POINTS, thin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from nbtrail.records import Direction, Metric, Run, Series
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

PALETTE: Final = ("#1f77b4", "#e07b39", "#2a9d6f", "#c05aa0", "#8a6fdf", "#b8962e", "#4bb3d3", "#d0545b")
"""Told apart with the common kinds of colour blindness, and readable on white and on dark grey."""
MOST_RUNS: Final = 40
"""Colours with their dash patterns tell so many lines apart."""
_MOST_POINTS: Final = 20_000
_MOST_POINTS_A_RUN: Final = 1_000
_MOST_FINALS: Final = 4
_MOST_PARTS: Final = 8
_DIGITS: Final = 5
_MOST_DIGITS: Final = 12
_HELD_OUT: Final = re.compile(r"(?:^|[^a-z])(?:val|valid|validation|test|dev|eval|holdout)(?:[^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparisonData:
    """All that is drawn of a comparison."""

    runs: tuple[str, ...]
    """Names of the runs that are drawn, in the order asked for."""
    colors: dict[str, str]
    """The colour of each run, by its place in the order."""
    metric: str | None
    """The metric whose curves are drawn; ``None`` if the runs have no metrics."""
    metrics: tuple[str, ...]
    """Every metric that one of the runs has, sorted."""
    better: dict[str, Direction]
    """Whether less or more is better, for each of ``metrics``."""
    curves: pd.DataFrame
    """Columns ``run``, ``part`` (0, 1, … where steps go back), ``step``, ``value`` (NaN is a gap). At most 1,000
    points a run and 20,000 in all, rounded to what can be seen. Empty if no run has more than one point."""
    finals: pd.DataFrame
    """Columns ``run``, ``metric``, ``better``, ``value``: last values of up to four metrics, NaN and ±inf kept."""
    note: str = ""
    """What was left out; empty if nothing was."""


def prepare_comparison(store: Store, runs: Sequence[Run], metric: str | None, settings: Settings) -> ComparisonData:
    """Gather what a comparison of these runs shows.

    Parameters
    ----------
    runs
        In the order of their colours; the first 40 are drawn.
    metric
        The metric whose curves are drawn. If left out: the project's metric if it has curves, else the one with
        curves in most runs, held-out (``val_``, ``test_``) before training, a loss before a score.

    Raises
    ------
    MetricNotFoundError
        None of the runs has the metric.
    """
    drawn = runs[:MOST_RUNS]
    found = store.metrics([run.id for run in drawn], system=True)
    # What was measured of the machine is drawn when it is asked for, and offered nowhere.
    summaries = [one for one in found if one.origin != "system" or one.key == metric]
    known = sorted({one.key for one in summaries})
    if metric is not None and metric not in known:
        raise metric_not_found(metric, known)
    better = {key: settings.directions.get(key) or direction(key) for key in known}
    chosen = metric or _curve_metric(summaries, better, settings.metric)
    curves = _curves(store, drawn, summaries, chosen)
    shown = _final_metrics(summaries, better, curve=None if curves.empty else chosen, first=(metric, settings.metric))
    return ComparisonData(
        runs=tuple(run.name for run in drawn),
        colors={run.name: PALETTE[place % len(PALETTE)] for place, run in enumerate(drawn)},
        metric=chosen or (shown[0] if shown else None),
        metrics=tuple(known),
        better=better,
        curves=curves,
        finals=_finals(drawn, summaries, {key: better[key] for key in shown}),
        note=f"The first {MOST_RUNS} of {len(runs)} runs." if len(runs) > MOST_RUNS else "",
    )


def legible(comparison: ComparisonData) -> ComparisonData:
    """The same with names that can be drawn.

    A control character in a text ends the process of whoever has a picture made, and of a metric's name Vega-Lite makes
    expressions, in which a backslash is no letter.
    """
    named = _drawable(comparison.metric) if comparison.metric is not None else None
    return replace(
        comparison,
        runs=tuple(map(visible, comparison.runs)),
        colors={visible(run): color for run, color in comparison.colors.items()},
        metric=named,
        curves=comparison.curves.assign(run=comparison.curves["run"].map(visible)),
        finals=comparison.finals.assign(
            run=comparison.finals["run"].map(visible), metric=comparison.finals["metric"].map(_drawable)
        ),
    )


def _drawable(metric: str) -> str:
    return visible(metric).replace("\\", "\N{SET MINUS}")


def _curve_metric(summaries: Iterable[Metric], better: dict[str, Direction], preferred: str | None) -> str | None:
    counts: dict[str, int] = {}
    for one in summaries:
        if one.count > 1:
            counts[one.key] = counts.get(one.key, 0) + 1
    if preferred in counts:
        return preferred
    return min(
        counts, key=lambda key: (-counts[key], not _HELD_OUT.search(key), better[key] == "max", key), default=None
    )


def _final_metrics(
    summaries: Sequence[Metric],
    better: dict[str, Direction],
    *,
    curve: str | None,
    first: tuple[str | None, ...],
) -> list[str]:
    """Up to four metrics for the dots; the curves' own metric only if there is nothing else."""
    counts: dict[str, int] = {}
    for one in summaries:
        counts[one.key] = counts.get(one.key, 0) + math.isfinite(one.last)
    ordered = sorted(
        counts,
        key=lambda key: (
            first.index(key) if key in first else len(first),
            -counts[key],
            better[key] == "min",
            not _HELD_OUT.search(key),
            key,
        ),
    )
    return [key for key in ordered if key != curve][:_MOST_FINALS] or ordered[:1]


def _finals(runs: Sequence[Run], summaries: Iterable[Metric], shown: dict[str, Direction]) -> pd.DataFrame:
    last = {(one.run_id, one.key): one.last for one in summaries}
    rows = [(run.name, key, last[run.id, key]) for key in shown for run in runs if (run.id, key) in last]
    return pd.DataFrame(
        {
            "run": [name for name, _, _ in rows],
            "metric": [key for _, key, _ in rows],
            "better": [shown[key] for _, key, _ in rows],
            "value": np.array([value for _, _, value in rows], dtype=np.float64),
        }
    )


def _curves(store: Store, runs: Sequence[Run], summaries: Iterable[Metric], metric: str | None) -> pd.DataFrame:
    counts = {one.run_id: one.count for one in summaries if one.key == metric}
    series: list[Series] = []
    if metric is not None and max(counts.values(), default=0) > 1:
        series = [store.series(run.id, metric) for run in runs if run.id in counts]
    names = {run.id: run.name for run in runs}
    most = max(FEWEST_POINTS, min(_MOST_POINTS_A_RUN, _MOST_POINTS // max(1, len(series))))
    pieces = [_curve(names[one.run_id], one, most) for one in series]
    if not pieces:
        return pd.DataFrame({"run": [], "part": [], "step": [], "value": []})
    curves = pd.concat(pieces, ignore_index=True)
    curves["value"] = _rounded(curves["value"].to_numpy(dtype=np.float64))
    return curves


def _curve(name: str, series: Series, most: int) -> pd.DataFrame:
    kept = thin(series.steps, series.values, most)
    steps, values = series.steps[kept], series.values[kept]  # noqa: PD011 - our own Series
    turns = np.concatenate([[False], steps[1:] < steps[:-1]])
    if turns.sum() >= _MOST_PARTS:  # steps in no order at all: sorted, they still read as one line
        order = np.argsort(steps, kind="stable")
        steps, values, turns = steps[order], values[order], np.zeros_like(turns)
    return pd.DataFrame(
        {
            "run": name,
            "part": np.cumsum(turns),
            "step": steps,
            "value": np.where(np.isfinite(values), values, np.nan),
        }
    )


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Five significant digits, and more where the values lie close together far from zero."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return values
    spread, size = float(np.ptp(finite)), float(np.abs(finite).max())
    extra = max(0, math.ceil(math.log10(size / spread)) - 1) if spread > 0 else 0
    digits = min(_DIGITS + extra, _MOST_DIGITS)
    return np.array([float(f"{value:.{digits}g}") for value in values])
