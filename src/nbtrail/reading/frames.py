"""Runs and their curves as DataFrames."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pandas as pd

from nbtrail.errors import InputError, MetricNotFoundError
from nbtrail.reading.columns import check_columns, field_columns
from nbtrail.reading.thinning import FEWEST_POINTS, thin
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter, parse_sort
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nbtrail import records
    from nbtrail.project import Project
    from nbtrail.records import Series
    from nbtrail.store.protocol import Store
    from nbtrail.tracking import Run

    RunLike: TypeAlias = str | Run | records.Run
    ProjectLike: TypeAlias = Project | str | Path | None

_TIME: Final = "datetime64[us, UTC]"
_SIMILAR_ABOVE: Final = 0.5


def runs(  # noqa: PLR0913 - each a way to say which table
    filter: str = "",  # noqa: A002 - what people call it, and most often given by position
    *,
    sort: str = "-started",
    limit: int | None = None,
    columns: Sequence[str] | None = None,
    system: bool = False,
    project: ProjectLike = None,
) -> pd.DataFrame:
    """The runs of a project, one row each.

    Parameters
    ----------
    filter
        Which runs, such as ``metrics.acc > 0.9 and params.lr < 0.1``; empty for all that are not in the trash.
    sort
        A field of the filter language, ``-`` before it for descending. Runs without a value come last.
    limit
        At most so many rows.
    columns
        The columns to have, in this order, such as ``["name", "params.lr", "metrics.acc"]``; of other params and
        metrics nothing is read. All of them if left out.
    system
        Add what was measured of the machine, as columns ``metrics.system/…``. Filters and sort keys may name them, and
        ``history`` has their points, without it too.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``id``, ``name``, ``status`` (str), ``started``, ``ended`` (datetime64[us, UTC], NaT while it runs),
        ``duration`` (float64, seconds), ``notebook`` (relative path), ``parent`` (an id), ``starred`` (bool),
        ``note``, ``error`` (str), ``tags`` (list of str), then ``params.*`` and ``metrics.*`` (the last value), each
        group sorted. What a run lacks is missing (NaN, None or NA). Metrics are float64. Params of whole numbers are
        int64, or ``Int64`` (pandas' integers with gaps) where a run lacks one, so that a seed of 64 bits stays what it
        is; beyond 64 bits they are Python's own integers. ``.astype(float)`` makes floats of them. Params of whole
        and other numbers are float64, unless that would alter one. Without runs the first twelve columns, and no
        rows. In a table of more than twenty million params and metrics, numeric columns that few runs have are sparse.

    Raises
    ------
    FilterError
        The filter or the sort key has a mistake.
    InputError
        ``limit`` is negative, or no run has a column that was asked for.
    StoreError
        The store cannot be read.
    """
    if limit is not None and limit < 0:
        msg = f"limit must not be negative, and it is {limit}"
        raise InputError(msg)
    with reader(project) as reading:
        # Without runs there are no names yet, and a sort key is no mistake.
        names = reading.store.names()
        sort_names = names if names.params or names.metrics else None
        query = RunQuery(where=parse_filter(filter, names), sort=parse_sort(sort, sort_names), limit=limit)
        if columns is not None and sort_names:
            check_columns(columns, ORDINARY, names)
        return runs_frame(reading.store, reading.store.runs(query), columns=columns, system=system)


def run(wanted: RunLike, *, project: ProjectLike = None) -> pd.Series[Any]:
    """One run, as the row that ``runs`` has for it.

    Raises
    ------
    RunNotFoundError
        The run is not in the store.
    """
    with reader(project) as reading:
        found = find_runs(reading.store, [wanted])
        return runs_frame(reading.store, found).iloc[0]


def history(
    runs: Sequence[RunLike], metric: str, *, max_points: int | None = None, project: ProjectLike = None
) -> pd.DataFrame:
    """The points of one metric for some runs, as tidy rows.

    Parameters
    ----------
    runs
        Names or ids; the order is kept.
    metric
        The metric's name.
    max_points
        Per run; longer curves keep each bucket's minimum and maximum (MinMaxLTTB, Van Der Donckt et al. 2023), and
        the first point of their longest gaps. ``None`` keeps every point.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``run`` (str, the name), ``step`` (int64), ``time`` (datetime64[us, UTC]), ``value`` (float64, NaN
        and ±inf kept), each run in the order logged, also where steps go back. A run without the metric adds no rows.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    MetricNotFoundError
        None of the runs has the metric.
    InputError
        ``max_points`` is below 3.
    """
    with reader(project) as reading:
        wanted = [runs] if isinstance(runs, str) else runs
        return history_frame(reading.store, find_runs(reading.store, wanted), metric, max_points=max_points)


def find_runs(store: Store, wanted: Iterable[RunLike]) -> list[records.Run]:
    """The runs with these names or ids (or these run objects), in order; one that is named twice comes once.

    Raises
    ------
    RunNotFoundError
        A run is not in the store.
    InputError
        Something is neither a name nor a run.
    """
    found: dict[str, records.Run] = {}
    for one in wanted:
        key = one if isinstance(one, str) else getattr(one, "id", None)
        if not isinstance(key, str):
            msg = f"{one!r} is no run. Give a run's name, its id, or the run itself."
            raise InputError(msg)
        record = store.run(key)
        found.setdefault(record.id, record)
    return list(found.values())


def runs_frame(
    store: Store, found: Sequence[records.Run], *, columns: Sequence[str] | None = None, system: bool = False
) -> pd.DataFrame:
    """One row a run, in the order given; the columns are those of ``runs``."""
    table = {name: read(found) for name, read in ORDINARY.items() if columns is None or name in columns}
    fields = None if columns is None else [name for name in columns if name not in ORDINARY]
    table |= field_columns(store, [run.id for run in found], wanted=fields, system=system)
    # One block a column: to put thousands of them together would take the memory twice.
    frame = pd.DataFrame(table, index=pd.RangeIndex(len(found)), copy=False)
    return frame if columns is None else frame[list(columns)]


def history_frame(
    store: Store, found: Sequence[records.Run], metric: str, *, max_points: int | None = None
) -> pd.DataFrame:
    """The points of one metric for these runs; columns, order and errors are those of ``history``."""
    if max_points is not None and max_points < FEWEST_POINTS:
        msg = f"max_points must be at least {FEWEST_POINTS}, and it is {max_points}. None keeps every point."
        raise InputError(msg)
    series = [_thinned(store.series(run.id, metric), max_points) for run in found]
    if not any(len(one.steps) for one in series):
        raise _no_such_metric(store, found, metric)
    names = [run.name for run in found]
    counts = [len(one.steps) for one in series]
    return pd.DataFrame(
        {
            "run": pd.array(names, dtype="str").repeat(counts),
            "step": _joined([one.steps for one in series]).astype(np.int64, copy=False),
            "time": _from_seconds(_joined([one.times for one in series])),
            "value": _joined([one.values for one in series]).astype(np.float64, copy=False),  # noqa: PD011 - our own Series
        },
        copy=False,
    )


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """One array of all, which may be written to; a single one, of a million points perhaps, is not copied."""
    return parts[0] if len(parts) == 1 and parts[0].flags.writeable else np.concatenate(parts)


def metric_not_found(wanted: str, known: Iterable[str]) -> MetricNotFoundError:
    """The error that names the metrics that are there, the most similar first."""
    names = sorted(known)
    similar = difflib.get_close_matches(wanted, names, cutoff=_SIMILAR_ABOVE)
    return MetricNotFoundError(wanted, known=names, similar=similar)


def _no_such_metric(store: Store, found: Sequence[records.Run], metric: str) -> MetricNotFoundError:
    ids, of_system = [run.id for run in found], metric.startswith("system/")
    return metric_not_found(metric, {one.key for one in store.metrics(ids, system=of_system)})


def _thinned(series: Series, max_points: int | None) -> Series:
    if max_points is None or len(series.steps) <= max_points:
        return series
    kept = thin(series.steps, series.values, max_points)
    return type(series)(
        run_id=series.run_id,
        key=series.key,
        steps=series.steps[kept],
        times=series.times[kept],
        values=series.values[kept],  # noqa: PD011 - our own Series
    )


def _texts(values: Sequence[str | None]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object if None in values else "str")


def _moments(seconds: Sequence[float | None]) -> pd.Series[Any]:
    return _from_seconds(np.array([_or_nan(second) for second in seconds], dtype=np.float64))


def _from_seconds(seconds: NDArray[np.float64]) -> pd.Series[Any]:
    with np.errstate(invalid="ignore"):
        micros = np.rint(seconds * 1e6).astype(np.int64)
    micros[~np.isfinite(seconds)] = np.iinfo(np.int64).min
    return pd.Series(micros.view("datetime64[us]"), copy=False).dt.tz_localize("UTC").astype(_TIME)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


ORDINARY: Final[dict[str, Callable[[Sequence[records.Run]], Any]]] = {
    "id": lambda found: _texts([run.id for run in found]),
    "name": lambda found: _texts([run.name for run in found]),
    "status": lambda found: _texts([run.status for run in found]),
    "started": lambda found: _moments([run.started for run in found]),
    "ended": lambda found: _moments([run.ended for run in found]),
    "duration": lambda found: np.array([_or_nan(run.duration_s) for run in found], dtype=np.float64),
    "notebook": lambda found: _texts([run.notebook for run in found]),
    "parent": lambda found: _texts([run.parent_id for run in found]),
    "starred": lambda found: np.array([run.starred for run in found], dtype=np.bool_),
    "note": lambda found: _texts([run.note for run in found]),
    "error": lambda found: _texts([run.error for run in found]),
    "tags": lambda found: pd.Series([list(run.tags) for run in found], dtype=object),
}
"""The columns that every table of runs can have, and what they hold."""
