"""What a store promises to those who keep it in order: removing, measuring, checking, copying."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from nbtrail.records import Session

BlobKind: TypeAlias = Literal["artifact", "output", "code"]
OnStep: TypeAlias = "Callable[[int, int], None]"
"""Hears how much of how much is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgedCounts:
    """How many of each were removed."""

    runs: int = 0
    points: int = 0
    executions: int = 0
    sources: int = 0
    environments: int = 0
    datasets: int = 0
    sessions: int = 0

    def __add__(self, other: PurgedCounts) -> PurgedCounts:
        return PurgedCounts(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    def __bool__(self) -> bool:
        """Whether anything was."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobUse:
    """What refers to a blob."""

    kind: BlobKind
    """Of several kinds, the first in alphabetical order."""
    uses: int
    run_id: str | None
    """The only run that needs it; ``None`` where several do, or something that belongs to no run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSizes:
    """How many bytes of a store are taken by what; the parts and ``free`` add up to the whole."""

    parts: Mapping[str, int]
    """By what is kept: ``points``, ``metrics``, ``params``, ``cells``, ``outputs``, ``environments``, ``data``,
    ``runs``, and ``other`` for the engine's own bookkeeping."""
    free: int
    """Left by what was removed; later records use it."""
    is_estimate: bool
    """The engine cannot say what takes how much, and the parts were worked out from the lengths of their contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong in a store."""

    text: str
    is_mendable: bool = False
    """``Store.mend`` repairs it, and nothing that can still be read is lost by that."""
    is_damage: bool = False
    """The engine itself cannot rely on what it reads, and writing might make it worse."""

    def __str__(self) -> str:
        return self.text


class Upkeep(Protocol):
    """The part of a ``Store`` that keeps it in order. Each call is atomic, and may be repeated after any failure."""

    def purge(self, run_ids: Sequence[str], *, recording: Collection[str] = ()) -> PurgedCounts:
        """Remove runs that are in the trash, and everything that only they used; it has reached the disk then.

        A run that is unknown or not in the trash is passed over. A child of a removed run goes on without a parent.
        The ``revision`` of the store grows, though ``changed_since`` cannot name what is gone. What a journal brings
        later of a removed run is passed over. Texts of cells, which cells of many runs may share, wait for a ``sweep``.

        Parameters
        ----------
        run_ids
            Their ids.
        recording
            Sessions whose processes may still be there. Environments of their runs stay, because they may come to
            speak of the same files again.
        """

    def sweep(
        self, *, over: Collection[str] = (), forgotten: Collection[str] = (), is_recorded: bool = True
    ) -> PurgedCounts:
        """Remove what belongs to no run, such as cells that a process sent after its run had been purged.

        Parameters
        ----------
        over
            Sessions whose processes are gone: their cells that belong to no run go. A cell of another session may be
            about to join a run.
        forgotten
            Sessions that go if nothing belongs to them. With a session go the receipts of its journal, so no copy of
            that journal may exist anywhere.
        is_recorded
            Processes may be recording: environments of no run stay, because they may come to speak of the same files
            again.
        """

    def sessions(self) -> list[Session]:
        """Every session, in the order in which they started."""

    def blob_uses(self, *, without: Sequence[str] = ()) -> dict[str, BlobUse]:
        """Every blob that something refers to, by digest; as if the runs ``without`` had been purged."""

    def run_bytes(self) -> dict[str, int]:
        """Roughly how many bytes of the store each run takes alone, by id, runs in the trash included."""

    def sizes(self) -> StoreSizes:
        """What takes how much of the store."""

    def compact(self, *, thorough: bool = False, on_step: OnStep | None = None) -> int:
        """Give the space of what was removed back to the file system, as far as that is possible.

        Parameters
        ----------
        thorough
            Do so also where writers have to wait for it, for seconds in a store of gigabytes.
        on_step
            Hears of the progress in bytes.

        Returns
        -------
        int
            Bytes that remain free within the store.
        """

    def copy_to(self, path: Path, *, on_step: OnStep | None = None) -> None:
        """Copy the whole store, as it is at one moment, into a new SQLite file, while others go on writing.

        Parameters
        ----------
        path
            The file; there is none yet.
        on_step
            Hears of the progress in bytes.
        """

    def problems(self, *, deep: bool = False) -> list[Problem]:
        """Look through the store for damage and contradictions; empty when it is whole.

        With ``deep`` all points are read and compared with their summaries, else those of a sample.
        """

    def mend(self) -> list[str]:
        """Repair what can be repaired without losing anything that can still be read; what was done, a line each."""
