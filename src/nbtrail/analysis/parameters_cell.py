"""The cell in which a notebook says its parameters outright, as papermill and its users mark it."""

from __future__ import annotations

from typing import Final

_MARKS: Final = frozenset({"parameters", "injected-parameters", "injected parameters"})


def is_parameters_cell(source: str) -> bool:
    """Whether a cell's first line is the comment ``# Parameters``; papermill begins the cell that it adds so.

    The tag of such a cell stands in the notebook's file, which a kernel does not see.
    """
    first = next((line for line in source.splitlines() if line.strip()), "").strip()
    return first.startswith("#") and first.lstrip("#").strip().lower().rstrip(":") in _MARKS
