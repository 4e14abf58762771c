"""nbtrail inside IPython: ``%track``, ``%%track``, and what is captured around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_KEY = "_nbtrail_notebook"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext nbtrail``; loading twice changes nothing."""
    if getattr(shell, _KEY, None) is not None:
        return
    from nbtrail.notebook.extension import Extension

    setattr(shell, _KEY, Extension(shell))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext nbtrail``: end the run and take away all that was added."""
    extension = getattr(shell, _KEY, None)
    if extension is not None:
        extension.remove()
        delattr(shell, _KEY)
