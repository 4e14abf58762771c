"""A table of runs that sorts by a click."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


class RunsTable(anywidget.AnyWidget):
    """Shows runs as rows."""

    _esm = _STATIC / "runs_table.js"
    _css = _STATIC / "runs_table.css"
    state = traitlets.Dict().tag(sync=True)
