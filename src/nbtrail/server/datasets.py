"""The data of a run on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbtrail.reading.datasets import format_extent
from nbtrail.server.numbers import wire_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbtrail.records import Dataset, DatasetUse, Json

_MOST_COLUMNS: Final = 500
_LEAST, _MIDDLE, _GREATEST = 0, 2, 4
_TOP: Final = "top"


def datasets_payload(uses: Iterable[DatasetUse]) -> list[dict[str, Any]]:
    """A ``Dataset`` for each use, in the order given; of more than 500 columns the first ones."""
    return [
        {
            "name": use.name,
            "role": use.role,
            "kind": use.dataset.kind,
            "extent": format_extent(use.dataset),
            "size": use.dataset.size,
            "digest": use.dataset.digest,
            "sampled": use.dataset.sampled,
            "columns": [_column(use.dataset, name) for name in list(use.dataset.schema)[:_MOST_COLUMNS]],
            "width": len(use.dataset.schema),
            "execution": use.execution_id,
        }
        for use in uses
    ]


def _column(dataset: Dataset, name: str) -> dict[str, Json]:
    profile = dataset.profile.get(name) or {}
    quantiles = profile.get("quantiles")
    return {
        "name": name,
        "type": dataset.schema[name],
        "missing": profile.get("missing"),
        "rows": profile.get("rows"),
        "min": None if quantiles is None else wire_value(quantiles[_LEAST]),
        "median": None if quantiles is None else wire_value(quantiles[_MIDDLE]),
        "max": None if quantiles is None else wire_value(quantiles[_GREATEST]),
        "mean": wire_value(profile.get("mean")),
        "distinct": profile.get("distinct"),
        "top": [value for value, _ in profile.get(_TOP, [])],
    }
