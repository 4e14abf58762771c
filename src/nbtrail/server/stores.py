"""The stores that the server keeps open for reading, so that a request does not open one anew."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from nbtrail.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project
    from nbtrail.store.protocol import Store

MOST_OPEN: Final = 8

Stamp: TypeAlias = tuple[int, int] | None
"""Tells one store file from the next at the same path. While a file is open no other can have its number."""


@dataclass(slots=True, eq=False)
class _Opened:
    store: Store
    stamp: Stamp
    readers: int = 0
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Lent:
    """An open store, while somebody reads it."""

    store: Store
    stamp: Stamp


class StoreShelf:
    """One store a project, open for reading; used by several threads.

    At most ``most`` stay open, those used last. A store whose file was replaced or removed, or that failed, is closed
    when its last reader is done, and the next one opens it anew.
    """

    def __init__(self, *, most: int = MOST_OPEN) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, _Opened] = OrderedDict()

    @contextlib.contextmanager
    def reading(self, project: Project) -> Iterator[Lent | None]:
        """The project's store; ``None`` if it has none, and nothing is created.

        Raises
        ------
        StoreError
            The store cannot be opened or read.
        """
        opened = self._borrow(project)
        if opened is None:
            yield None
            return
        try:
            yield Lent(opened.store, opened.stamp)
        except StoreError:
            opened.retired = True
            raise
        finally:
            self._give_back(project.url, opened)

    def drop(self, project: Project) -> None:
        """Close the project's store as soon as nobody reads it."""
        with self._lock:
            self._retire(project.url)

    def close(self) -> None:
        """Close every store as soon as nobody reads it."""
        with self._lock:
            for url in list(self._opened):
                self._retire(url)

    def _borrow(self, project: Project) -> _Opened | None:
        stamp = _stamp(project)
        with self._lock:
            opened = self._opened.get(project.url)
            if opened is not None and opened.stamp != stamp:
                self._retire(project.url)
            elif opened is not None:
                opened.readers += 1
                self._opened.move_to_end(project.url)
                return opened
        if not project.exists:
            return None
        fresh = _Opened(project.open(read_only=True), stamp, readers=1)
        with self._lock:
            self._retire(project.url)
            self._opened[project.url] = fresh
            while len(self._opened) > self._most:
                self._retire(next(iter(self._opened)))
        return fresh

    def _give_back(self, url: str, opened: _Opened) -> None:
        with self._lock:
            opened.readers -= 1
            if opened.retired and self._opened.get(url) is opened:
                self._retire(url)
            elif opened.retired and not opened.readers:
                opened.store.close()

    def _retire(self, url: str) -> None:
        opened = self._opened.pop(url, None)
        if opened is not None:
            opened.retired = True
            if not opened.readers:
                opened.store.close()


def _stamp(project: Project) -> Stamp:
    try:
        found = os.stat(project.url)  # noqa: PTH116 - an address is no path
    except OSError:
        return None
    return found.st_dev, found.st_ino
