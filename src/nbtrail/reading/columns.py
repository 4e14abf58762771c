"""Params and metrics of many runs as the columns of a DataFrame, every value as it was logged."""

from __future__ import annotations

import contextlib
import difflib
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from nbtrail.errors import InputError
from nbtrail.store.listing import MetricColumn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from nbtrail.records import Names
    from nbtrail.store.listing import ParamColumn
    from nbtrail.store.protocol import Store

MOST_DENSE_CELLS: Final = 20_000_000
"""Numbers of a table (160 MB) up to which a column holds a value for each run; beyond, a column mostly without values
holds only those that are there."""
_SPARSE_BELOW: Final = 0.25


def field_columns(
    store: Store,
    run_ids: Sequence[str],
    *,
    wanted: Collection[str] | None = None,
    system: bool = False,
    most_dense: int = MOST_DENSE_CELLS,
) -> dict[str, Any]:
    """The columns ``params.*`` and ``metrics.*`` of these runs, each group sorted.

    Parameters
    ----------
    run_ids
        The rows, in order.
    wanted
        Only these columns, where they are given; one that no run has is there too, and empty.
    system
        Add what was measured of the machine.
    most_dense
        The cells of the largest table whose columns are all dense.

    Returns
    -------
    dict of str to pandas.Series or numpy.ndarray
        One value a run, missing where the run has none. Params that are whole numbers are integers, with or without
        gaps (``exact_numbers``). In larger tables numeric columns that few runs have are sparse
        (``pandas.SparseDtype``, float64), and take what their values take.
    """
    params, metrics = _keys(wanted, "params."), _keys(wanted, "metrics.")
    with_system = system or any(key.startswith("system/") for key in metrics or ())
    of_params = store.param_columns(run_ids, keys=params) if params is None or params else {}
    of_metrics = store.metric_columns(run_ids, keys=metrics, system=with_system) if metrics is None or metrics else {}
    count = len(run_ids)
    is_large = count * (len(of_params) + len(of_metrics)) > most_dense
    columns: dict[str, Any] = {
        f"params.{key}": _param_series(column, count, is_large=is_large) for key, column in of_params.items()
    }
    columns |= {f"metrics.{key}": _metric_array(one, count, is_large=is_large) for key, one in of_metrics.items()}
    empty = pd.Series([None] * count, dtype=object)
    return columns if wanted is None else {key: columns.get(key, empty) for key in wanted}


def check_columns(columns: Collection[str], ordinary: Collection[str], names: Names) -> None:
    """Refuse a column that no table of this store has.

    Raises
    ------
    InputError
        It names the column, and the most similar one that there is.
    """
    known = [*ordinary, *(f"params.{key}" for key in names.params), *(f"metrics.{key}" for key in names.metrics)]
    unknown = [column for column in columns if column not in set(known)]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Columns are named as nt.runs() names them: params.lr."
        msg = f"no run has a column {unknown[0]!r}.{hint}"
        raise InputError(msg)


def _keys(wanted: Collection[str] | None, prefix: str) -> list[str] | None:
    return None if wanted is None else [key.removeprefix(prefix) for key in wanted if key.startswith(prefix)]


def exact_numbers(values: Sequence[float | None], positions: NDArray[np.int64], count: int) -> pd.Series[Any]:
    """Numbers of ``count`` rows, none altered: of a whole number a float holds no more than 53 bits.

    Parameters
    ----------
    values
        Python's own numbers; ``None`` is missing.
    positions
        Their rows; other rows lack one.

    Returns
    -------
    pandas.Series
        Of whole numbers alone int64, or ``Int64`` with gaps; uint64 or ``UInt64`` where that is not enough. Else
        float64. Where that would alter one, Python's own numbers, and NaN in the gaps.
    """
    if None in values:
        is_there = [value is not None for value in values]
        values, positions = [value for value in values if value is not None], positions[is_there]
    if float not in set(map(type, values)):
        for width in (np.int64, np.uint64):
            with contextlib.suppress(OverflowError):
                return _integers(np.array(values, width), positions, count)
    elif all(map(_is_number, values)):
        return pd.Series(MetricColumn(positions, np.array(values, np.float64)).filled(count))
    cells = np.full(count, np.nan, dtype=object)
    cells[positions] = values
    return pd.Series(cells)


def _integers(found: NDArray[Any], positions: NDArray[np.int64], count: int) -> pd.Series[Any]:
    if len(found) == count:
        return pd.Series(found)
    numbers, missing = np.zeros(count, found.dtype), np.ones(count, np.bool_)
    numbers[positions], missing[positions] = found, False
    return pd.Series(pd.arrays.IntegerArray(numbers, missing), copy=False)


def _param_series(column: ParamColumn, count: int, *, is_large: bool) -> pd.Series[Any]:
    kinds = set(map(type, column.values))
    if is_large and len(column.values) < _SPARSE_BELOW * count and all(map(_is_number, column.values)):
        numbers = np.array(column.values, np.float64)
        return _sparse(MetricColumn(column.positions, numbers).filled(count))
    if int in kinds and kinds <= {int, float, NoneType}:
        return exact_numbers(cast("list[float | None]", column.values), column.positions, count)
    return pd.Series(column.filled(count))


def _metric_array(column: MetricColumn, count: int, *, is_large: bool) -> Any:
    if is_large and len(column.values) < _SPARSE_BELOW * count:
        return _sparse(column.filled(count))
    return column.filled(count)


def _sparse(values: NDArray[np.float64]) -> pd.Series[Any]:
    return pd.Series(pd.arrays.SparseArray(values, fill_value=np.nan))


def _is_number(value: object) -> bool:
    """Whether a float holds the value as it is."""
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53)
