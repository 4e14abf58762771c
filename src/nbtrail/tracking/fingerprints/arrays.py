"""Arrays of numpy, and sparse ones of scipy, as tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from nbtrail.tracking.fingerprints.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CANONICAL_BYTES: Final = 8 << 20
"""Up to this size how an array lies in memory does not count; putting a larger one in order would take too long."""
_STRIDED: Final = 8
"""What lies scattered in memory takes that much longer to read."""
_SPARSE_PARTS: Final = ("data", "indices", "indptr", "row", "col", "coords", "offsets", "rows")


def array_table(value: Any) -> Table | None:
    """A numpy array as a table of one column without a name; ``None`` for anything else."""
    np = sys.modules.get("numpy")
    if np is None or not issubclass(type(value), np.ndarray):
        return None
    array = np.ndarray.view(value, np.ndarray)
    column = array_column("", array)
    masked = issubclass(type(value), np.ma.MaskedArray)
    kind = "numpy.ma.MaskedArray" if masked else "numpy.ndarray"
    axes: tuple[Column, ...] = ()
    if masked and (mask := np.ma.MaskedArray.mask.fget(value)) is not np.ma.nomask:
        axes = (array_column("mask", np.ndarray.view(np.asarray(mask), np.ndarray)),)
    return Table(kind=kind, shape=array.shape, size=array.nbytes, columns=(column,), axes=axes)


def sparse_table(value: Any) -> Table | None:
    """A sparse array of scipy as a table of its parts; ``None`` for anything else."""
    kind = type(value)
    if not kind.__module__.startswith("scipy.sparse.") or "numpy" not in sys.modules:
        return None
    np = sys.modules["numpy"]
    held = vars(value)
    parts = [(name, held.get(name)) for name in _SPARSE_PARTS]
    pairs = [(name, part) for name, one in parts for part in (one if type(one) is tuple else (one,))]
    arrays = [(name, part) for name, part in pairs if type(part) is np.ndarray]
    shape = held.get("_shape")
    if not arrays or type(shape) is not tuple:
        return None
    columns = [array_column(name, part) for name, part in arrays]
    return Table(
        kind=f"scipy.sparse.{kind.__name__}",
        shape=tuple(int(length) for length in shape),
        size=sum(part.nbytes for _, part in arrays),
        columns=tuple(column for column in columns if column.name == "data"),
        axes=tuple(column for column in columns if column.name != "data"),
    )


def cut(array: NDArray[Any], rows: Sequence[slice]) -> NDArray[Any]:
    """Some rows of an array; no copy where they are one piece."""
    pieces = [array[part] for part in rows]
    return pieces[0] if len(pieces) == 1 else sys.modules["numpy"].concatenate(pieces)


def array_column(name: str, array: NDArray[Any]) -> Column:
    """A plain numpy array of any shape as one column."""
    kind, text = array.dtype.kind, str(array.dtype)
    if kind == "O":
        flat = (
            array.reshape(-1) if array.size <= CANONICAL_BYTES // 8 or array.flags.c_contiguous else array.T.reshape(-1)
        )
        return Column(name=name, type=text, rows=flat.size, read=lambda rows: cut(flat, rows).tolist(), cells=flat.size)
    if array.dtype.hasobject:
        return Column(name=name, type=text, rows=array.size)
    if array.ndim == 1 or array.flags.c_contiguous:
        flat, order = array.reshape(-1), ""
    elif array.nbytes <= CANONICAL_BYTES:
        flat, order = array.copy(order="C").reshape(-1), ""
    elif array.flags.f_contiguous:
        flat, order = array.T.reshape(-1), "columns"
    else:
        flat, order = array, "pieces"
    cost = array.nbytes * (1 if flat.flags.c_contiguous else _STRIDED)
    if kind in "fc" and array.itemsize // (2 if kind == "c" else 1) > 8:  # noqa: PLR2004 - long doubles have padding
        wide = f"{kind}{8 if kind == 'f' else 16}"
        return Column(name=name, type=text, rows=len(flat), read=lambda rows: cut(flat, rows).astype(wide), bytes=cost)
    return Column(name=name, type=text, rows=len(flat), read=lambda rows: cut(flat, rows), bytes=cost, layout=order)
