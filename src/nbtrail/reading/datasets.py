"""Data of runs as short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nbtrail.records import Dataset

SHORT_DIGEST: Final = 4
_STEP: Final = 999.5
"""Rounds to a thousand."""
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def format_dataset(dataset: Dataset, *, digits: int = SHORT_DIGEST) -> str:
    """How large some data is, and the beginning of its digest: ``1,437 × 64 · 3f2a…``, ``18 B · 9c1b…`` for a file."""
    return f"{format_extent(dataset)} · {format_digest(dataset.digest, digits=digits)}"


def format_extent(dataset: Dataset) -> str:
    """``1,437 × 64`` for what has a shape, ``30 files``, ``12 columns`` for what has columns only, else the size."""
    if dataset.kind == "files":
        return f"{dataset.shape[0]:,} files"
    if dataset.shape:
        return " × ".join(f"{length:,}" for length in dataset.shape)
    if dataset.schema:
        return f"{len(dataset.schema):,} columns"
    return format_bytes(dataset.size)


def format_digest(digest: str, *, digits: int = SHORT_DIGEST) -> str:
    """The beginning of a digest, with an ellipsis."""
    return f"{digest[:digits]}…"


def format_bytes(size: int) -> str:
    """A size in one unit, with three digits: ``18 B``, ``1.5 kB``, ``96 MB``."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {_UNITS[unit]}" if value < _STEP else f"{value:.0f} {_UNITS[unit]}"
