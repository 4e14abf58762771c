"""Read-only SQL over an SQLite store, in which points are ordinary rows.

The table ``points`` holds compressed chunks. A temporary view of the same name stands before it: each chunk becomes a
JSON list with a text of fixed places for each point, which SQLite's own ``json_each`` turns into rows. Such a text is
all that the columns of a row are made from: SQLite works them out where it likes, also after sorting, when other
chunks have long been passed. Values travel as the digits of their bits, because SQLite reads some decimal numbers a
bit away from the nearest float.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import sqlite3
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrail.errors import SqlError
from nbtrail.store.points import Chunk, decode
from nbtrail.store.sqlite.connection import MEMORY, connect, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_BATCH_ROWS: Final = 8192
_OPERATIONS_BETWEEN_LOOKS: Final = 50_000
"""So many steps of SQLite's machine, about a millisecond, pass before Ctrl-C is noticed."""
_SPACE, _QUOTE, _COMMA = b' ",'
_HEXADECIMAL: Final = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
_VALUE_DIGITS, _INTEGER_PLACES = 16, 20
_FLOAT64: Final = struct.Struct(">d")
_VIEW: Final = """
CREATE TEMP VIEW points AS
SELECT
  p.run_id AS run_id,
  p.key AS key,
  p.first + j.key AS position,
  CAST(substr(j.value, 17, 20) AS INTEGER) AS step,
  CAST(substr(j.value, 37, 20) AS INTEGER) / 1000.0 AS time,
  nbtrail_value(j.value) AS value
FROM main.points p, json_each(nbtrail_points(p.count, p.steps, p.times, p."values")) j
"""
_PRAGMAS: Final = frozenset({
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    "database_list", "function_list", "user_version", "schema_version", "compile_options", "data_version",
})  # fmt: skip
_SETTABLE: Final = frozenset({"user_version", "schema_version"})
_READS: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_MISSING: Final = re.compile(r"no such (table|column): (?:.*\.)?(.+)")


class Selection:
    """What a statement found: its columns, and its rows while they are fetched."""

    def __init__(self, columns: tuple[str, ...], cursor: sqlite3.Cursor, guard: _Guard) -> None:
        self.columns = columns
        self._cursor = cursor
        self._guard = guard

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousand at a time, worked out as they are asked for.

        Raises
        ------
        SqlError
            Working out a row failed.
        KeyboardInterrupt
            The user stopped it.
        """
        while True:
            with self._guard.watching():
                rows = self._cursor.fetchmany(_BATCH_ROWS)
            if not rows:
                return
            yield rows


@contextlib.contextmanager
def select(
    path: Path, sql: str, params: Sequence[object] | Mapping[str, object], *, memory: sqlite3.Connection | None = None
) -> Iterator[Selection]:
    """Run one reading statement on a connection of its own; what it promises stands in ``Store.select``.

    Parameters
    ----------
    memory
        The connection of a store that lies in memory: a copy of it is read.
    """
    connection = connect(path, read_only=True)
    if memory is not None and str(path) == MEMORY:
        memory.backup(connection)
    with contextlib.closing(connection), translated(path):
        guard = _Guard(connection, sql)
        with guard.watching():
            cursor = connection.execute(sql, params)
        if cursor.description is None:
            message = "the statement gives no rows. Write a SELECT."
            raise SqlError(message)
        yield Selection(_distinct([column[0] for column in cursor.description]), cursor, guard)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns; of one that comes again ``name_2``, ``name_3``, …, where no column is called so."""
    given: list[str] = []
    for name in names:
        number, free = 1, name
        while free in given or (number > 1 and free in names):
            number += 1
            free = f"{name}_{number}"
        given.append(free)
    return tuple(given)


