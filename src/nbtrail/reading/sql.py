"""SQL over a project's store, in which points are ordinary rows."""

from __future__ import annotations

import itertools
from typing import IO, TYPE_CHECKING, Any, Final

from nbtrail.errors import InputError
from nbtrail.reading.table_files import FORMATS, Field, ending, table_writer
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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
        The statement's columns under their names, of which one that comes again is numbered (``value_2``). Values of
        metrics are float64 to the bit; NULL, which stands for NaN there, is missing (NaN). Whole numbers are int64, or
        ``Int64`` where some are missing. Without rows the columns alone.

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
        return _exact(pd.DataFrame(rows, columns=list(selection.columns)), rows)


def _exact(frame: pd.DataFrame, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """The frame with the whole numbers of which pandas made floats as they were found."""
    import numpy as np

    from nbtrail.reading.columns import exact_numbers

    for place, (name, kind) in enumerate(frame.dtypes.items()):
        values = [row[place] for row in rows] if kind == np.float64 else []
        if int in set(map(type, values)):
            frame[name] = exact_numbers(values, np.arange(len(rows)), len(rows))
    return frame


def format_of(path: Path) -> str:
    """The one of ``SQL_FORMATS`` that a file's name ends in.

    Raises
    ------
    InputError
        It ends in none of them.
    """
    found = ending(path)
    if found not in SQL_FORMATS:
        told = f"ends in {path.suffix}, which is not written" if found else "has no ending"
        known = ", ".join(f".{form}" for form in SQL_FORMATS)
        msg = f"{path.name!r} {told}. There are {known}; or say which format it is to have (--format)."
        raise InputError(msg)
    return found


def write_selection(selection: Selection, form: str, file: IO[bytes]) -> int:
    """Write what a statement finds as one of ``SQL_FORMATS``, as it is found; how many rows there were."""
    fields = [Field(name, "any") for name in selection.columns]
    writer, count = table_writer(form, file, fields), 0
    for rows in selection.batches():
        writer.write(list(zip(*rows, strict=True)))
        count += len(rows)
    writer.finish()
    return count
