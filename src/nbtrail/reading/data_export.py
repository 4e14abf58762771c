"""Runs and points as files for other tools: CSV, JSON Lines, Parquet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from nbtrail.errors import InputError
from nbtrail.reading.data_tables import DataWanted, data_tables
from nbtrail.reading.frames import find_runs
from nbtrail.reading.table_files import FORMATS, ending, refuse_taken, replacing, table_writer
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrail.reading.data_tables import Table
    from nbtrail.reading.frames import ProjectLike
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

    OnProgress = Callable[[str, int, int], None]

_SLASHES: Final = ("/", os.sep)
_TABLES: Final = ("runs", "params", "metrics", "points", "tags")


def _unheard(_what: str, _done: int, _total: int, /) -> None:
    """Nobody listens."""


def is_data_path(path: str | Path, form: str | None) -> bool:
    """Whether a path, or the format asked for, means data: a file of one of the formats, or a folder."""
    is_folder = str(path).endswith(_SLASHES) or Path(path).is_dir()
    return form is not None or is_folder or ending(path) in FORMATS


def unknown_ending(path: str | Path) -> InputError:
    """The error for a name that says nothing of what is to be written, with those that do."""
    found = Path(path).suffix
    told = f"ends in {found}, which is not written" if found else "has no ending"
    return InputError(
        f"{str(path)!r} {told}. There are .ipynb for a comparison, .csv, .jsonl and .parquet for data, and folders, "
        "with / at their end."
    )


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
        A file, whose name ends in one of the formats, in small or capital letters, or a folder, which is made if it is
        not there.
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
    is_folder = str(path).endswith(_SLASHES) or ending(path) not in FORMATS
    if is_folder and Path(path).suffix and not str(path).endswith(_SLASHES) and not Path(path).is_dir():
        raise unknown_ending(path)
    path = Path(path)
    form = _format_of(path, form)
    names = _TABLES if is_folder else ("points" if wanted.points or wanted.metrics else "runs",)
    targets = {name: path / f"{name}.{form}" if is_folder else path for name in names}
    for target in targets.values():
        if path.is_dir() or not is_folder:
            refuse_taken(target, force=force)
    with reader(project) as reading:
        tables = data_tables(reading.store, _wanted_runs(reading.store, wanted), wanted, on_progress)
        if is_folder:
            _make(path)
        return [(targets[name], _write(targets[name], form, tables[name](), force=force)) for name in names]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        msg = f"the folder {str(folder)!r} cannot be made: {error.strerror or error}. Choose another path."
        raise InputError(msg) from error


def _format_of(path: Path, form: str | None) -> str:
    suffix = ending(path)
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


def _write(path: Path, form: str, table: Table, *, force: bool) -> int:
    with replacing(path, force=force) as file:
        return write_table(table, form, file)


def write_table(table: Table, form: str, file: IO[bytes]) -> int:
    """Write a table in one of the formats, or as ``json``, a part at a time; how many rows it has."""
    writer, count = table_writer(form, file, table.fields), 0
    for columns in table.parts:
        writer.write(columns)
        count += len(columns[0])
    writer.finish()
    return count
