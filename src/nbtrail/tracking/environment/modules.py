"""The project's own files that this process has imported, and their text as it was loaded."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from nbtrail.store.blobs import Blobs

FILE_BYTES: Final = 1_000_000
MOST_FILES: Final = 500
MOST_BYTES: Final = 20_000_000
NOT_KEPT: Final = ""
"""In the place of a digest: the file is too large, or there are too many."""
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


def imported_files(top: Path, *, script: str | None = None) -> dict[Path, object]:
    """The ``.py`` files below ``top`` that are imported, and the script that runs, each with a mark of its loading.

    Left out are installed packages, virtual environments, the standard library, and what lies in hidden folders. The
    mark is another object once the module was reloaded.
    """
    path = None if script is None else _own_path(os.path.abspath(script), top)
    found: dict[Path, object] = {} if path is None else {path: None}
    for names in _namespaces():
        file = names.get("__file__")
        path = _own_path(file, top) if type(file) is str else None
        if path is not None:
            found.setdefault(path, names.get("__spec__"))
    return found


@dataclass(frozen=True, slots=True)
class _Text:
    loading: object
    version: tuple[int, int] | None
    """Time and size of the file when it was read."""
    content: bytes | None
    """``None`` where a bound was reached."""


class ModuleTexts:
    """Keeps the text of imported files, as it was when it was first seen after each loading.

    A file that is edited later is not what runs: until it is loaded again, the text from before the edit stands for it.
    An edit between the import and the first look is not noticed.

    Parameters
    ----------
    blobs
        Where the texts go.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._texts: dict[Path, _Text] = {}
        self._bytes = 0
        self._digests: dict[bytes, str] = {}

    def look(self, files: Mapping[Path, object], uncommitted: AbstractSet[Path]) -> dict[Path, str]:
        """The digests of the texts that no commit holds, by path; ``NOT_KEPT`` for one that is too large or too many.

        Parameters
        ----------
        files
            What is imported, with the marks of ``imported_files``.
        uncommitted
            Those of them whose file, as it is now, is in no commit.
        """
        for path in sorted(files, key=lambda path: (path not in uncommitted, path)):
            self._see(path, files[path])
        wanted = [path for path in sorted(files) if path in uncommitted or self._is_edited(path)]
        return {path: self._keep(path) for path in wanted}

    def _see(self, path: Path, loading: object) -> None:
        before = self._texts.get(path)
        if before is not None and before.loading is loading:
            return
        if before is not None:
            self._bytes -= len(before.content or b"")
        content = _content(path, min(FILE_BYTES, MOST_BYTES - self._bytes)) if len(self._texts) < MOST_FILES else None
        self._texts[path] = _Text(loading, _version(path), content)
        self._bytes += len(content or b"")

    def _is_edited(self, path: Path) -> bool:
        seen = self._texts[path]
        return seen.version != _version(path) and seen.content != _content(path, FILE_BYTES)

    def _keep(self, path: Path) -> str:
        content = self._texts[path].content
        if content is None:
            return NOT_KEPT
        # A purge may have removed it since.
        if content not in self._digests or not self._blobs.renew(self._digests[content]):
            masked = mask_text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            self._digests[content] = self._blobs.put_bytes(masked)
        return self._digests[content]


def _namespaces() -> Iterator[dict[str, Any]]:
    for module in tuple(sys.modules.values()):
        if isinstance(module, ModuleType):
            # A lazy module would be loaded by asking for any of its attributes in the usual way.
            yield object.__getattribute__(module, "__dict__")


@functools.lru_cache(maxsize=20_000)
def _own_path(file: str, top: Path) -> Path | None:
    """Where a module's file really is, if it is one of the project's. A thousand modules ask for it at every look."""
    if not file.endswith(".py"):
        return None
    path = Path(os.path.realpath(file))
    if not path.is_relative_to(top):
        return None
    parts = path.relative_to(top).parts
    is_hidden = any(part.startswith(".") or part in _INSTALLED for part in parts)
    return None if is_hidden or any(path.is_relative_to(folder) for folder in _foreign_folders(top)) else path


@functools.lru_cache(maxsize=8)
def _foreign_folders(top: Path) -> tuple[Path, ...]:
    """Python's own folders, where they lie inside of the project."""
    prefixes = {Path(os.path.realpath(prefix)) for prefix in (sys.prefix, sys.base_prefix)}
    inside = {prefix for prefix in prefixes if prefix != top and prefix.is_relative_to(top)}
    library = Path(os.path.realpath(sysconfig.get_path("stdlib")))
    return (*inside, library)


def _content(path: Path, most_bytes: int) -> bytes | None:
    """The file's bytes; ``None`` for one that is too large or gone."""
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError:
        return None
    return content if len(content) <= most_bytes else None


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
