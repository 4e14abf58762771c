"""The live card of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"

Action = Callable[[str, str], None]


class LiveCard(anywidget.AnyWidget):
    """Shows a run while it goes on.

    Parameters
    ----------
    on_action
        Called with ``tag``, ``note`` or ``stop`` and a text when the user asks for it. Jupyter delivers that when the
        kernel is between cells.
    """

    _esm = _STATIC / "live_card.js"
    _css = _STATIC / "live_card.css"
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, *, on_action: Action, **traits: Any) -> None:
        super().__init__(**traits)
        self._on_action = on_action
        self.on_msg(self._take)

    def _take(self, _widget: object, content: object, _buffers: object) -> None:
        if isinstance(content, dict):
            self._on_action(str(content.get("action", "")), str(content.get("text", "")))
