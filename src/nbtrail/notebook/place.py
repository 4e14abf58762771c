"""Which notebook and which kernel this process is."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONNECTION_FILE = re.compile(r"kernel-(.+)\.json$")
_SUFFIX: Final = ".ipynb"
_RUNNERS: Final = frozenset({"papermill", "jupyter-execute", "jupyter-nbconvert", "nbconvert"})
"""Programs that run a notebook and tell its kernel nothing of it."""
_COLAB_S: Final = 2.0


def notebook_path(namespace: Mapping[str, Any], *, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The notebook's absolute path, where it can be known.

    Jupyter and VS Code tell it; Colab is asked; of papermill, ``jupyter execute`` and ``nbconvert`` it stands on their
    command line. It is the name at the start of the kernel: a notebook that is renamed meanwhile keeps it until then.
    """
    for told in (environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__"), namespace.get("__session__")):
        if isinstance(told, str) and told.endswith(_SUFFIX):
            return Path(os.path.abspath(told))
    if _kernel_app() is None:
        return None
    return _colab_notebook(environ) or _runners_notebook()


def kernel_id() -> str | None:
    """Jupyter's id of this kernel; ``None`` outside of one."""
    app = _kernel_app()
    # Programs that run a notebook without a server give the file any name: such a kernel has no id.
    found = None if app is None else _CONNECTION_FILE.search(str(app.connection_file))
    return found.group(1) if found else None


def _kernel_app() -> Any:
    module = sys.modules.get("ipykernel.kernelapp")
    return module.IPKernelApp.instance() if module is not None and module.IPKernelApp.initialized() else None


def find_notebook_word(words: Sequence[str]) -> str | None:
    """The notebook that a command line runs.

    Parameters
    ----------
    words
        The command line: the program first, or Python with a script or ``-m``.

    Returns
    -------
    str or None
        ``None`` where the program is not known to run notebooks, or runs several.
    """
    programs = words[:3] if words[1:2] == ["-m"] else words[:2]
    runner = next((word for word in programs if Path(word).name in _RUNNERS), None)
    if runner is None:
        return None
    notebooks = [word for option, word in pairwise(words) if word.endswith(_SUFFIX) and option != "--output"]
    # Papermill reads the first and writes the second: people know the one that they wrote.
    is_papermill = "papermill" in runner
    return notebooks[0] if len(notebooks) == 1 or (notebooks and is_papermill) else None


def _runners_notebook() -> Path | None:
    import psutil

    # The parent may be another user's, or gone.
    with suppress(psutil.Error, OSError):
        parent = psutil.Process(os.getppid())
        found = find_notebook_word(parent.cmdline())
        return None if found is None else Path(os.path.normpath(Path(parent.cwd()) / found))
    return None


def _colab_notebook(environ: Mapping[str, str]) -> Path | None:
    """Colab names the notebook only to who asks its own server on the same machine."""
    from urllib.request import urlopen

    host, port = environ.get("COLAB_JUPYTER_IP"), environ.get("KMP_TARGET_PORT")
    if not host or not port:
        return None
    # Whatever it answers, a notebook's name is a bonus.
    with suppress(Exception):
        with urlopen(f"http://{host}:{port}/api/sessions", timeout=_COLAB_S) as answer:
            sessions = json.load(answer)
        own = [one for one in sessions if one["kernel"]["id"] == kernel_id()] or sessions
        name = Path(str(own[0]["name"])).name if len(own) == 1 else ""
        return Path.cwd() / name if name.endswith(_SUFFIX) else None
    return None