class _Guard:
    """Lets a connection read and nothing else, and turns what SQLite says into what the user needs to know."""

    def __init__(self, connection: sqlite3.Connection, sql: str) -> None:
        self._connection = connection
        self._sql = sql
        self._refused = ""
        self._damage = ""
        connection.create_function("nbtrail_points", 4, self._points, deterministic=True)
        connection.create_function("nbtrail_value", 1, _value, deterministic=True)
        connection.execute(_VIEW)
        # The handler does nothing: for Python to run it is enough to notice Ctrl-C.
        connection.set_progress_handler(lambda: 0, _OPERATIONS_BETWEEN_LOOKS)
        connection.set_authorizer(self._authorize)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Give errors of the statement as ``SqlError``, and an interrupted one as the interrupt that it was."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise KeyboardInterrupt from None
            if "user-defined function raised" in str(error) and not self._damage:
                # SQLite swallows an interrupt that comes while points are being decoded.
                raise KeyboardInterrupt from None
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            raise SqlError(self._refusal() or self._explain(str(error))) from error
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.Warning, OverflowError) as error:
            raise SqlError(str(error)) from error
        except sqlite3.DatabaseError as error:
            if not self._refused:
                raise
            raise SqlError(self._refusal()) from error

    def _refusal(self) -> str:
        return self._refused and f"only reading is possible here, not {self._refused}. Nothing was changed."

    def _authorize(self, action: int, first: str | None, second: str | None, *_: object) -> int:
        if action in _READS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and second != "load_extension":
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and _is_reading(str(first).lower(), second):
            return sqlite3.SQLITE_OK
        self._refused = _name_of(action, first, second)
        return sqlite3.SQLITE_DENY

    def _points(self, count: int, steps: bytes, times: bytes, values: bytes) -> str:
        try:
            return _rows_of(Chunk(count, steps, times, values))
        except Exception as error:
            self._damage = f"a chunk of points is damaged ({error}); `nbtrail doctor` tells more"
            raise

    def _explain(self, problem: str) -> str:
        if "user-defined function raised" in problem:
            return self._damage
        missing = _MISSING.fullmatch(problem)
        if missing is None:
            return f"{problem}. The statement was: {' '.join(self._sql.split())[:200]}"
        kind, name = missing.groups()
        self._connection.set_authorizer(None)
        tables = _tables(self._connection)
        if kind == "table":
            return f"no table {name!r}.{_nearest(name, tables)} There are: {', '.join(sorted(tables))}."
        words = {word.lower() for word in re.findall(r"\w+", self._sql)}
        named = {table: columns for table, columns in sorted(tables.items()) if table in words}
        known = [column for columns in named.values() for column in columns]
        listed = " ".join(f"{table} has {', '.join(columns)}." for table, columns in named.items())
        return f"no column {name!r}.{_nearest(name, known)} {listed}".strip()


def _is_reading(pragma: str, argument: str | None) -> bool:
    """Whether a pragma only tells something; what follows the name of some is a value that would be written."""
    return pragma in _PRAGMAS and (argument is None or pragma not in _SETTABLE)


def _tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Every table and view, with its columns."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    names = [name for (name,) in rows if not name.startswith(("sqlite_", "_sqlite"))]
    # Without a schema's name the temporary view of points is asked, not the table of chunks.
    asked = "SELECT name FROM pragma_table_info(?)"
    return {name: [column for (column,) in connection.execute(asked, (name,))] for name in names}


def _nearest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    similar = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f" Did you mean {similar[0]}?" if similar else ""


def _name_of(action: int, first: str | None, second: str | None) -> str:
    """What was refused, in SQL's own words."""
    if action == sqlite3.SQLITE_PRAGMA:
        return f"PRAGMA {first}"
    if action == sqlite3.SQLITE_FUNCTION:
        return f"{second}()"
    names = {name.removeprefix("SQLITE_") for name, value in vars(sqlite3).items() if value == action} & _ACTIONS
    words = [*(name.replace("_", " ") for name in sorted(names)), first]
    return " ".join(word for word in words if word) or "that"


_ACTIONS: Final = frozenset({
    "INSERT", "UPDATE", "DELETE", "ATTACH", "DETACH", "TRANSACTION", "SAVEPOINT", "REINDEX", "ANALYZE", "ALTER_TABLE",
    "CREATE_TABLE", "CREATE_INDEX", "CREATE_VIEW", "CREATE_TRIGGER", "CREATE_VTABLE", "CREATE_TEMP_TABLE",
    "CREATE_TEMP_INDEX", "CREATE_TEMP_VIEW", "CREATE_TEMP_TRIGGER", "DROP_TABLE", "DROP_INDEX", "DROP_VIEW",
    "DROP_TRIGGER", "DROP_VTABLE", "DROP_TEMP_TABLE", "DROP_TEMP_INDEX", "DROP_TEMP_VIEW", "DROP_TEMP_TRIGGER",
})  # fmt: skip


def _rows_of(chunk: Chunk) -> str:
    """A JSON list: for each point 16 hexadecimal digits of its value, then its step and its milliseconds."""
    points = decode(chunk)
    count, step_at, time_at = len(points), 1 + _VALUE_DIGITS, 1 + _VALUE_DIGITS + _INTEGER_PLACES
    end = time_at + _INTEGER_PLACES
    text = np.full((count, end + 2), _SPACE, np.uint8)
    bits = points.values.astype(">f8").view(np.uint8).reshape(count, 8)
    text[:, 1:step_at] = _HEXADECIMAL[bits].reshape(count, _VALUE_DIGITS)
    for start, numbers in ((step_at, points.steps), (time_at, points.times_ms)):
        digits = numbers.astype(f"S{_INTEGER_PLACES}").view(np.uint8).reshape(count, _INTEGER_PLACES)
        text[:, start : start + _INTEGER_PLACES] = np.where(digits == 0, _SPACE, digits)
    text[:, 0] = text[:, end] = _QUOTE
    text[:, end + 1] = _COMMA
    return f"[{text.tobytes()[:-1].decode('ascii')}]"


def _value(point: str) -> float:
    """The value of a point; SQLite makes NULL of NaN."""
    value: float = _FLOAT64.unpack(bytes.fromhex(point[:_VALUE_DIGITS]))[0]
    return value
