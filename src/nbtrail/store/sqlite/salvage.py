# ruff: noqa: S608 - names come from our own schema
"""Copying every row that can still be read from a damaged SQLite store into a new one."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import shutil
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ulid import ULID

from nbtrail.store.points import Chunk, decode
from nbtrail.store.sqlite import SqliteStore
from nbtrail.store.sqlite.file import DatabaseFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbtrail.store.sqlite.file import Page, Row
    from nbtrail.store.upkeep import OnStep

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "INTEGER": (int,), "REAL": (int, float), "TEXT": (str,), "BLOB": (bytes,),
}  # fmt: skip
_BLOCK_BYTES: Final = 1 << 20
_NOT_BY_SHAPE: Final = {"meta", "journals"}
"""Too small to be told from what indexes hold."""
_OF_RUNS: Final = (
    "params",
    "param_history",
    "tags",
    "metrics",
    "points",
    "artifacts",
    "run_executions",
    "run_datasets",
)
_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True)
class _Layout:
    columns: tuple[str, ...]
    types: tuple[tuple[type, ...], ...]
    required: tuple[bool, ...]
    has_row_ids: bool

    def fits(self, row: Row) -> bool:
        """Whether a record may be a row of this table; one of before a migration has fewer columns."""
        if not row or len(row) > len(self.columns) or any(self.required[: len(self.columns)][len(row) :]):
            return False
        parts = zip(row, self.types, self.required, strict=False)
        return all(not required if value is None else isinstance(value, types) for value, types, required in parts)


def salvage_into(source: Path, target: Path, on_step: OnStep | None = None) -> Mapping[str, int]:
    """Make a new store of what can still be read.

    Rows are looked for in the pages themselves: those that can be reached from their table, then those that damage has
    cut off, which are known by their shape. Rows of a run whose own row is lost get a run with a made-up name.
    Summaries are worked out again where they do not agree with the points that are left.

    Parameters
    ----------
    source
        The damaged file; it is not changed.
    target
        The new store; there is nothing yet.
    on_step
        Hears how many pages were read.

    Returns
    -------
    Mapping from str to int
        How many rows each table of the new store has; ``made up`` counts runs whose own row was lost.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    SqliteStore(target).close()
    copy = target.with_name(target.name + ".source")
    try:
        _copy_with_log(source, copy)
        with copy.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            connection = sqlite3.connect(target, isolation_level=None)
            with contextlib.closing(connection):
                made_up = _fill(connection, DatabaseFile(data), on_step)
    finally:
        for path in (copy, copy.with_name(copy.name + "-wal"), copy.with_name(copy.name + "-shm")):
            path.unlink(missing_ok=True)
    store = SqliteStore(target)
    try:
        store.mend()
    finally:
        store.close()
    return {**_count(target), "made up": made_up}


