"""SQL over a project's store, in which points are ordinary rows."""

from __future__ import annotations

import itertools
import json
from typing import IO, TYPE_CHECKING, Any, Final

from nbtrail.reading.table_files import FORMATS, Field, json_value, table_writer
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from nbtrail.reading.frames import ProjectLike
    from nbtrail.store.transfer import Selection

SQL_FORMATS: Final = (*FORMATS, "json")


def sql(
    query: str, params: Sequence[object] | Mapping[str, object] = (), *, project: ProjectLike = None
) -> pd.DataFrame:
    """What one reading statement of SQL finds in a project's store.

    The tables are those of docs/schema.md, but ``points`` has a row for each point: ``run_id``, ``key`` (the metric's
    name), ``position`` (from 0, in the order logged), ``step``, ``time`` (UTC seconds) and ``value``.

    Parameters
    ----------
    query
        A SELECT in SQLite's SQL. It cannot change anything.
    params
        Values for its ``?``, or by name for its ``:name``.
    project
        A project, or a path in one; the one of the notebook or of the working directory if left out.

    Returns
    -------
    pandas.DataFrame
        The statement's columns under their names. Values of metrics are float64 to the bit; NULL, which stands for NaN
        there, is missing (NaN in a column of numbers). Without rows the columns alone.

    Raises
    ------
    SqlError
        The statement has a mistake, or would change something.
    StoreError
        The store cannot be read.
    """
    import pandas as pd

    with reader(project) as reading, reading.store.select(query, params) as selection:
        rows = list(itertools.chain.from_iterable(selection.batches()))
        return pd.DataFrame(rows, columns=list(selection.columns))


def write_selection(selection: Selection, form: str, file: IO[bytes]) -> int:
    """Write what a statement finds as one of ``SQL_FORMATS``, as it is found; how many rows there were."""
    fields = [Field(name, "any") for name in selection.columns]
    if form == "json":
        return _write_json(selection, file)
    writer, count = table_writer(form, file, fields), 0
    for rows in selection.batches():
        writer.write(list(zip(*rows, strict=True)))
        count += len(rows)
    writer.finish()
    return count


def _write_json(selection: Selection, file: IO[bytes]) -> int:
    """A list of objects, one a line."""
    count = 0
    for row in itertools.chain.from_iterable(selection.batches()):
        item: dict[str, Any] = {name: json_value(value) for name, value in zip(selection.columns, row, strict=True)}
        file.write(b"[\n" if not count else b",\n")
        file.write(json.dumps(item, ensure_ascii=False).encode("utf-8", "replace"))
        count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count
