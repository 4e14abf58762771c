"""The tables of an export: runs, params, metrics, points and tags, as columns, a part at a time."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from nbtrail.errors import PointsDamagedError
from nbtrail.notices import announce
from nbtrail.reading.frames import metric_not_found, runs_frame
from nbtrail.reading.table_files import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from nbtrail.reading.frames import RunLike
    from nbtrail.reading.table_files import Column
    from nbtrail.records import Metric, Run, Series
    from nbtrail.store.protocol import Store

    OnProgress = Callable[[str, int, int], None]

_RUNS_AT_ONCE: Final = 1000
_MOST_NAMED: Final = 10
_ROWS_AT_ONCE: Final = 100_000
_POINTS: Final = (
    Field("run", "text"), Field("id", "text"), Field("metric", "text"), Field("step", "integer"),
    Field("time", "moment"), Field("value", "number"),
)  # fmt: skip
_PARAMS: Final = (
    Field("run", "text"), Field("id", "text"), Field("param", "text"), Field("value", "mixed"), Field("origin", "text"),
    Field("time", "moment"),
)  # fmt: skip
_METRICS: Final = (
    Field("run", "text"), Field("id", "text"), Field("metric", "text"), Field("last", "number"),
    Field("last_step", "integer"), Field("min", "number"), Field("min_step", "integer"), Field("max", "number"),
    Field("max_step", "integer"), Field("mean", "number"), Field("count", "integer"), Field("nan_count", "integer"),
    Field("origin", "text"),
)  # fmt: skip
_TAGS: Final = (Field("run", "text"), Field("id", "text"), Field("tag", "text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataWanted:
    """Which data of a store are to be exported."""

    runs: Sequence[RunLike] = ()
    """All runs that pass the filter, if none are named."""
    filter: str = ""
    metrics: tuple[str, ...] = ()
    """Only the points of these; all if none are named."""
    points: bool = False
    """The points rather than the table of runs."""
    system: bool = False
    """Also what was measured of the machine."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns and its rows."""

    fields: Sequence[Field]
    parts: Iterator[list[Column]]


def data_tables(
    store: Store, found: list[Run], wanted: DataWanted, on_progress: OnProgress
) -> dict[str, Callable[[], Table]]:
    """Every table by its name; each is read when it is called for, and its rows as they are taken."""
    return {
        "runs": lambda: _runs(store, found, wanted),
        "params": lambda: Table(_PARAMS, _params(store, found)),
        "metrics": lambda: Table(_METRICS, _metrics(store, found, wanted)),
        "points": lambda: Table(_POINTS, _gathered(_points(store, found, wanted, on_progress))),
        "tags": lambda: Table(_TAGS, _tags(found)),
    }


def _runs(store: Store, found: list[Run], wanted: DataWanted) -> Table:
    return runs_table(runs_frame(store, found, system=wanted.system), store)


def runs_table(frame: pd.DataFrame, store: Store) -> Table:
    """The rows of ``runs_frame`` as they are written: moments to the millisecond, values of several types as JSON."""
    fields = [Field(str(name), _kind(str(name), frame[name])) for name in frame]
    lacking = _lacking(frame, store)
    columns: list[Column] = [_column(field, frame[field.name], lacking.get(field.name)) for field in fields]
    return Table(fields, iter([columns] if len(frame) else []))


def _points(store: Store, found: list[Run], wanted: DataWanted, on_progress: OnProgress) -> Iterator[list[Column]]:
    total, known = 0, set()
    for metric in _chosen(store, found, wanted):
        total += metric.count
        known.add(metric.key)
    for missing in sorted(set(wanted.metrics) - known):
        raise metric_not_found(missing, {one.key for one in _chosen(store, found, replace(wanted, metrics=()))})
    done, names = 0, {run.id: run.name for run in found}
    damaged: list[tuple[PointsDamagedError, int]] = []
    for metric in _chosen(store, found, wanted):
        for part in _parts(store, metric, damaged):
            count = len(part.steps)
            texts = [[text] * count for text in (names[metric.run_id], metric.run_id, metric.key)]
            millis = np.rint(part.times * 1000).astype(np.int64)
            yield [*texts, part.steps, millis, part.values]  # noqa: PD011 - our own Series
            done += count
            on_progress("writing points", min(done, total), total)
    if damaged and not done and (wanted.points or wanted.metrics):
        raise damaged[0][0]
    if damaged:
        announce(_missing(damaged))


def _parts(store: Store, metric: Metric, damaged: list[tuple[PointsDamagedError, int]]) -> Iterator[Series]:
    """The points of a metric up to damaged ones; these go to ``damaged``, with how many are lost."""
    first = 0
    while True:
        try:
            part = store.part(metric.run_id, metric.key, first=first)
        except PointsDamagedError as error:
            damaged.append((error, metric.count - first))
            return
        if not len(part.steps):
            return
        yield part
        first += len(part.steps)


