"""Notebooks as Python files: cells in the percent format, labels in the comment at the top.

Magics are written as Jupytext writes them, behind ``# ``; a cell that is no Python at all bears ``active="ipynb"``
and is a comment as a whole. The labels say what a user would want to find in the run, by eye: ``params:``,
``metrics:``, and ``borderline params:`` and ``borderline metrics:`` for what one may like or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NOTEBOOKS: Final = Path(__file__).parent / "notebooks"
_MARK: Final = re.compile(r"^# %%(?= |$)(.*)$", re.MULTILINE)
_LABEL: Final = re.compile(r"^# ((?:borderline )?(?:params|metrics)):(.*)$", re.MULTILINE)
_MAGIC: Final = re.compile(r"^(\s*)# ((?:\w+ = )?[%!]|.*\?$)")


@dataclass(frozen=True, slots=True)
class Labels:
    """The names that belong into a notebook's run, as a person sees it."""

    params: frozenset[str] = frozenset()
    borderline_params: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    borderline_metrics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CorpusNotebook:
    """A notebook's code cells, and its labels."""

    name: str
    cells: tuple[str, ...]
    labels: Labels = field(default_factory=Labels)


def read_corpus() -> list[CorpusNotebook]:
    """All notebooks of the corpus, by name."""
    return [read_notebook(path) for path in sorted(NOTEBOOKS.glob("*.py"))]


def read_notebook(path: Path) -> CorpusNotebook:
    """One notebook; its markdown cells are left out."""
    head, *parts = _MARK.split(path.read_text(encoding="utf-8"))
    marked = zip(parts[::2], parts[1::2], strict=True)
    cells = tuple(_source(mark, text) for mark, text in marked if "[markdown]" not in mark)
    labels = {key.replace(" ", "_"): frozenset(names.split()) for key, names in _LABEL.findall(head)}
    return CorpusNotebook(path.stem, cells, Labels(**labels))


def _source(mark: str, text: str) -> str:
    lines = text.strip("\n").split("\n")
    if "active=" in mark:
        return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)
    return "\n".join(_MAGIC.sub(r"\1\2", line) for line in lines)
