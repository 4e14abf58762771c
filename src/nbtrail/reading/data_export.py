"""Runs and points as files for other tools: CSV, JSON Lines, Parquet."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.errors import InputError
from nbtrail.reading.frames import find_runs, metric_not_found, runs_frame
from nbtrail.reading.table_files import FORMATS, Field, Kind, refuse_taken, replacing, table_writer
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbtrail.reading.frames import ProjectLike, RunLike
    from nbtrail.reading.table_files import Column
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

    OnProgress = Callable[[str, int, int], None]

_SLASHES: Final = ("/", os.sep)
_RUNS_AT_ONCE: Final = 1000
_TABLES: Final = ("runs", "params", "metrics", "points", "tags")
_POINTS: Final = (
    Field("run", "text"), Field("id", "text"), Field("metric", "text"), Field("step", "integer"),
    Field("time", "moment"), Field("value", "number"),
)  # fmt: skip
_PARAMS: Final = (
    Field("run", "text"), Field("id", "text"), Field("param", "text"), Field("value", "json"), Field("origin", "text"),
    Field("time", "moment"),
)  # fmt: skip
_METRICS: Final = (
    Field("run", "text"), Field("id", "text"), Field("metric", "text"), Field("last", "number"),
    Field("last_step", "integer"), Field("min", "number"), Field("min_step", "integer"), Field("max", "number"),
    Field("max_step", "integer"), Field("mean", "number"), Field("count", "integer"), Field("nan_count", "integer"),
    Field("origin", "text"),
)  # fmt: skip
_TAGS: Final = (Field("run", "text"), Field("id", "text"), Field("tag", "text"))


def _unheard(_what: str, _done: int, _total: int, /) -> None:
    """Nobody listens."""


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


def is_data_path(path: str | Path, form: str | None) -> bool:
    """Whether a path, or the format asked for, means data: a file of one of the formats, or a folder."""
    is_folder = str(path).endswith(_SLASHES) or Path(path).is_dir()
    return form is not None or is_folder or Path(path).suffix.removeprefix(".") in FORMATS


def export_data(  # noqa: PLR0913 - what, where to, and how
    path: str | Path,
    wanted: DataWanted,
    *,
    form: str | None = None,
    force: bool = False,
    project: ProjectLike = None,
    on_progress: OnProgress = _unheard,
) -> list[tuple[Path, int]]:
    """Write data of a project into a file, or each table into a file of a folder.

    Parameters
    ----------
    path
        A file, whose name ends in one of the formats, or a folder, which is made if it is not there.
    wanted
        Which data.
    form
        For a folder; csv if left out.
    force
        Replace files that are there.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.
    on_progress
        Hears how many points are written, of how many.

    Returns
    -------
    list of (pathlib.Path, int)
        The files, each with its number of rows.

    Raises
    ------
    InputError
        The path, the format or what is wanted makes no sense, or a file is in the way.
    NotFoundError
        A run or a metric is not in the store.
    """
    is_folder = str(path).endswith(_SLASHES) or Path(path).suffix.removeprefix(".") not in FORMATS
    path = Path(path)
    form = _format_of(path, form)
    names = _TABLES if is_folder else ("points" if wanted.points or wanted.metrics else "runs",)
    targets = {name: path / f"{name}.{form}" if is_folder else path for name in names}
    for target in targets.values():
        if path.is_dir() or not is_folder:
            refuse_taken(target, force=force)
    with reader(project) as reading:
        tables = _tables(reading.store, _wanted_runs(reading.store, wanted), wanted, on_progress)
        if is_folder:
            _make(path)
        return [(targets[name], _write(targets[name], form, tables[name], force=force)) for name in names]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        msg = f"the folder {str(folder)!r} cannot be made: {error.strerror or error}. Choose another path."
        raise InputError(msg) from error


@dataclass(frozen=True, slots=True)
class _Table:
    fields: Sequence[Field]
    parts: Iterator[list[Column]]


def _format_of(path: Path, form: str | None) -> str:
    suffix = path.suffix.removeprefix(".")
    if suffix in FORMATS:
        if form not in {None, suffix}:
            msg = f"{path.name!r} says {suffix}, and the format says {form}. Leave out one of them."
            raise InputError(msg)
        return suffix
    if form is None:
        return "csv"
    if form not in FORMATS:
        msg = f"there is no format {form!r}; there are {', '.join(FORMATS)}."
        raise InputError(msg)
    return form


def _wanted_runs(store: Store, wanted: DataWanted) -> list[Run]:
    if wanted.runs:
        if wanted.filter:
            msg = "runs are named, and there is a filter too. Leave out one of them."
            raise InputError(msg)
        return find_runs(store, wanted.runs)
    names = store.names()
    return store.runs(RunQuery(where=parse_filter(wanted.filter, names), sort=(("started", False),)))


def _tables(store: Store, found: list[Run], wanted: DataWanted, on_progress: OnProgress) -> dict[str, _Table]:
    frame = runs_frame(store, found, system=wanted.system)
    fields = [Field(str(name), _kind(str(name), frame[name])) for name in frame]
    columns: list[Column] = [_column(field, frame[field.name]) for field in fields]
    return {
        "runs": _Table(fields, iter([columns] if found else [])),
        "params": _Table(_PARAMS, _params(store, found)),
        "metrics": _Table(_METRICS, _metrics(store, found, wanted)),
        "points": _Table(_POINTS, _points(store, found, wanted, on_progress)),
        "tags": _Table(_TAGS, _tags(found)),
    }


def _write(path: Path, form: str, table: _Table, *, force: bool) -> int:
    count = 0
    with replacing(path, force=force) as file:
        writer = table_writer(form, file, table.fields)
        for columns in table.parts:
            writer.write(columns)
            count += len(columns[0])
        writer.finish()
    return count


# --- the tables ---


def _points(store: Store, found: list[Run], wanted: DataWanted, on_progress: OnProgress) -> Iterator[list[Column]]:
    is_system = wanted.system or any(name.startswith("system/") for name in wanted.metrics)
    done = 0
    summaries = [metric for some in _some(found) for metric in store.metrics(_ids(some), system=is_system)]
    chosen = [one for one in summaries if not wanted.metrics or one.key in wanted.metrics]
    for missing in sorted(set(wanted.metrics) - {one.key for one in chosen}):
        raise metric_not_found(missing, {one.key for one in summaries})
    total, names = sum(one.count for one in chosen), {run.id: run.name for run in found}
    for metric in chosen:
        first = 0
        while count := len((part := store.part(metric.run_id, metric.key, first=first)).steps):
            texts = [[text] * count for text in (names[metric.run_id], metric.run_id, metric.key)]
            millis = np.rint(part.times * 1000).astype(np.int64)
            yield [*texts, part.steps, millis, part.values]
            first, done = first + count, done + count
            on_progress("writing points", min(done, total), total)


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
        kinds = {type(value) for value in column if not _is_missing(value)}
        single: dict[type, Kind] = {str: "text", float: "number", int: "integer", bool: "yes_no"}
        return single.get(kinds.pop(), "json") if len(kinds) == 1 else "json"
    return "text"


def _column(field: Field, column: Any) -> Sequence[Any]:
    if field.kind == "moment":
        millis: Sequence[Any] = column.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").view(np.int64)
        return millis
    if field.kind == "number":
        numbers: Sequence[Any] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers
    return [None if _is_missing(value) else value for value in column.tolist()]


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - only NaN differs


def _millis(seconds: Sequence[float]) -> Sequence[Any]:
    millis: Sequence[Any] = np.rint(np.array(seconds) * 1000).astype(np.int64)
    return millis
