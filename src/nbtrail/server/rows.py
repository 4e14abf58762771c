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
    from collections.abc import Iterable, Mapping, Sequence

    from nbtrail.records import Direction, Metric, Run
    from nbtrail.server.sparks import Sparks
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

_LATEST_RUNS: Final = 500
_FEWEST_POINTS_OF_A_CURVE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What the rows of a project are measured by."""

    metric: str | None
    direction: Direction
    baseline: Run | None
    value: float | None
    """The baseline's last value of the metric."""


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
        value = next((one.last for one in store.metrics([baseline.id]) if one.key == metric), None)
    better = "max" if metric is None else settings.directions.get(metric) or direction(metric)
    return Yardstick(metric=metric, direction=better, baseline=baseline, value=value)


def find_baseline(store: Store) -> Run | None:
    """The run with the baseline's tag that started last."""
    query = RunQuery(where=Contains(Field("run", "tags"), BASELINE_TAG), sort=(("started", True),), limit=1)
    return next(iter(store.runs(query)), None)


def run_rows(store: Store, runs: Sequence[Run], yardstick: Yardstick, sparks: Sparks) -> list[dict[str, Any]]:
    """A ``RunRow`` for each run, in the order given."""
    ids = [run.id for run in runs]
    params: dict[str, dict[str, Any]] = {run_id: {} for run_id in ids}
    metrics: dict[str, dict[str, Metric]] = {run_id: {} for run_id in ids}
    for param in store.params(ids):
        params[param.run_id][param.key] = short_value(param.value)
    for metric in store.metrics(ids):
        metrics[metric.run_id][metric.key] = metric
    with_curve = Counter(key for of_run in metrics.values() for key in _curves(of_run.values()))
    return [
        {
            **_facts(run),
            "baseline": yardstick.baseline is not None and run.id == yardstick.baseline.id,
            "params": params[run.id],
            "metrics": {key: metric_summary(metric) for key, metric in metrics[run.id].items()},
            "metric": _measured(run, metrics[run.id], yardstick),
            "spark": _spark(store, metrics[run.id], yardstick.metric, with_curve, sparks),
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


def _spark(
    store: Store, metrics: Mapping[str, Metric], wanted: str | None, with_curve: Mapping[str, int], sparks: Sparks
) -> dict[str, Any] | None:
    curves = _curves(metrics.values())
    # Of those that the run has the most common one of the page, so that most rows show the same.
    key = wanted if wanted in curves else choose_metric({key: with_curve[key] for key in curves})
    return None if key is None else {"metric": key, "values": sparks.values(store, metrics[key])}


def _curves(metrics: Iterable[Metric]) -> list[str]:
    return [metric.key for metric in metrics if metric.count >= _FEWEST_POINTS_OF_A_CURVE]


def _most_common(store: Store) -> str | None:
    latest = store.runs(RunQuery(limit=_LATEST_RUNS))
    # A run that goes on has not computed all of its metrics yet: it would change what the list shows for a while.
    latest = [run for run in latest if run.status != "running"] or latest
    return choose_metric(Counter(metric.key for metric in store.metrics([run.id for run in latest])))
