"""Word of runs that moved, for those who look at a project."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nbtrail.errors import StoreError
from nbtrail.server.watch import Moved, Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from logging import Logger

    from nbtrail.server.places import Place
    from nbtrail.server.stores import StoreShelf
    from nbtrail.server.watch import Seen

EVENT_ID: Final = "urn:nbtrail:runs-moved:v1"
"""A name and no address: it claims nobody's domain. The front end listens for it."""
EVENT_SCHEMA: Final[dict[str, Any]] = {
    "$id": EVENT_ID,
    "version": "1",
    "title": "Runs moved",
    "description": "Runs of a project have changed, or the project itself; whoever shows them asks for them again.",
    "personal-data": False,
    "type": "object",
    "properties": {
        "project": {"type": "string", "title": "The project's id"},
        "revision": {"type": "integer", "title": "The store's revision"},
        "runs": {
            "type": "array",
            "items": {"type": "string"},
            "title": "Ids of the runs that moved; empty if the project is another one now",
        },
    },
    "required": ["project", "revision", "runs"],
    "additionalProperties": False,
}
_LONGEST_PAUSE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often is looked, and for how long."""

    interval_s: float = 0.2
    """The pause between two looks at a project."""
    patience_s: float = 180.0
    """How long a project is watched after the last request for it."""


class Live:
    """Watches the projects that somebody has lately asked for.

    It is used on the event loop's thread; only the looking itself happens on others.

    Parameters
    ----------
    shelf
        Where stores are read.
    threads
        Where the looking happens.
    emit
        Takes an event's data.
    log
        Where trouble is told, each once.
    pace
        How often is looked, and for how long.
    """

    def __init__(
        self,
        shelf: StoreShelf,
        threads: Executor,
        emit: Callable[[dict[str, Any]], None],
        log: Logger,
        pace: Pace = Pace(),
    ) -> None:
        self._shelf = shelf
        self._threads = threads
        self._emit = emit
        self._log = log
        self._pace = pace
        self._watches: dict[str, Watch] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_stopped = False

    def ask(self, place: Place, seen: Seen) -> None:
        """Somebody has asked for the project of a place, and was shown it as it was ``seen``."""
        project = place.project
        if self._is_stopped:
            return
        watch = self._watches.get(project.id)
        if watch is None:
            watch = self._watches[project.id] = Watch(project, seen)
            self._tasks[project.id] = asyncio.get_running_loop().create_task(self._follow(watch))
        watch.ask(place.start, now=time.monotonic())

    async def stop(self) -> None:
        """Watch nothing any more."""
        self._is_stopped = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, watch: Watch) -> None:
        pause_s = self._pace.interval_s
        try:
            while watch.is_wanted(since=time.monotonic() - self._pace.patience_s):
                await asyncio.sleep(pause_s)
                is_well = await self._look(watch)
                pause_s = self._pace.interval_s if is_well else min(2 * pause_s, _LONGEST_PAUSE_S)
        finally:
            del self._watches[watch.project.id], self._tasks[watch.project.id]
            self._shelf.drop(watch.project)

    async def _look(self, watch: Watch) -> bool:
        """Whether it went well; what moved is told."""
        try:
            moved = await asyncio.get_running_loop().run_in_executor(self._threads, watch.look, self._shelf)
        except Exception as error:  # noqa: BLE001 - whatever it is, the watch goes on
            self._tell(watch, error)
            moved = watch.fail(error)
            is_well = False
        else:
            is_well = True
        for one in moved:
            self._emit_safely(one)
        return is_well

    def _tell(self, watch: Watch, error: Exception) -> None:
        if watch.trouble != str(error):
            unforeseen = None if isinstance(error, StoreError) else error
            self._log.warning("nbtrail cannot watch %s: %s", watch.project.root, error, exc_info=unforeseen)

    def _emit_safely(self, moved: Moved) -> None:
        try:
            self._emit({"project": moved.project_id, "revision": moved.revision, "runs": list(moved.run_ids)})
        except Exception:  # noqa: BLE001 - one event less, and the watch goes on
            self._log.exception("nbtrail cannot tell that runs have moved")
