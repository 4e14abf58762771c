"""Names for new runs: those that users choose, told apart, and those that nbtrail makes up."""

from __future__ import annotations

import random
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from nbtrail.errors import StoreError
from nbtrail.notices import encodable

if TYPE_CHECKING:
    from collections.abc import Callable

    from coolname import RandomGenerator
    from coolname.types import CoolnameConfigT

    from nbtrail.project import Project
    from nbtrail.store.protocol import Store

_NAME_LENGTH: Final = 16
"""Names that nbtrail makes up are short enough for a row of the sidebar."""
_UNKIND: Final = frozenset(
    {"kickass", "heretic", "girlish", "naughty", "unkind", "nasty", "fat", "ugly", "dirty", "godlike"}
)
"""Words that nobody wants to read out in a meeting."""


class RunNames:
    """The names of a project's runs, as one process knows them.

    Looking a name up may have to wait for the store; so this has a lock of its own, and logging waits for nothing.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.RLock()
        self._claimed: set[str] = set()
        self._store: Store | None = None

    def claim(self, wanted: str | None) -> str:
        """A name for a new run that no other run of the project has.

        ``wanted`` itself if it is free, else with the first free suffix (``-2``, …); without one, an adjective and an
        animal.
        """
        with self._lock:
            name = _free_name(wanted and encodable(wanted), self._is_taken)
            self._claimed.add(name)
            return name

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _is_taken(self, name: str) -> bool:
        if name in self._claimed:
            return True
        try:
            if self._store is not None and not self._store.is_in_place():
                self.close()
            if self._store is None:
                if not self._project.exists:
                    return False
                self._store = self._project.open(read_only=True)
            return self._store.id_of_name(name) is not None
        except StoreError:
            # A store in trouble takes the name when it is back, with a suffix if need be.
            return False


def _free_name(wanted: str | None, is_taken: Callable[[str], bool]) -> str:
    if wanted is None:
        name = _two_words()
        while len(name) > _NAME_LENGTH or not _UNKIND.isdisjoint(name.split("-")) or is_taken(name):
            name = _two_words()
        return name
    name, suffix = wanted, 1
    while is_taken(name):
        suffix += 1
        name = f"{wanted}-{suffix}"
    return name


def _two_words() -> str:
    return str(_names().generate_slug(2))


@cache
def _names() -> RandomGenerator:
    """A source of names apart from the global random numbers, which users seed and want for themselves."""
    from coolname import RandomGenerator
    from coolname.data import config

    # What checks the words draws from the global numbers as well.
    words: dict[str, Any] = config
    unchecked = {**words, "all": {**words["all"], "__nocheck": True}}
    return RandomGenerator(cast("CoolnameConfigT", unchecked), random.SystemRandom())
