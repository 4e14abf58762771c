"""The rows of a list of runs: each run with its params, metrics and curve, measured against the baseline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.lexicon import choose_metric, direction
from nbtrail.records import BASELINE_TAG
from nbtrail.server.numbers import short_value, wire_number
from nbtrail.store.conditions import Contains, Field
from nbtrail.store.protocol import RunQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbtrail.records import Direction, Metric, Run
    from nbtrail.server.sparks import Sparks
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

_LATEST_RUNS: Final = 500
_MOST_PARAMS: Final = 100
_FEWEST_POINTS_OF_A_CURVE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What the rows of a project are measured by."""

    metric: str | None
    direction: Direction
    baseline: Run | None
    value: float | None
    """The baseline's last value of the metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFields:
    """What rows have of their runs, beside what all runs have."""

    params: tuple[str, ...] | None = None
    """These params; ``None`` for the first hundred of each run."""
    summaries: bool = True
    """The summaries of all metrics; without it they are not even read."""


def choose_yardstick(store: Store, settings: Settings, metrics: Sequence[str], wanted: str | None) -> Yardstick:
    """The metric that rows show, and the run that they are compared with.

    Parameters
    ----------
    metrics
        The names that exist.
    wanted
        The metric that was asked for. If left out: the project's default if a run has it, else the one that most of the
        latest 500 runs have, a score before a loss.
    """
    metric = wanted or (settings.metric if settings.metric in metrics else None) or _most_common(store)
    baseline = find_baseline(store)
    value = None
    if baseline is not None:
        value = next((one.last for one in store.metrics([baseline.id], keys=[metric or ""])), None)
    better = "max" if metric is None else settings.directions.get(metric) or direction(metric)
    return Yardstick(metric=metric, direction=better, baseline=baseline, value=value)


def find_baseline(store: Store) -> Run | None:
    """The run with the baseline's tag that started last."""
    query = RunQuery(where=Contains(Field("run", "tags"), BASELINE_TAG), sort=(("started", True),), limit=1)
    return next(iter(store.runs(query)), None)


def run_rows(
    store: Store,
    runs: Sequence[Run],
    yardstick: Yardstick,
    sparks: Sparks,
    fields: RowFields,
) -> list[dict[str, Any]]:
    """A ``RunRow`` for each run, in the order given."""
    ids = [run.id for run in runs]
    of_params: dict[str, dict[str, Any]] = {run_id: {} for run_id in ids}
    columns = store.param_columns(ids, keys=fields.params, most=_MOST_PARAMS if fields.params is None else None)
    for key, column in columns.items():
        for position, value in zip(column.positions.tolist(), column.values, strict=True):
            of_params[ids[position]][key] = short_value(value)
    curves = _choose_curves(store, ids, yardstick.metric)
    shown = {*curves.values(), *([yardstick.metric] if yardstick.metric else [])}
    metrics: dict[str, dict[str, Metric]] = {run_id: {} for run_id in ids}
    for metric in store.metrics(ids, keys=None if fields.summaries else shown):
        metrics[metric.run_id][metric.key] = metric
    return [
        {
            **_facts(run),
            "baseline": yardstick.baseline is not None and run.id == yardstick.baseline.id,
            "params": of_params[run.id],
            "metrics": {key: metric_summary(one) for key, one in metrics[run.id].items()} if fields.summaries else {},
            "metric": _measured(run, metrics[run.id], yardstick),
            "spark": _spark(store, metrics[run.id].get(curves.get(run.id, "")), sparks),
            "revision": run.revision,
        }
        for run in runs
    ]


def metric_summary(metric: Metric) -> dict[str, Any]:
    """The summary of one metric of one run."""
    return {
        "last": wire_number(metric.last),
        "min": wire_number(metric.min),
        "max": wire_number(metric.max),
        "mean": wire_number(metric.mean),
        "count": metric.count,
        "step": metric.last_step,
    }


def _facts(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "started": run.started,
        "ended": run.ended,
        "duration_s": run.duration_s,
        "notebook": run.notebook,
        "parent": run.parent_id,
        "tags": list(run.tags),
        "starred": run.starred,
        "trashed": run.trashed is not None,
        "note": run.note,
        "error": run.error,
    }


def _measured(run: Run, metrics: Mapping[str, Metric], yardstick: Yardstick) -> dict[str, Any] | None:
    if yardstick.metric is None or yardstick.metric not in metrics:
        return None
    value = metrics[yardstick.metric].last
    shown: dict[str, Any] = {"name": yardstick.metric, "value": wire_number(value), "delta": None, "better": None}
    is_baseline = yardstick.baseline is not None and run.id == yardstick.baseline.id
    if yardstick.value is not None and not is_baseline:
        delta = value - yardstick.value
        shown["delta"] = wire_number(delta)
        if delta > 0 or delta < 0:
            shown["better"] = (delta > 0) == (yardstick.direction == "max")
    return shown


def _choose_curves(store: Store, ids: Sequence[str], wanted: str | None) -> dict[str, str]:
    """The metric of each run's small curve: the one wanted, else the most common one of the page that the run has."""
    of_runs = store.metric_keys(ids, least_points=_FEWEST_POINTS_OF_A_CURVE)
    counts = Counter(key for keys in of_runs.values() for key in keys)
    chosen = {
        run_id: wanted if wanted in keys else choose_metric({key: counts[key] for key in keys})
        for run_id, keys in of_runs.items()
    }
    return {run_id: key for run_id, key in chosen.items() if key is not None}


def _spark(store: Store, metric: Metric | None, sparks: Sparks) -> dict[str, Any] | None:
    return None if metric is None else {"metric": metric.key, "values": sparks.values(store, metric)}


def _most_common(store: Store) -> str | None:
    latest = store.runs(RunQuery(limit=_LATEST_RUNS))
    # A run that goes on has not computed all of its metrics yet: it would change what the list shows for a while.
    latest = [run for run in latest if run.status != "running"] or latest
    return choose_metric(store.metric_counts([run.id for run in latest]))
