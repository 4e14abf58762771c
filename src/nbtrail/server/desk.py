"""What all handlers share: open stores, sparks, corrections, the live watch, and the way a request is served."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nbtrail.errors import StoreError
from nbtrail.server.corrections import Corrections
from nbtrail.server.live import Live
from nbtrail.server.numbers import encode
from nbtrail.server.places import locate
from nbtrail.server.sparks import Sparks
from nbtrail.server.stores import StoreShelf
from nbtrail.server.watch import Seen
from nbtrail.tracking import recover

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.server.places import Place
    from nbtrail.store.protocol import Store

    Work: TypeAlias = Callable[["Opened"], dict[str, Any]]

DESK: Final = "nbtrail_desk"
"""Where the server's settings hold the desk."""
_MOST_THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A project that a request is about, opened for reading."""

    place: Place
    store: Store | None
    """``None`` if nothing was ever recorded there."""

    @property
    def project(self) -> Project:
        """The project."""
        return self.place.project


@dataclass(frozen=True, slots=True)
class Served:
    """An answer, and what it was made from."""

    place: Place
    seen: Seen
    text: str


class Desk:
    """Serves requests, each on a thread of its own.

    Parameters
    ----------
    root
        The folder that the server shows.
    emit
        Takes the data of a live event, on the event loop's thread.
    log
        The server's log.
    """

    def __init__(self, root: Path, emit: Callable[[dict[str, Any]], None], log: Logger) -> None:
        self.sparks = Sparks()
        self.corrections = Corrections()
        self.drawing = threading.Lock()
        """Altair's settings are one for the whole process: one thread draws at a time."""
        self._root = root
        self._log = log
        self._shelf = StoreShelf()
        # Its own: a store that keeps many requests waiting must not hold up the rest of Jupyter.
        self._threads = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="nbtrail")
        self.live = Live(self._shelf, self._threads, emit, log)
        self._told: set[str] = set()

    async def serve(self, path: str, work: Work) -> str:
        """The answer of ``work`` about the project that ``path`` means, made on another thread; the project is watched.

        Raises
        ------
        NbtrailError
            As ``answer`` does.
        """
        served = await asyncio.get_running_loop().run_in_executor(self._threads, self.answer, path, work)
        self.live.ask(served.place, served.seen)
        return served.text

    def answer(self, path: str, work: Work) -> Served:
        """Open the project that ``path`` means, and let ``work`` make the answer from it.

        Raises
        ------
        OutsideRootError
            The path leaves the server's root folder.
        NbtrailError
            The store cannot be read, or ``work`` refuses.
        """
        place = locate(self._root, path)
        self._recover(place.project)
        with self._shelf.reading(place.project) as lent:
            # Before the work: what changes meanwhile will count as new.
            seen = Seen(lent.stamp, lent.store.revision()) if lent else Seen(None, 0)
            text = encode(work(Opened(place, lent.store if lent else None)))
        return Served(place, seen, text)

    async def stop(self) -> None:
        """Watch nothing any more and close every store."""
        await self.live.stop()
        self._shelf.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _recover(self, project: Project) -> None:
        """Take in what dead processes left; if it cannot be, what the store has can still be read."""
        try:
            recover(project)
        except (StoreError, OSError) as error:
            if str(error) not in self._told:
                self._told.add(str(error))
                self._log.warning("nbtrail leaves journals in %s where they are: %s", project.journals, error)
