"""Loading sqlite_utils without a trace in what the user sees."""

from __future__ import annotations

import importlib
import sys
from typing import Final

_COLUMNS_SHOWN: Final = "display.max_columns"
_IN_A_KERNEL: Final = 20
"""What pandas sets there when it knows that it is in a kernel."""


def load_sqlite_utils() -> None:
    """Load sqlite_utils, and with it pandas where that is installed.

    While it is loaded, pandas asks whether it is in a terminal, and in a kernel it takes every moment between two cells
    for one: all of the user's tables would show fewer columns. The writer's thread comes by at such moments.
    """
    is_first = "pandas" not in sys.modules
    importlib.import_module("sqlite_utils")
    pandas = sys.modules.get("pandas")
    if is_first and pandas is not None and _is_in_a_kernel() and pandas.get_option(_COLUMNS_SHOWN) == 0:
        pandas.set_option(_COLUMNS_SHOWN, _IN_A_KERNEL)


def _is_in_a_kernel() -> bool:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython is not None and hasattr(get_ipython(), "kernel")
