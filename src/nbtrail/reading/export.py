"""Comparisons as notebooks that anyone can open and run: they hold their data and their drawing code."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import nbformat

from nbtrail.errors import InputError
from nbtrail.reading.cells import comparison_cells
from nbtrail.reading.charts import prepare_comparison
from nbtrail.reading.data_export import export_data, is_data_path, unknown_ending
from nbtrail.reading.data_tables import DataWanted
from nbtrail.reading.diff import diff_runs
from nbtrail.reading.frames import find_runs
from nbtrail.reading.table_files import ending
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.frames import ProjectLike, RunLike
    from nbtrail.records import Json, Run
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

_SUFFIX: Final = ".ipynb"
_KERNEL: Final = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def export(  # noqa: PLR0913 - what, where to, and how; all but two by name
    path: str | Path,
    runs: Sequence[RunLike] = (),
    *,
    metric: str | Sequence[str] | None = None,
    filter: str = "",  # noqa: A002 - what people call it
    points: bool = False,
    system: bool = False,
    format: str | None = None,  # noqa: A002 - what people call it
    force: bool = False,
    project: ProjectLike = None,
) -> Path:
    """Write a comparison of runs as a notebook with its charts rendered, or runs and points as data for other tools.

    The notebook holds its data and its Altair code: it runs wherever pandas and altair are, without nbtrail.

    Parameters
    ----------
    path
        Where to. ``.ipynb`` is a notebook: a comparison that nbtrail wrote there is replaced, anything else is not, and
        neither is a comparison that was changed since. ``.csv``, ``.jsonl`` and ``.parquet`` are a table: that of
        ``nt.runs()``, or points. A folder gets a file each for runs, params, metrics, points and tags.
    runs
        Names, ids or run objects; the order is kept. For data all runs of the project if left out.
    metric
        The metric whose curves are drawn; chosen as ``compare`` does if left out. For data one or several metrics
        whose points are written.
    filter
        For data: which runs, as in ``nt.runs``.
    points
        For data: the points rather than the table of runs. Columns ``run``, ``id``, ``metric``, ``step``, ``time``,
        ``value``, each metric in the order logged.
    system
        For data: also what was measured of the machine.
    format
        ``csv``, ``jsonl`` or ``parquet`` for the files in a folder; csv if left out.
    force
        Replace files that are there.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    pathlib.Path
        The notebook, the file or the folder.

    Raises
    ------
    InputError
        The path or what is asked for makes no sense, or something is in the way (``FileTakenError``).
    RunNotFoundError, MetricNotFoundError
        A run, or the metric, is not in the store.
    """
    wanted = [runs] if isinstance(runs, str) else runs
    metrics = (metric,) if isinstance(metric, str) else tuple(metric or ())
    if is_data_path(path, format):
        data = DataWanted(runs=wanted, filter=filter, metrics=metrics, points=points, system=system)
        export_data(path, data, form=format, force=force, project=project)
        return Path(path)
    if ending(path) != "ipynb":
        raise unknown_ending(path)
    if filter or points or system or len(metrics) > 1:
        msg = (
            f"a notebook takes named runs and one metric, and {str(path)!r} is one. Data go to .csv, .jsonl, .parquet."
        )
        raise InputError(msg)
    with reader(project) as reading:
        found = find_runs(reading.store, wanted)
        name, settings = reading.project.name, reading.project.settings()
        only = metrics[0] if metrics else None
        return export_runs(reading.store, found, Path(path), metric=only, settings=settings, project=name, force=force)


def export_runs(  # noqa: PLR0913 - what, where to, and how
    store: Store,
    runs: Sequence[Run],
    path: Path,
    *,
    metric: str | None,
    settings: Settings,
    project: str,
    force: bool = False,
) -> Path:
    """Write a comparison of these runs; rules and errors are those of ``export``.

    Parameters
    ----------
    project
        The project's name, for the notebook's head.
    """
    if not runs:
        msg = "an export needs at least one run: nt.export('comparison.ipynb', ['swift-otter', 'calm-heron'])"
        raise InputError(msg)
    replace = _may_replace(path, force=force)
    comparison = prepare_comparison(store, runs, metric, settings)
    difference = diff_runs(store, runs, settings)
    cells = comparison_cells(store, comparison, difference, project=project, at=time.time())
    origin = {"project": project, "runs": [{"id": run.id, "name": run.name} for run in runs]}
    _write(path, _notebook_text(cells, origin), replace=replace)
    return path


def unique_path(path: Path) -> Path:
    """``path``, or the first of ``comparison-2.ipynb``, ``comparison-3.ipynb``, … that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _notebook_text(cells: list[dict[str, Any]], origin: dict[str, Json]) -> str:
    metadata = {
        "kernelspec": _KERNEL,
        "language_info": {"name": "python"},
        "nbtrail": {"comparison": {**origin, "digest": _digest(cells)}},
    }
    notebook = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def _digest(cells: list[dict[str, Any]]) -> str:
    """Of all that a person may have changed."""
    sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def _may_replace(path: Path, *, force: bool) -> bool:
    """Whether a file is there that may be written over; an error says why one may not."""
    if path.suffix.lower() != _SUFFIX:
        msg = f"{path.name!r} is no notebook's name. Let it end in {_SUFFIX}."
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"no folder {str(path.parent)!r} to write {path.name!r} into. Make it first."
        raise InputError(msg)
    if not path.exists():
        return False
    problem = "" if force else _why_not_replace(path)
    if problem:
        msg = f"{str(path)!r} {problem}, so it was left as it is. {unique_path(path).name!r} is free."
        raise InputError(msg)
    return True


def _why_not_replace(path: Path) -> str:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        unchanged = notebook["metadata"]["nbtrail"]["comparison"]["digest"] == _digest(notebook["cells"])
    except (KeyError, TypeError, ValueError, OSError):
        return "holds something else than a comparison by nbtrail"
    return "" if unchanged else "was changed since nbtrail wrote it"


def _write(path: Path, text: str, *, replace: bool) -> None:
    try:
        if replace:
            scratch = path.with_name(f".{path.name}.tmp")
            scratch.write_text(text, encoding="utf-8")
            scratch.replace(path)
        else:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        msg = f"{str(path)!r} cannot be written: {error.strerror or error}. Choose another path."
        raise InputError(msg) from error