def _missing(damaged: Sequence[tuple[PointsDamagedError, int]]) -> str:
    lost = [f"{count:,} of {one.metric!r} of run {one.run!r}" for one, count in damaged[:_MOST_NAMED]]
    more = f", and of {len(damaged) - _MOST_NAMED:,} more curves" if len(damaged) > _MOST_NAMED else ""
    return (
        f"points that are damaged on the disk are missing in what was written: {', '.join(lost)}{more}. The rest is "
        "there. `nbtrail doctor --deep` tells more; an older backup has them."
    )


def _gathered(parts: Iterator[list[Column]]) -> Iterator[list[Column]]:
    """Short parts put together: files like Parquet bear a head for each part."""
    held: list[list[Column]] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part[0])
        if count >= _ROWS_AT_ONCE:
            yield [_joined(columns) for columns in zip(*held, strict=True)]
            held, count = [], 0
    if held:
        yield [_joined(columns) for columns in zip(*held, strict=True)]


def _joined(columns: Sequence[Any]) -> Column:
    if isinstance(columns[0], np.ndarray):
        return np.concatenate(columns)
    return list(itertools.chain.from_iterable(columns))


def _chosen(store: Store, found: list[Run], wanted: DataWanted) -> Iterator[Metric]:
    """The metrics whose points are wanted, those of some runs at a time."""
    is_system = wanted.system or any(name.startswith("system/") for name in wanted.metrics)
    for some in _some(found):
        metrics = store.metrics(_ids(some), system=is_system)
        yield from (one for one in metrics if not wanted.metrics or one.key in wanted.metrics)


def _params(store: Store, found: list[Run]) -> Iterator[list[Column]]:
    for some in _some(found):
        names = {run.id: run.name for run in some}
        params = store.params(_ids(some))
        if params:
            yield [
                [names[one.run_id] for one in params], [one.run_id for one in params], [one.key for one in params],
                [one.value for one in params], [one.origin for one in params], _millis([one.at for one in params]),
            ]  # fmt: skip


def _metrics(store: Store, found: list[Run], wanted: DataWanted) -> Iterator[list[Column]]:
    for some in _some(found):
        names = {run.id: run.name for run in some}
        metrics = store.metrics(_ids(some), system=wanted.system)
        if metrics:
            columns = [[getattr(one, field.name) for one in metrics] for field in _METRICS[3:]]
            yield [
                [names[one.run_id] for one in metrics],
                [one.run_id for one in metrics],
                [one.key for one in metrics],
                *columns,
            ]


def _tags(found: list[Run]) -> Iterator[list[Column]]:
    rows = [(run.name, run.id, tag) for run in found for tag in run.tags]
    if rows:
        yield list(zip(*rows, strict=True))


def _some(found: list[Run]) -> Iterator[list[Run]]:
    for start in range(0, len(found), _RUNS_AT_ONCE):
        yield found[start : start + _RUNS_AT_ONCE]


def _ids(found: list[Run]) -> list[str]:
    return [run.id for run in found]


def _kind(name: str, column: Any) -> Kind:
    if name in {"started", "ended"}:
        return "moment"
    if name == "duration" or name.startswith("metrics."):
        return "number"
    if name == "starred":
        return "yes_no"
    if name == "tags":
        return "json"
    if name.startswith("params."):
        return _kind_of([value for value in column.tolist() if not _is_missing(value)])
    return "text"


def _kind_of(values: Sequence[Any]) -> Kind:
    kinds = set(map(type, values))
    if kinds == {int}:
        low, high = min(values), max(values)
        if low >= -(2**63) and high < 2**63:
            return "integer"
        return "unsigned" if low >= 0 and high < 2**64 else "mixed"
    if kinds == {list}:
        items = {type(item) for value in values for item in value}
        return "json" if len(items) == 1 and items <= {int, float, str, bool} else "mixed"
    single: dict[type, Kind] = {str: "text", float: "number", bool: "yes_no"}
    return single.get(kinds.pop(), "mixed") if len(kinds) == 1 else "mixed"


def _lacking(frame: pd.DataFrame, store: Store) -> dict[str, NDArray[np.bool_]]:
    """Of metrics with NaN in their column, which rows have no such metric: others have one whose last value is NaN."""
    keys = [str(name).removeprefix("metrics.") for name in frame if str(name).startswith("metrics.")]
    keys = [key for key in keys if frame[f"metrics.{key}"].isna().any()]
    lacking = {}
    for key, column in store.metric_columns(list(frame["id"]), keys=keys, system=True).items():
        lacks = np.ones(len(frame), np.bool_)
        lacks[column.positions] = False
        lacking[f"metrics.{key}"] = lacks
    return lacking


def _column(field: Field, column: Any, lacks: NDArray[np.bool_] | None) -> Column:
    if field.kind == "moment":
        millis: Column = column.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").view(np.int64)
        return millis
    if field.kind == "number":
        numbers: NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        missing = np.isnan(numbers) if lacks is None else lacks
        if not missing.any():
            return numbers
        return [None if gone else number for number, gone in zip(numbers.tolist(), missing, strict=True)]
    return [None if _is_missing(value) else value for value in column.tolist()]


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124 - only NaN differs


def _millis(seconds: Sequence[float]) -> Column:
    millis: Column = np.rint(np.array(seconds) * 1000).astype(np.int64)
    return millis
