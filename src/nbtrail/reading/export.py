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
from nbtrail.reading.diff import diff_runs
from nbtrail.reading.frames import find_runs
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.frames import ProjectLike, RunLike
    from nbtrail.records import Json, Run
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

_SUFFIX: Final = ".ipynb"
_KERNEL: Final = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def export(
    path: str | Path, runs: Sequence[RunLike], *, metric: str | None = None, project: ProjectLike = None
) -> Path:
    """Write a comparison of runs as a notebook, with its charts rendered.

    The notebook holds its data and its Altair code: it runs wherever pandas and altair are, without nbtrail.

    Parameters
    ----------
    path
        Where to; it ends in ``.ipynb``. A comparison that nbtrail wrote there is replaced, anything else is not,
        and neither is a comparison that was changed since.
    runs
        Names, ids or run objects; the order is kept.
    metric
        The metric whose curves are drawn; chosen as ``compare`` does if left out.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    pathlib.Path
        The notebook.

    Raises
    ------
    InputError
        The path is no notebook's, its folder is not there, or it holds something else; or no run was given.
    RunNotFoundError, MetricNotFoundError
        A run, or the metric, is not in the store.
    """
    wanted = [runs] if isinstance(runs, str) else runs
    with reader(project) as reading:
        found = find_runs(reading.store, wanted)
        name, settings = reading.project.name, reading.project.settings()
        return export_runs(reading.store, found, Path(path), metric=metric, settings=settings, project=name)


def export_runs(  # noqa: PLR0913 - what, where to, and how
    store: Store, runs: Sequence[Run], path: Path, *, metric: str | None, settings: Settings, project: str
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
    replace = _may_replace(path)
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


def _may_replace(path: Path) -> bool:
    """Whether a file is there that may be written over; an error says why one may not."""
    if path.suffix != _SUFFIX:
        msg = f"{path.name!r} is no notebook's name. Let it end in {_SUFFIX}."
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"no folder {str(path.parent)!r} to write {path.name!r} into. Make it first."
        raise InputError(msg)
    if not path.exists():
        return False
    problem = _why_not_replace(path)
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
