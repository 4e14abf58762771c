"""Which of some files are data of the user's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nbtrail

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_DATA: Final = frozenset({".py", ".pyc", ".pyi", ".so", ".pyd", ".dll", ".dylib", ".ipynb"})
_NO_DATA_FOLDERS: Final = frozenset({"site-packages", "dist-packages", "__pycache__"})
_SYSTEM: Final = ("/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/System", "/Library")


def data_files(files: Mapping[str, bool], root: Path) -> dict[str, bool]:
    """Of some files those that are data of the user's, each with whether it was written.

    Left out are what belongs to the interpreter, its packages and the system, source code, notebooks, and whatever is
    hidden. There may be thousands: no ``Path`` is made of them.
    """
    inside = f"{root}{os.sep}"
    prefixes = tuple(
        prefix
        for prefix in (f"{folder}{os.sep}" for folder in (*_own_folders(), *_SYSTEM))
        if not inside.startswith(prefix)
    )
    found = {}
    for path, is_written in files.items():
        text = os.path.normpath(path)
        if text.startswith(prefixes) or text[text.rfind(".") :].lower() in _NO_DATA:
            continue
        parts = text.removeprefix(inside).split(os.sep)  # noqa: PTH206 - see above
        if not any(part.startswith(".") or part in _NO_DATA_FOLDERS for part in parts):
            found[text] = is_written
    return found


def _own_folders() -> tuple[str, ...]:
    return sys.prefix, sys.base_prefix, str(Path(nbtrail.__file__).parent)
