"""Which files a cell opens, as Python's audit hooks tell."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import nbtrail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST: Final = 10_000
_WRITES: Final = os.O_WRONLY | os.O_RDWR
_NO_DATA: Final = frozenset({".py", ".pyc", ".pyi", ".so", ".pyd", ".dll", ".dylib", ".ipynb"})
_NO_DATA_FOLDERS: Final = frozenset({"site-packages", "dist-packages", "__pycache__"})
_SYSTEM: Final = ("/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr", "/System", "/Library")


class OpenedFiles:
    """Takes note of the files that this process opens while it is told to.

    An audit hook cannot be taken away again: there is one for the life of the process, and it does next to nothing.
    """

    def __init__(self) -> None:
        self._seen: dict[str, bool] | None = None
        self._own_threads: set[int] = set()
        self._is_installed = False

    def start(self) -> None:
        """Take note from now on; what was noted before is forgotten."""
        if not self._is_installed:
            self._is_installed = True
            sys.addaudithook(self._hear)
        self._seen = {}

    def stop(self) -> dict[str, bool]:
        """Stop, and give the paths in the order in which they were opened first, each with whether it was written."""
        seen, self._seen = self._seen, None
        return seen or {}

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Files that this thread opens meanwhile do not count."""
        self._own_threads.add(threading.get_ident())
        try:
            yield
        finally:
            self._own_threads.discard(threading.get_ident())

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or self._seen is None:
            return
        # Nothing that fails here may reach whoever opens the file.
        try:
            path, mode, flags = arguments
            seen = self._seen
            if seen is None or type(path) not in {str, bytes} or threading.get_ident() in self._own_threads:
                return
            text = os.path.join(os.getcwd(), os.fsdecode(path))  # noqa: PTH109, PTH118 - for every file that is opened
            if len(seen) < _MOST or text in seen:
                seen[text] = seen.get(text, False) or _is_writing(mode, flags)
        except Exception:  # noqa: BLE001, S110 - see above
            pass


def _is_writing(mode: object, flags: object) -> bool:
    if type(mode) is str:
        return not set("wax+").isdisjoint(mode)
    return type(flags) is int and bool(flags & _WRITES)


def data_files(seen: Mapping[str, bool], root: Path) -> dict[str, bool]:
    """Of some opened files those that are data of the user's, each with whether it was written.

    Left out are what belongs to the interpreter, its packages and the system, source code, notebooks, and whatever is
    hidden. Importing a large library opens thousands of files: no ``Path`` is made of them.
    """
    inside = f"{root}{os.sep}"
    prefixes = tuple(
        prefix
        for prefix in (f"{folder}{os.sep}" for folder in (*_own_folders(), *_SYSTEM))
        if not inside.startswith(prefix)
    )
    found = {}
    for path, is_written in seen.items():
        text = os.path.normpath(path)
        if text.startswith(prefixes) or text[text.rfind(".") :].lower() in _NO_DATA:
            continue
        parts = text.removeprefix(inside).split(os.sep)  # noqa: PTH206 - see above
        if not any(part.startswith(".") or part in _NO_DATA_FOLDERS for part in parts):
            found[text] = is_written
    return found


def _own_folders() -> tuple[str, ...]:
    return sys.prefix, sys.base_prefix, str(Path(nbtrail.__file__).parent)


opened_files: Final = OpenedFiles()
