"""Tables as files of CSV, JSON, JSON Lines or Parquet, written a part at a time and given their name at the end."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

import numpy as np

from nbtrail.errors import FileTakenError, InputError, NbtrailError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Column = Sequence[Any] | NDArray[Any]

Kind: TypeAlias = Literal["text", "integer", "unsigned", "number", "yes_no", "moment", "json", "mixed", "any"]
"""``moment`` is UTC milliseconds, ``json`` any JSON value, ``any`` what SQLite may give.

``mixed`` is ``json`` whose type changes on the way, so that Parquet, where a column has one, holds texts of JSON.
"""
FORMATS: Final = ("csv", "jsonl", "parquet")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table."""

    name: str
    kind: Kind


class TableWriter(Protocol):
    """Takes a table's columns, part after part."""

    def write(self, columns: Sequence[Column]) -> None:
        """Take some rows, as columns of one length."""

    def finish(self) -> None:
        """Write what belongs at the end."""


def table_writer(form: str, file: IO[bytes], fields: Sequence[Field]) -> TableWriter:
    """A writer of one of ``FORMATS``, or of ``json``: a list of objects, one a line.

    Raises
    ------
    NbtrailError
        Parquet was asked for, and pyarrow is not installed.
    """
    if form == "parquet":
        return _Parquet(file, fields)
    if form == "json":
        return _JsonList(file, fields)
    return _Csv(file, fields) if form == "csv" else _JsonLines(file, fields)


def ending(path: str | Path) -> str:
    """What the name of a file ends in, in small letters and without its dot."""
    return Path(path).suffix.removeprefix(".").lower()


def refuse_taken(path: Path, *, force: bool) -> None:
    """Say early that a file cannot be written.

    Raises
    ------
    FileTakenError
        It is there, and must not be replaced.
    InputError
        It is a folder, or its folder is not there.
    """
    if path.exists() and not path.is_file():
        msg = f"{str(path)!r} is a folder or a device. Name a file."
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"no folder {str(path.parent)!r} to write {path.name!r} into. Make it first."
        raise InputError(msg)
    if path.exists() and not force:
        raise FileTakenError(path)


