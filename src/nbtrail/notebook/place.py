"""Which notebook and which kernel this process is."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECTION_FILE = re.compile(r"kernel-(.+)\.json$")


def notebook_path(namespace: Mapping[str, Any], *, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The notebook's absolute path, where the front end tells it (Jupyter and VS Code do)."""
    for told in (environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__"), namespace.get("__session__")):
        if isinstance(told, str) and told.endswith(".ipynb"):
            return Path(os.path.abspath(told))
    return None


def kernel_id() -> str | None:
    """Jupyter's id of this kernel; ``None`` outside of one."""
    kernel_app = sys.modules.get("ipykernel.kernelapp")
    if kernel_app is None or not kernel_app.IPKernelApp.initialized():
        return None
    found = _CONNECTION_FILE.search(str(kernel_app.IPKernelApp.instance().connection_file))
    return found.group(1) if found else None
