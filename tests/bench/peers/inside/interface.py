"""What the benchmark asks of every tool, and how one is found by its name."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Log = Callable[[Mapping[str, float], int], object]


class Tool(Protocol):
    """One way of keeping runs, in the words of the tool itself.

    The tool's library is imported by the constructor. All that is kept lies under ``folder``.
    """

    folder: Path
    """Set by ``make``."""

    def __init__(self, folder: Path) -> None: ...

    def run(self, name: str, params: Mapping[str, object], body: Callable[[Log], None]) -> None:
        """A whole run: start it, set its params, call ``body`` with what logs, finish it.

        When this returns, every point is on its way to no other place any more: another process can read it.
        """

    def points(self, name: str, metric: str) -> Sequence[float]:
        """The values of a metric, read by the tool's own means, after its own recovery."""

    def table(self) -> tuple[int, int]:
        """All runs with all params and last values as one table: rows and columns.

        Tools without such a reader lack this method.
        """


def make(name: str, folder: Path) -> Tool:
    """The tool of a name such as ``mlflow:Batches``: a module of ``inside.tools``, and a class in it."""
    module, kind = name.split(":")
    tool: Tool = getattr(importlib.import_module(f"inside.tools.{module}"), kind)(folder)
    tool.folder = folder
    return tool