@contextlib.contextmanager
def replacing(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """A file that gets its name once all of it is written; whatever stops that leaves nothing behind.

    Raises
    ------
    FileTakenError
        A file is there, and must not be replaced.
    InputError
        It cannot be written.
    """
    refuse_taken(path, force=force)
    # What a link leads to is written, and the link stays.
    target = path.resolve()
    scratch = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with scratch.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # Somebody may have put a file there meanwhile.
        refuse_taken(path, force=force)
        scratch.replace(target)
    except OSError as error:
        msg = f"{str(path)!r} cannot be written: {error.strerror or error}. Choose another path."
        raise InputError(msg) from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def json_value(value: Any) -> Any:
    """A value as standard JSON can hold it: ``"NaN"``, ``"Infinity"`` and ``"-Infinity"`` are texts, bytes digits."""
    if isinstance(value, float):
        if value - value == 0:
            return value
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124 - only NaN differs
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    return value


class _Csv:
    """UTF-8, a line of names, ``nan``, ``inf`` and ``-inf`` in numbers, nothing where there is no value."""

    def __init__(self, file: IO[bytes], fields: Sequence[Field]) -> None:
        self._file = file
        self._fields = fields
        self._put([[field.name for field in fields]])

    def write(self, columns: Sequence[Column]) -> None:
        cells = [self._cells(field, column) for field, column in zip(self._fields, columns, strict=True)]
        self._put(zip(*cells, strict=True))

    def _put(self, rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._file.write(text.getvalue().encode("utf-8", "replace"))

    def finish(self) -> None:
        """Nothing belongs at the end."""

    def _cells(self, field: Field, column: Column) -> Sequence[Any]:
        values = _plain(field, column)
        if field.kind in {"json", "mixed"}:
            return [value if value is None or isinstance(value, str) else _json_text(value) for value in values]
        if field.kind == "any":
            return [value.hex() if isinstance(value, bytes) else value for value in values]
        return values


def _json_text(value: Any) -> str:
    return json.dumps(json_value(value), ensure_ascii=False)


class _JsonLines:
    """An object a line; UTF-8; strictly standard JSON."""

    def __init__(self, file: IO[bytes], fields: Sequence[Field]) -> None:
        self._file = file
        self._fields = fields
        self._heads = [f"{json.dumps(field.name, ensure_ascii=False)}: " for field in fields]

    def write(self, columns: Sequence[Column]) -> None:
        self._put("".join(f"{line}\n" for line in self._objects(columns)))

    def finish(self) -> None:
        """Nothing belongs at the end."""

    def _put(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "replace"))

    def _objects(self, columns: Sequence[Column]) -> Iterator[str]:
        cells = [self._cells(*parts) for parts in zip(self._heads, self._fields, columns, strict=True)]
        return ("{" + ", ".join(row) + "}" for row in zip(*cells, strict=True))

    def _cells(self, head: str, field: Field, column: Column) -> list[str]:
        values = _plain(field, column)
        if field.kind in {"integer", "unsigned"}:
            return [f"{head}{value}" if value is not None else f"{head}null" for value in values]
        if field.kind == "text":
            # Names come again and again.
            known = {value: head + json.dumps(value, ensure_ascii=False) for value in set(values)}
            return [known[value] for value in values]
        if field.kind == "number":
            # What ``repr`` writes of a finite number is what JSON would.
            return [head + _number_text(value) for value in values]
        if field.kind == "moment":
            return [f"{head}null" if value is None else f'{head}"{value}"' for value in values]
        return [head + json.dumps(json_value(value), ensure_ascii=False, allow_nan=False) for value in values]


def _number_text(value: float | None) -> str:
    if value is None:
        return "null"
    return repr(value) if isfinite(value) else f'"{json_value(value)}"'


class _JsonList(_JsonLines):
    """The same objects as a list."""

    _is_begun = False

    def write(self, columns: Sequence[Column]) -> None:
        for line in self._objects(columns):
            self._put(f"{',' if self._is_begun else '['}\n{line}")
            self._is_begun = True

    def finish(self) -> None:
        """The list is closed; one without rows is a list too."""
        self._put("\n]\n" if self._is_begun else "[]\n")


def _plain(field: Field, column: Column) -> Sequence[Any]:
    """Python's own values; moments as texts of ISO 8601."""
    if field.kind == "moment":
        moments = np.asarray(column, np.int64).astype("datetime64[ms]")
        texts: list[str] = np.datetime_as_string(moments, timezone="UTC").tolist()
        missing = np.isnat(moments)
        return [None if gone else text for text, gone in zip(texts, missing, strict=True)] if missing.any() else texts
    return column.tolist() if isinstance(column, np.ndarray) else column


class _Parquet:
    """Through pyarrow, compressed with zstd; NaN and ±inf to the bit, moments as timestamps in UTC."""

    def __init__(self, file: IO[bytes], fields: Sequence[Field]) -> None:
        self._file = file
        self._fields = fields
        self._arrow = _pyarrow()
        self._writer: Any = None
        self._schema: Any = None

    def write(self, columns: Sequence[Column]) -> None:
        arrays = [self._array(index, column) for index, column in enumerate(columns)]
        if self._writer is None:
            self._begin(self._arrow.schema([(f.name, a.type) for f, a in zip(self._fields, arrays, strict=True)]))
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def finish(self) -> None:
        """A file without rows has its columns too."""
        if self._writer is None:
            types = [self._type(field) or self._arrow.string() for field in self._fields]
            self._begin(self._arrow.schema(list(zip([field.name for field in self._fields], types, strict=True))))
        self._writer.close()

    def _begin(self, schema: Any) -> None:
        from pyarrow import parquet

        self._schema = schema
        self._writer = parquet.ParquetWriter(self._file, schema, compression="zstd")

    def _type(self, field: Field) -> Any:
        arrow = self._arrow
        if field.kind == "moment":
            return arrow.timestamp("ms", tz="UTC")
        kinds = {
            "text": arrow.string,
            "mixed": arrow.string,
            "integer": arrow.int64,
            "unsigned": arrow.uint64,
            "number": arrow.float64,
            "yes_no": arrow.bool_,
        }
        return kinds[field.kind]() if field.kind in kinds else None

    def _array(self, index: int, column: Column) -> Any:
        field, arrow = self._fields[index], self._arrow
        if field.kind == "moment":
            moments = np.asarray(column, np.int64)
            return arrow.array(moments.astype("datetime64[ms]"), type=self._type(field))
        if field.kind == "mixed":
            # What comes later may be of another type than what comes first, and a column has one.
            return arrow.array([None if value is None else _json_text(value) for value in column], self._type(field))
        wanted = self._schema.field(index).type if self._schema is not None else self._type(field)
        try:
            made = arrow.array(column, type=wanted)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError) as error:
            if field.kind == "json" and (self._schema is None or arrow.types.is_string(wanted)):
                return arrow.array([None if value is None else _json_text(value) for value in column])
            msg = f"the column {field.name!r} holds values of several types, which Parquet cannot. Use CAST, or csv."
            raise InputError(msg) from error
        # A column without any value yet may get texts, numbers or anything later; text is what most tools read.
        return made.cast(arrow.string()) if arrow.types.is_null(made.type) else made


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        msg = "Parquet needs pyarrow: pip install 'nbtrail[parquet]'. csv and jsonl need nothing."
        raise NbtrailError(msg) from error
    return pa
