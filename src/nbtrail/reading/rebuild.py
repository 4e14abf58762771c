"""A run's cells as a notebook again, from the store alone: the file may never have been saved."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, cast

import nbformat

from nbtrail.errors import InputError
from nbtrail.reading.frames import find_runs
from nbtrail.reading.table_files import ending
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbformat import NotebookNode

    from nbtrail.reading.frames import ProjectLike, RunLike
    from nbtrail.records import Execution, Json, Output, Run
    from nbtrail.store.blobs import Blobs
    from nbtrail.store.protocol import Store

_ENDING: Final = "ipynb"
_KERNEL: Final = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def rebuild(run: RunLike, *, project: ProjectLike = None) -> NotebookNode:
    """A run as a notebook: the cells that ran, in the order in which they ran, with the outputs that were seen.

    A cell that ran twice stands there twice. Text cells are not known to a kernel, so there are none.

    Parameters
    ----------
    run
        A name, an id or a run object.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    nbformat.NotebookNode
        A valid notebook (format 4.5). ``metadata.nbtrail`` of the notebook says which run it is; that of each cell
        when it started and ended (UTC) and how (``ok``, ``error``, ``interrupted``, ``running``).

    Raises
    ------
    RunNotFoundError
        The run is not in the store.
    InputError
        It has no cells, as that of a script has none.
    StoreError
        The store cannot be read.
    """
    with reader(project) as reading:
        (found,) = find_runs(reading.store, [run])
        return _notebook(reading.store, found, reading.project.blobs)


def write_rebuilt(path: Path, run: RunLike, *, force: bool = False, project: ProjectLike = None) -> None:
    """Write a run as a notebook; rules and errors are those of ``rebuild``.

    Parameters
    ----------
    force
        Replace a file that is there.

    Raises
    ------
    InputError
        The path is no notebook's, a file is there, or it cannot be written.
    """
    if ending(path) != _ENDING:
        msg = f"{path.name!r} is no notebook's name. Let it end in .{_ENDING}."
        raise InputError(msg)
    if path.exists() and not force:
        msg = (
            f"{str(path)!r} is there already, so it was left as it is. Choose another path, or replace it with --force."
        )
        raise InputError(msg)
    text = str(nbformat.writes(rebuild(run, project=project))) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{str(path)!r} cannot be written: {error.strerror or error}. Choose another path."
        raise InputError(msg) from error


def _notebook(store: Store, run: Run, blobs: Blobs) -> NotebookNode:
    executions = store.executions(run.id)
    if not executions:
        msg = (
            f"run {run.name!r} has no cells to rebuild. A script has none, and those of a notebook are kept after "
            "`%load_ext nbtrail`."
        )
        raise InputError(msg)
    outputs = store.outputs([one.id for one in executions])
    own: dict[str, list[Output]] = {one.id: [] for one in executions}
    for output in outputs:
        own[output.execution_id].append(output)
    origin = {"id": run.id, "name": run.name, "status": run.status, "notebook": run.notebook, **_times(run)}
    notebook = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}, "nbtrail": {"run": origin}},
            "cells": [_cell(one, own[one.id], blobs) for one in executions],
        }
    )
    nbformat.validate(notebook)
    return cast("NotebookNode", notebook)


def _cell(execution: Execution, outputs: Iterable[Output], blobs: Blobs) -> dict[str, Any]:
    groups = [list(group) for _, group in groupby(outputs, key=lambda one: one.bundle)]
    return {
        "cell_type": "code",
        # The same cell may have run twice, and no two cells of a notebook have one id.
        "id": execution.id,
        "metadata": {"nbtrail": {"cell_id": execution.cell_id, "status": execution.status, **_times(execution)}},
        "execution_count": execution.number,
        "source": execution.source,
        "outputs": [_output(group, execution, blobs) for group in groups],
    }


def _times(one: Run | Execution) -> dict[str, str | None]:
    return {"started": _moment(one.started), "ended": None if one.ended is None else _moment(one.ended)}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _output(parts: list[Output], execution: Execution, blobs: Blobs) -> dict[str, Any]:
    first = parts[0]
    if first.kind == "stream":
        name = first.mime.removeprefix("text/x-")
        return {"output_type": "stream", "name": name, "text": _text(first, blobs)}
    if first.kind == "error":
        name, _, message = (execution.error or "").partition(": ")
        return {"output_type": "error", "ename": name, "evalue": message, "traceback": _text(first, blobs).split("\n")}
    data = {one.mime: _value(one, blobs) for one in parts if not _is_gone(one, blobs)}
    missing = f"[an output of {sum(one.size for one in parts):,} bytes that was not kept]"
    shown = {"data": data or {"text/plain": missing}, "metadata": dict(first.metadata)}
    if first.kind == "result":
        return {"output_type": "execute_result", "execution_count": execution.number, **shown}
    return {"output_type": "display_data", **shown}


def _is_gone(one: Output, blobs: Blobs) -> bool:
    if one.blob is None:
        return one.cut and not one.text
    return not blobs.path(one.blob).exists()


def _text(one: Output, blobs: Blobs) -> str:
    if one.blob is None:
        return one.text or ""
    return "" if _is_gone(one, blobs) else blobs.read(one.blob).decode("utf-8", "replace")


def _value(one: Output, blobs: Blobs) -> Json:
    if one.blob is not None:
        content = blobs.read(one.blob)
        if one.mime.startswith("image/") and one.mime != "image/svg+xml":
            return base64.b64encode(content).decode()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return base64.b64encode(content).decode()
    else:
        text = one.text or ""
    if one.mime == "application/json" or one.mime.endswith("+json"):
        with suppress(ValueError):
            return json.loads(text)
    return text
