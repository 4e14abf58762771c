"""What a store promises to those who take data out of it or bring data in."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbtrail.records import Series


class Selection(Protocol):
    """What a statement of SQL found."""

    columns: tuple[str, ...]
    """Their names, each once: the second ``value`` is ``value_2``."""

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousand at a time, worked out as they are asked for.

        Raises
        ------
        SqlError
            Working out a row failed.
        KeyboardInterrupt
            The user stopped it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCounts:
    """What became of some runs."""

    new: int = 0
    grown: int = 0
    """Known before, and something of them was new."""
    unchanged: int = 0
    points: int = 0
    """Points that were brought."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Name there and name here of new runs whose name another run had."""

    def __add__(self, other: MergedCounts) -> MergedCounts:
        return MergedCounts(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


class Merging(Protocol):
    """Another store, open beside this one, from which runs are brought."""

    def runs(self) -> list[tuple[str, int]]:
        """Id and number of points of every run there, those in its trash included, oldest first."""

    def blobs(self, run_ids: Sequence[str]) -> list[str]:
        """Digests of the files that these runs there refer to."""

    def bring(self, run_ids: Sequence[str]) -> MergedCounts:
        """Bring these runs and all that belongs to them, in one transaction; docs/merging.md says what wins.

        Raises the ``revision`` of the runs that changed. Bringing the same again changes nothing.
        """


class Transfer(Protocol):
    """The part of a ``Store`` through which data come and go in bulk."""

    def select(
        self, sql: str, params: Sequence[object] | Mapping[str, object] = ()
    ) -> AbstractContextManager[Selection]:
        """Run one statement in the engine's own SQL that only reads, on a connection of its own.

        The tables are those of docs/schema.md, but for ``points``: a row there is one point, with ``run_id``, ``key``,
        ``position``, ``step``, ``time`` and ``value`` (NULL for NaN, ±inf and every other value to the bit).

        Raises
        ------
        SqlError
            The statement has a mistake, or would write.
        """

    def part(self, run_id: str, key: str, *, first: int) -> Series:
        """The points of a metric from the position ``first`` on: some hundred thousand at most, none at the end."""

    def merging(self, other: Path) -> AbstractContextManager[Merging]:
        """Open another store of the same engine, with the same schema, from which runs are to be brought.

        It is only read.

        Raises
        ------
        StoreError
            One of the two cannot serve.
        """
