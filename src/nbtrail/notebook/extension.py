"""What ``%load_ext nbtrail`` adds to a shell, and takes away again."""

from __future__ import annotations

import atexit
from contextlib import suppress
from typing import TYPE_CHECKING

from nbtrail.notebook.capture import Capture
from nbtrail.notebook.cell_magic import CellMagicLine
from nbtrail.notebook.completion import complete
from nbtrail.notebook.magics import TrackMagics, say_misplaced
from nbtrail.notebook.place import kernel_id, notebook_path
from nbtrail.tracking import set_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_MAGIC = "track"
_MISPLACED = f"%{_MAGIC}"


class Extension:
    """The magics, the line of ``%%track``, the completion and the capture of one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        kernel = kernel_id()
        set_notebook(notebook_path(shell.user_ns), kernel)
        self.capture = Capture(shell, kernel_id=kernel)
        self._line = CellMagicLine(self.capture.attach)
        shell.register_magics(TrackMagics(shell, self.capture))
        # What IPython makes of a ``%%track`` with code above it.
        shell.magics_manager.register_function(say_misplaced, "line", _MISPLACED)
        shell.input_transformers_cleanup.append(self._line)
        shell.set_hook("complete_command", complete, re_key=r"%%?track")
        self.capture.attach()
        self.capture.look_back()
        # Before tracking's own goodbye: the card of the notebook's run must not say "running" for ever.
        atexit.register(self.capture.stop)

    def remove(self) -> None:
        """End the run and take everything away."""
        atexit.unregister(self.capture.stop)
        self.capture.stop()
        self.capture.detach()
        if self._line in self._shell.input_transformers_cleanup:
            self._shell.input_transformers_cleanup.remove(self._line)
        for kind in ("line", "cell"):
            for name in (_MAGIC, _MISPLACED):
                self._shell.magics_manager.magics[kind].pop(name, None)
        completers = getattr(self._shell, "custom_completers", None) or getattr(self._shell, "Completer", None)
        regexes = getattr(getattr(completers, "custom_completers", completers), "regexs", {})
        with suppress(Exception):
            for pattern in [pattern for pattern in regexes if "track" in getattr(pattern, "pattern", "")]:
                del regexes[pattern]
