"""nbtrail: a local-first experiment tracker that lives inside Jupyter.

Everything public is here; the parts are imported when they are first used, so that ``import nbtrail`` costs next to
nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail import errors, housekeeping
    from nbtrail.reading.charts import compare
    from nbtrail.reading.diff import diff
    from nbtrail.reading.export import export
    from nbtrail.reading.frames import history, run, runs
    from nbtrail.reading.rebuild import rebuild
    from nbtrail.reading.sql import sql
    from nbtrail.tracking import Run, active_run, progress, start_run

__all__ = [
    "Run",
    "active_run",
    "compare",
    "diff",
    "errors",
    "export",
    "history",
    "housekeeping",
    "progress",
    "rebuild",
    "run",
    "runs",
    "sql",
    "start_run",
]

_HOMES = {
    "Run": "nbtrail.tracking",
    "active_run": "nbtrail.tracking",
    "compare": "nbtrail.reading.charts",
    "diff": "nbtrail.reading.diff",
    "export": "nbtrail.reading.export",
    "history": "nbtrail.reading.frames",
    "progress": "nbtrail.tracking",
    "rebuild": "nbtrail.reading.rebuild",
    "run": "nbtrail.reading.frames",
    "runs": "nbtrail.reading.frames",
    "sql": "nbtrail.reading.sql",
    "start_run": "nbtrail.tracking",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("nbtrail")
    if name in {"errors", "housekeeping"}:
        return importlib.import_module(f"nbtrail.{name}")
    if name in _HOMES:
        found = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = found  # the next one who looks for it does not come here
        return found
    msg = f"module 'nbtrail' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """``%load_ext nbtrail``."""
    from nbtrail.notebook import load_ipython_extension as load

    load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """``%unload_ext nbtrail``."""
    from nbtrail.notebook import unload_ipython_extension as unload

    unload(ipython)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "nbtrail"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nbtrail.server"}]
