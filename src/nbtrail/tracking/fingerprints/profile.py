"""What is measured of columns: what is missing, how the numbers spread, which values are common.

The values are copied on the cell's path, and measured later, in the background.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nbtrail.tracking.fingerprints.tables import blocks
from nbtrail.tracking.secrets import looks_secret, mask_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrail.records import Json
    from nbtrail.tracking.fingerprints.tables import Column, Table

QUANTILES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
MOST_PROFILED: Final = 200
"""So many columns are measured, the first ones."""
_NUMBERS: Final = 250_000
_CELLS: Final = 20_000
_FEWEST_ROWS: Final = 64
_FEW_VALUES: Final = 20
"""A text column with no more different values than these has kinds; with more it has content, which is private."""
_REPEATS: Final = 5
_SHOWN: Final = 5
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a column, copied: nothing here keeps the user's data alive."""

    name: str
    of: int
    """How many rows the column has."""
    rows: int
    """How many were copied."""
    values: NDArray[Any] | list[Any]
    missing: NDArray[Any] | None = None
    moments: str | None = None
    labels: Any = None
    """As in ``Column``."""


def take_samples(table: Table) -> list[Sample]:
    """Copy what the profile is made of: all rows of small data, evenly spaced blocks of rows of large data."""
    columns = table.columns[:MOST_PROFILED]
    return [_take(column, len(columns)) for column in columns if column.read is not None]


def profile(samples: list[Sample]) -> dict[str, Json]:
    """By column, in order: ``missing``, and ``rows`` where these are not all.

    Numbers and dates have ``quantiles`` (least, quarters, greatest; dates as text), numbers a ``mean``, truth values
    ``true`` (how many), texts and categories ``distinct``, other objects ``kinds``. The most common values (``top``,
    pairs of value and count) are only kept where few different ones repeat. Columns named like a secret have none of it
    but ``missing``.
    """
    found = {}
    for sample in samples:
        # A type that numpy cannot measure is no reason to lose the others.
        with suppress(ArithmeticError, TypeError, ValueError):
            found[sample.name] = _measure(sample)
    return found


def _take(column: Column, share: int) -> Sample:
    import numpy as np

    assert column.read is not None
    wanted = max(_FEWEST_ROWS, (_CELLS if column.cells else _NUMBERS) // share)
    if not column.cells and column.rows:
        # The rows of an array may be long themselves.
        width = max(1, column.bytes // column.rows // 8)
        wanted = max(1, wanted // width)
    pieces = blocks(column.rows, wanted)
    read: Any = column.read(pieces)
    values = read if column.cells else np.array(read, copy=True).reshape(-1)
    missing = None if column.missing is None else np.array(column.missing(pieces), copy=True)
    copied = sum(rows.stop - rows.start for rows in pieces)
    return Sample(column.name, column.rows, copied, values, missing, column.moments, column.labels)


def _measure(sample: Sample) -> dict[str, Json]:
    found: dict[str, Json] = {"rows": sample.rows} if sample.rows < sample.of else {}
    if isinstance(sample.values, list):
        measured = _measure_objects(sample.values)
    elif sample.labels is not None:
        measured = _measure_codes(sample.values, sample.labels)
    else:
        measured = _measure_numbers(sample)
    if looks_secret(sample.name):
        measured = {"missing": measured.get("missing", 0)}
    return found | measured


def _measure_numbers(sample: Sample) -> dict[str, Json]:
    values: Any = sample.values
    if sample.missing is not None:
        values = values[~sample.missing]
    if sample.moments:
        values = values.astype("i8").view(sample.moments)
    present = _present(values)
    found: dict[str, Json] = {"missing": len(sample.values) - len(present)}
    kind = "" if sample.moments == "" else values.dtype.kind
    if kind == "b":
        return found | {"true": int(present.sum())}
    if not len(present):
        return found
    if kind in {"m", "M"}:
        return found | {"quantiles": _moments(present)}
    return found | _spread(present) if kind in {"i", "u", "f"} else found


def _present(values: Any) -> Any:
    import numpy as np

    if values.dtype.kind in {"f", "c"}:
        return values[~np.isnan(values)]
    return values[~np.isnat(values)] if values.dtype.kind in {"m", "M"} else values


def _spread(present: Any) -> dict[str, Json]:
    import numpy as np

    finite = present[np.isfinite(present)].astype("f8")
    found: dict[str, Json] = {"infinite": len(present) - len(finite)} if len(finite) < len(present) else {}
    if len(finite):
        found["mean"] = float(finite.mean())
        found["quantiles"] = [float(one) for one in np.quantile(finite, QUANTILES)]
    return found


def _moments(present: Any) -> list[Json]:
    import numpy as np

    found = np.quantile(present.view("i8"), QUANTILES, method="nearest").view(present.dtype)
    if found.dtype.kind == "m":
        return [str(one) for one in found.astype("m8[us]").tolist()]
    return [str(one) for one in np.datetime_as_string(found, unit="auto")]


def _measure_objects(values: list[Any]) -> dict[str, Json]:
    texts = [value for value in values if type(value) is str]
    missing = sum(_is_missing(value) for value in values if type(value) is not str)
    if len(texts) + missing < len(values):
        kinds = Counter(type(value).__name__ for value in values if not _is_missing(value))
        return {"missing": missing, "kinds": [[name, count] for name, count in kinds.most_common(_SHOWN)]}
    return {"missing": missing, **_common(Counter(texts))}


def _measure_codes(codes: NDArray[Any], labels: Any) -> dict[str, Json]:
    import numpy as np

    present = codes[codes >= 0]
    found, counts = np.unique(present, return_counts=True)
    if len(found) > _FEW_VALUES:
        return {"missing": len(codes) - len(present), "distinct": len(found)}
    named = {_label(labels[int(code)]): int(count) for code, count in zip(found, counts, strict=True)}
    return {"missing": len(codes) - len(present), **_common(Counter(named))}


def _common(counts: Counter[str]) -> dict[str, Json]:
    found: dict[str, Json] = {"distinct": len(counts)}
    if counts and len(counts) <= _FEW_VALUES and counts.total() >= _REPEATS * len(counts):
        found["top"] = [[_shown(text), count] for text, count in counts.most_common(_SHOWN)]
    return found


def _shown(text: str) -> str:
    masked = mask_text(text)
    return masked if len(masked) <= _LONGEST else f"{masked[: _LONGEST - 1]}…"


def _label(value: Any) -> str:
    from nbtrail.tracking.fingerprints.cells import name_of

    return name_of(value)


def _is_missing(value: Any) -> bool:
    kind = type(value)
    if value is None or (kind is float and value != value):  # noqa: PLR0124 - the test for NaN
        return True
    return kind.__module__.startswith("pandas.") and kind.__name__ in {"NAType", "NaTType"}