def _copy_with_log(source: Path, copy: Path) -> None:
    """Copy the file, and fold into the copy what stands in the log beside it, if SQLite can."""
    # Never closed: with that the process would let go of the locks that its other connections hold on the file.
    held = os.open(source, os.O_RDONLY)
    with open(held, "rb", closefd=False) as opened, copy.open("wb") as copied:
        shutil.copyfileobj(opened, copied, _BLOCK_BYTES)
    log = source.with_name(source.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return
    shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _fill(connection: sqlite3.Connection, file: DatabaseFile, on_step: OnStep | None) -> int:
    """Copy the rows; how many runs had to be made up."""
    layouts = _layouts(connection)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for table, rows in _rows(file, layouts, on_step):
        _insert(connection, table, layouts[table], rows)
    made_up = _make_up_runs(connection)
    _drop_bad_chunks(connection)
    _close_gaps(connection)
    connection.execute("COMMIT")
    return made_up


def _layouts(connection: sqlite3.Connection) -> dict[str, _Layout]:
    layouts = {}
    sql = "SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE '%sqlite%'"
    for table, has_no_row_ids in connection.execute(sql).fetchall():
        columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        layouts[table] = _Layout(
            columns=tuple(column[1] for column in columns),
            types=tuple(_TYPES.get(column[2], (object,)) for column in columns),
            # Of a column with a default, older rows know nothing.
            required=tuple(bool((column[3] or column[5]) and column[4] is None) for column in columns),
            has_row_ids=not has_no_row_ids,
        )
    return layouts


def _rows(
    file: DatabaseFile, layouts: Mapping[str, _Layout], on_step: OnStep | None
) -> Iterator[tuple[str, list[Row]]]:
    seen = file.free_pages()
    for table, root in _roots(file):
        for page in file.tree(root):
            if page.number in seen:
                continue
            seen.add(page.number)
            layout = layouts.get(table)
            if layout is not None and page.is_table == layout.has_row_ids:
                yield table, [row for row in page.rows if layout.fits(row)]
    cut_off = [number for number in range(1, file.count + 1) if number not in seen]
    for done, number in enumerate(cut_off, start=1):
        found = file.page(number)
        known = _known_by_shape(found, layouts) if found is not None else None
        if found is not None and known is not None:
            yield known, list(found.rows)
        if on_step is not None:
            on_step(done, len(cut_off))


def _roots(file: DatabaseFile) -> Iterator[tuple[str, int]]:
    """Where tables begin, by name; and where indexes do, with an empty name: their pages are no rows."""
    for page in file.tree(1):
        for row in page.rows:
            if len(row) == 5 and isinstance(row[1], str) and isinstance(row[3], int) and row[3]:  # noqa: PLR2004
                yield (row[1] if row[0] == "table" else ""), row[3]


def _known_by_shape(page: Page, layouts: Mapping[str, _Layout]) -> str | None:
    """The only table that all rows of a page fit; ``None`` if there is none, or more than one."""
    if not page.rows or page.broken:
        return None
    fitting = [
        table
        for table, layout in layouts.items()
        if table not in _NOT_BY_SHAPE
        and layout.has_row_ids == page.is_table
        and all(len(row) > len(layout.columns) - 3 and layout.fits(row) for row in page.rows)
    ]
    if {"tags", "run_executions"} >= set(fitting):
        is_pair = all(isinstance(row[1], str) and _ID.fullmatch(row[1]) for row in page.rows)
        fitting = [table for table in fitting if (table == "run_executions") is is_pair]
    return fitting[0] if len(fitting) == 1 else None


def _insert(connection: sqlite3.Connection, table: str, layout: _Layout, rows: list[Row]) -> None:
    by_length: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_length[len(row)].append(row)
    for length, some in by_length.items():
        columns = ", ".join(f'"{column}"' for column in layout.columns[:length])
        # A run's name may come twice where a page was found in two places.
        sql = f'INSERT OR IGNORE INTO "{table}" ({columns}) VALUES ({", ".join("?" * length)})'
        connection.executemany(sql, some)


def _make_up_runs(connection: sqlite3.Connection) -> int:
    """Give rows of runs whose own row is lost a run to belong to."""
    orphans: Counter[str] = Counter()
    for table in _OF_RUNS:
        sql = f"SELECT run_id, count(*) FROM {table} WHERE run_id NOT IN (SELECT id FROM runs) GROUP BY run_id"
        orphans.update({run_id: count for run_id, count in connection.execute(sql) if _ID.fullmatch(run_id)})
    for run_id in orphans:
        try:
            started = ULID.from_str(run_id).timestamp
        except ValueError:
            started = 0.0
        connection.execute(
            "INSERT OR IGNORE INTO runs (id, name, status, started, ended, utc_offset_s, session_id, note, revision)"
            " VALUES (?, ?, 'interrupted', ?, ?, 0, '', 'Its own row was lost; what belongs to it was salvaged.', 0)",
            (run_id, f"salvaged-{run_id[-6:].lower()}", started, started),
        )
    return len(orphans)


def _drop_bad_chunks(connection: sqlite3.Connection) -> None:
    sql = 'SELECT rowid, count, steps, times, "values" FROM points'
    bad = [(row_id,) for row_id, *chunk in connection.execute(sql) if not _is_whole(Chunk(*chunk))]
    connection.executemany("DELETE FROM points WHERE rowid = ?", bad)


def _is_whole(chunk: Chunk) -> bool:
    try:
        points = decode(chunk)
    except Exception:  # noqa: BLE001 - damaged bytes may fail in any way
        return False
    return len(points.steps) == len(points.times_ms) == len(points.values) == chunk.count


def _close_gaps(connection: sqlite3.Connection) -> None:
    """Let each chunk begin where the one before it ends, as if the lost ones had never been."""
    sql = (
        "SELECT sum(count) OVER (PARTITION BY run_id, key ORDER BY first) - count AS due, rowid, first FROM points"
        " ORDER BY run_id, key, first"
    )
    moved = [(due, row_id) for due, row_id, first in connection.execute(sql).fetchall() if due != first]
    connection.executemany("UPDATE points SET first = ? WHERE rowid = ?", moved)


def _count(path: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        # One file that is whole by itself.
        connection.execute("PRAGMA journal_mode = delete").fetchall()
        tables = ("runs", "params", "metrics", "executions", "outputs", "artifacts", "environments", "datasets")
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        (counts["points"],) = connection.execute("SELECT coalesce(sum(count), 0) FROM points").fetchone()
    return counts
