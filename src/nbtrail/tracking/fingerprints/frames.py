"""Frames and series of pandas and of polars as tables. A subclass is looked at as what the library made of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from nbtrail.tracking.fingerprints.arrays import array_column, cut
from nbtrail.tracking.fingerprints.cells import name_of
from nbtrail.tracking.fingerprints.tables import MOST_COLUMNS, Column, Table, evenly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COPIED: Final = 4
"""What has to be converted first takes that much longer to read."""
_MOMENTS: Final = frozenset({"DatetimeArray", "TimedeltaArray", "PeriodArray"})


# --- pandas ---


def pandas_table(value: Any, most_columns: int = MOST_COLUMNS) -> Table | None:
    """A frame or a series of pandas as a table; ``None`` for anything else.

    Parameters
    ----------
    value
        Anything.
    most_columns
        Of more columns than these, evenly spaced ones are looked at, and the names of all.
    """
    pd = sys.modules.get("pandas")
    frame_class, series_class = getattr(pd, "DataFrame", None), getattr(pd, "Series", None)
    if frame_class is None or series_class is None:
        return None
    if issubclass(type(value), frame_class):
        frame = value if type(value) is frame_class else frame_class(value)
        names, rows = frame.columns.tolist(), len(frame.index)
        places = evenly(range(len(names)), most_columns)
        arrays = [frame._get_column_array(place) for place in places]  # noqa: SLF001 - public ways are 20 times dearer
        columns = _pandas_columns(pd, [names[place] for place in places], arrays)
        axes = (*_pandas_index(pd, frame.index), *(_names_axis(names) if len(places) < len(names) else ()))
        size = sum(int(array.nbytes) for array in arrays) * len(names) // max(1, len(arrays))
        return _pandas("pandas.DataFrame", (rows, len(names)), size, columns, axes)
    if issubclass(type(value), series_class):
        series = value if type(value) is series_class else series_class(value)
        columns = _pandas_columns(pd, [series.name], [series.array])
        size = int(series.array.nbytes)
        return _pandas("pandas.Series", (len(series.index),), size, columns, tuple(_pandas_index(pd, series.index)))
    return None


def _pandas(kind: str, shape: tuple[int, ...], size: int, columns: list[Column], axes: tuple[Column, ...]) -> Table:
    """The categories of a column stand beside it, for the digest."""
    labels = [
        _pandas_column(sys.modules["pandas"], f"categories of {column.name}", column.labels.array)
        for column in columns
        if column.labels is not None
    ]
    return Table(kind=kind, shape=shape, size=size, columns=tuple(columns), axes=(*axes, *labels))


def _pandas_columns(pd: Any, names: list[Any], arrays: list[Any]) -> list[Column]:
    return [_pandas_column(pd, name, array) for name, array in zip(distinct(names), arrays, strict=True)]


def _pandas_index(pd: Any, index: Any) -> Iterator[Column]:
    names = [name_of(name) for name in index.names]
    if isinstance(index, pd.RangeIndex):
        yield Column(name="/".join(names), type=f"range {index.start} {index.stop} {index.step}", rows=0, read=_nothing)
    elif isinstance(index, pd.MultiIndex):
        for name, level, codes in zip(names, index.levels, index.codes, strict=True):
            yield array_column(f"codes of {name}", sys.modules["numpy"].asarray(codes))
            yield _pandas_column(pd, name, level.array)
    else:
        yield _pandas_column(pd, names[0], index.array)


def _pandas_column(pd: Any, name: str, array: Any) -> Column:
    np = sys.modules["numpy"]
    if type(array) in {np.ndarray, pd.arrays.NumpyExtensionArray}:
        return array_column(name, np.asarray(array))
    kind, rows = type(array), len(array)
    if kind.__module__.partition(".")[0] != "pandas":
        return Column(name=name, type=_type_text(array), rows=rows)
    text = str(array.dtype)
    if kind.__name__ in _MOMENTS:
        numbers = array.asi8
        words = {"DatetimeArray": "datetime64", "TimedeltaArray": "timedelta64"}
        moments = f"{words[kind.__name__]}[{array.unit}]" if kind.__name__ in words else ""
        return Column(
            name=name, type=text, rows=rows, read=lambda part: cut(numbers, part), moments=moments, bytes=numbers.nbytes
        )
    if isinstance(array, pd.Categorical):
        codes, labels = array.codes, array.categories
        ordered = " ordered" if array.ordered else ""
        return Column(
            name=name,
            type=text + ordered,
            rows=rows,
            read=lambda part: cut(codes, part),
            labels=labels,
            bytes=codes.nbytes,
        )
    numpy_type = getattr(array.dtype, "numpy_dtype", None)
    if numpy_type is not None and numpy_type.kind in "biuf":
        filler = numpy_type.type(0)
        return Column(
            name=name,
            type=text,
            rows=rows,
            read=lambda part: _taken(array, part).to_numpy(dtype=numpy_type, na_value=filler),
            missing=lambda part: _taken(array, part).isna(),
            bytes=int(array.nbytes) * _COPIED,
        )
    return Column(
        name=name,
        type=text,
        rows=rows,
        read=lambda part: _taken(array, part).to_numpy(dtype=object).tolist(),
        cells=rows,
    )


def _taken(array: Any, rows: Sequence[slice]) -> Any:
    """Some rows of an array of pandas."""
    if len(rows) == 1:
        return array[rows[0]]
    np = sys.modules["numpy"]
    return array.take(np.concatenate([np.arange(part.start, part.stop) for part in rows]))


def _type_text(array: Any) -> str:
    """The name of a type that some other library made."""
    return name_of(getattr(type(array.dtype), "__name__", ""))


# --- polars ---


def polars_table(value: Any, most_columns: int = MOST_COLUMNS) -> Table | None:
    """A frame, a series or a lazy frame of polars as a table; ``None`` for anything else.

    A lazy frame has a schema only: nothing is collected.
    """
    pl = sys.modules.get("polars")
    classes: list[Any] = [getattr(pl, name, None) for name in ("DataFrame", "Series", "LazyFrame")]
    if not all(classes):
        return None
    frame_class, series_class, lazy_class = classes
    kind, table = type(value), None
    if issubclass(kind, frame_class):
        names = frame_class.columns.fget(value)
        held = evenly(frame_class.get_columns(value), most_columns)
        columns = [_polars_column(pl, one) for one in held]
        axes = _names_axis(names) if len(held) < len(names) else ()
        size = sum(_polars_size(one) for one in held) * len(names) // max(1, len(held))
        shape = frame_class.shape.fget(value)
        table = Table(kind="polars.DataFrame", shape=shape, size=size, columns=tuple(columns), axes=tuple(axes))
    elif issubclass(kind, series_class):
        column = _polars_column(pl, value)
        table = Table(kind="polars.Series", shape=(column.rows,), size=_polars_size(value), columns=(column,))
    elif issubclass(kind, lazy_class):
        schema = lazy_class.collect_schema(value)
        columns = [Column(name=name, type=str(type_), rows=0) for name, type_ in schema.items()]
        table = Table(kind="polars.LazyFrame", shape=(), size=0, columns=tuple(columns))
    return table


def _polars_column(pl: Any, series: Any) -> Column:
    name, rows, type_ = pl.Series.name.fget(series), pl.Series.len(series), pl.Series.dtype.fget(series)
    text = str(type_)
    is_moment = type_.is_temporal()
    if is_moment or type_ == pl.Boolean or (type_.is_numeric() and not type_.is_decimal()):
        physical = pl.Series.to_physical(series) if is_moment else series
        has_gaps = pl.Series.null_count(series) > 0
        is_scattered = has_gaps or pl.Series.n_chunks(series) > 1
        filler = False if type_ == pl.Boolean else 0
        return Column(
            name=name,
            type=text,
            rows=rows,
            read=lambda part: _filled(_cut(pl, physical, part), filler if has_gaps else None),
            missing=(lambda part: pl.Series.is_null(_cut(pl, physical, part)).to_numpy()) if has_gaps else None,
            moments=_polars_moments(type_) if is_moment else None,
            bytes=_polars_size(series) * (_COPIED if is_scattered else 1),
        )
    if type_ == pl.Object:
        return Column(name=name, type=text, rows=rows)
    return Column(name=name, type=text, rows=rows, read=lambda part: _cut(pl, series, part).to_list(), cells=rows)


def _filled(series: Any, filler: object) -> Any:
    return (series if filler is None else series.fill_null(filler)).to_numpy()


def _polars_moments(type_: Any) -> str:
    unit = getattr(type_, "time_unit", None)
    return {"Date": "datetime64[D]", "Datetime": f"datetime64[{unit}]", "Duration": f"timedelta64[{unit}]"}.get(
        type_.base_type().__name__, ""
    )


def _cut(pl: Any, series: Any, rows: Sequence[slice]) -> Any:
    """Some rows of a series; put together first, because each call that converts them is dear."""
    plain = series if type(series) is pl.Series else pl.Series(pl.Series.to_frame(series).get_columns()[0])
    pieces = [pl.Series.slice(plain, part.start, max(0, part.stop - part.start)) for part in rows]
    joined = pieces[0] if len(pieces) == 1 else pl.concat(pieces)
    step = rows[0].step or 1
    return joined if step == 1 else joined.gather_every(step)


def _polars_size(series: Any) -> int:
    return int(sys.modules["polars"].Series.estimated_size(series))


# --- both ---


def distinct(names: list[Any]) -> list[str]:
    """Names as texts that are all different: a second ``a`` is ``a (2)``."""
    found: dict[str, int] = {}
    texts = []
    for name in names:
        text = name_of(name)
        found[text] = found.get(text, 0) + 1
        texts.append(text if found[text] == 1 else f"{text} ({found[text]})")
    return texts


def _names_axis(names: list[Any]) -> Iterator[Column]:
    texts = [name if type(name) is str else name_of(name) for name in names]
    yield Column(
        name="names",
        type="str",
        rows=len(texts),
        read=lambda part: [text for one in part for text in texts[one]],
        cells=len(texts),
    )


def _nothing(_: Sequence[slice]) -> list[Any]:
    return []
