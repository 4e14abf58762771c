"""Stores: where records are kept. ``open_store`` is the door; ``protocol.Store`` says what is promised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbtrail.errors import StoreUnsupportedError
from nbtrail.machine.liveness import process_is_alive

if TYPE_CHECKING:
    from nbtrail.machine.liveness import IsAlive
    from nbtrail.store.protocol import Store

__all__ = ["open_store"]

_SQLITE: Final = "sqlite:///"
_FILE_NAME: Final = "store.db"


def open_store(url_or_path: str | Path, *, read_only: bool = False, is_alive: IsAlive = process_is_alive) -> Store:
    """Open the store at an address.

    Parameters
    ----------
    url_or_path
        The path of an SQLite file, of a folder with a ``store.db`` in it, or ``sqlite:///path``. A file that is not
        there yet is made, with its folder, unless ``read_only``. ``:memory:`` is an empty store that lives until it is
        closed.
    read_only
        Open for reading: nothing is changed, and several readers and a writer do not wait for each other.
    is_alive
        Tells whether the process of a session without a goodbye is still there; if not, its runs read as ``lost``.

    Raises
    ------
    StoreUnsupportedError
        No engine serves the address.
    StoreUnreadableError
        The file is not there (``read_only``), no store, or damaged.
    StoreReadOnlyError
        The file or its folder cannot be written, and ``read_only`` is false.
    StoreTooNewError
        A newer nbtrail wrote it; it was left as it is.
    """
    path = _sqlite_path(url_or_path)
    # Late: the engine brings numpy, and the notebook has to load without it.
    from nbtrail.store.sqlite import SqliteStore

    return SqliteStore(path, read_only=read_only, is_alive=is_alive)


def _sqlite_path(url_or_path: str | Path) -> Path:
    if isinstance(url_or_path, str):
        if url_or_path.startswith(_SQLITE) and len(url_or_path) > len(_SQLITE):
            url_or_path = url_or_path.removeprefix(_SQLITE)
        elif not url_or_path or "://" in url_or_path:
            raise StoreUnsupportedError(url_or_path)
    path = Path(url_or_path)
    return path / _FILE_NAME if path.is_dir() else path
