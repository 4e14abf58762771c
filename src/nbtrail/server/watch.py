"""One look after another at a project's store, to see what moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.project import find_project

if TYPE_CHECKING:
    from pathlib import Path

    from nbtrail.project import Project
    from nbtrail.server.stores import Lent, Stamp, StoreShelf
    from nbtrail.store.protocol import Store

MOST_IDS: Final = 1000
_MOST_STARTS: Final = 32
_BROKEN: Final = (-1, -1)
"""The stamp of a store that cannot be read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Which store was looked at, and up to which revision."""

    stamp: Stamp
    revision: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved in a project; without runs it is another project now, or another store."""

    project_id: str
    revision: int
    run_ids: tuple[str, ...] = ()


class Watch:
    """Remembers what was seen of one project, from which notebooks and folders it was asked for, and when.

    ``look`` is called on any thread, by one at a time; everything else on one thread.
    """

    def __init__(self, project: Project, seen: Seen) -> None:
        self.project = project
        self.trouble: str | None = None
        """Why the last look failed; ``None`` if it did not."""
        self._seen = seen
        self._mark: tuple[Store, int] | None = None
        self._asked: dict[Path, float] = {}

    def ask(self, start: Path, *, now: float) -> None:
        """Somebody asked, looking from ``start``."""
        self._asked.pop(start, None)
        self._asked[start] = now
        while len(self._asked) > _MOST_STARTS:
            del self._asked[next(iter(self._asked))]

    def is_wanted(self, *, since: float) -> bool:
        """Whether somebody asked since then; who asked before is forgotten."""
        for start, at in tuple(self._asked.items()):
            if at < since:
                del self._asked[start]
        return bool(self._asked)

    def look(self, shelf: StoreShelf) -> list[Moved]:
        """What moved since the last look.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        moved = self._look_for_another_project()
        with shelf.reading(self.project) as lent:
            if (lent.stamp if lent else None) != self._seen.stamp:
                moved.append(self._see_another_store(lent))
            elif lent is not None:
                moved.extend(self._see_changes(lent))
        self.trouble = None
        return moved

    def fail(self, error: Exception) -> list[Moved]:
        """A look failed. The first time viewers are told, so that they ask and hear why."""
        self.trouble = str(error)
        if self._seen.stamp == _BROKEN:
            return []
        self._seen = Seen(_BROKEN, 0)
        return [Moved(self.project.id, 0)]

    def _look_for_another_project(self) -> list[Moved]:
        """A ``.nbtrail`` nearer to the notebook, or none any more, makes it belong to another project."""
        strayed = [start for start in tuple(self._asked) if find_project(start).url != self.project.url]
        for start in strayed:
            self._asked.pop(start, None)
        return [Moved(self.project.id, 0)] if strayed else []

    def _see_another_store(self, lent: Lent | None) -> Moved:
        self._seen = Seen(lent.stamp, lent.store.revision()) if lent else Seen(None, 0)
        return Moved(self.project.id, self._seen.revision)

    def _see_changes(self, lent: Lent) -> list[Moved]:
        mark = (lent.store, lent.store.change_mark())
        if mark == self._mark:
            return []
        # The mark first and the revision before the runs: what is written in between is seen again, and never missed.
        revision = lent.store.revision()
        run_ids = lent.store.changed_since(self._seen.revision)
        self._mark = mark
        if revision == self._seen.revision:
            return []
        self._seen = Seen(lent.stamp, revision)
        return [Moved(self.project.id, revision, tuple(run_ids[-MOST_IDS:]))]
