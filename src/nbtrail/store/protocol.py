"""What a store promises, whichever engine keeps it. ``tests/store`` holds the contract as tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nbtrail.store.listing import Listing
from nbtrail.store.transfer import Transfer
from nbtrail.store.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nbtrail.changes import Change, Receipt
    from nbtrail.records import (
        Artifact,
        DatasetUse,
        Environment,
        Execution,
        Metric,
        Names,
        Output,
        Param,
        Run,
        Series,
        Session,
    )
    from nbtrail.store.query import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs, in which order, and which page of them."""

    where: Condition | None = None
    """A parsed filter (``query.parse_filter``); ``None`` takes every run."""
    sort: tuple[tuple[str, bool], ...] = (("started", True),)
    """Fields of the filter language, each with "descending?". Runs without a value come last either way; ties
    are broken by id, newest first."""
    limit: int | None = None
    offset: int = 0
    trashed: bool = False
    """``True`` gives the runs in the trash instead of the others."""


class Store(Listing, Upkeep, Transfer, Protocol):
    """Records in, records out.

    A store may be used by several threads; each call is atomic, and what one call wrote the next one sees, in
    every process. NaN and ±inf come back exactly. Nothing here knows of SQL, pandas or HTTP.
    """

    url: str

    def apply(self, changes: Iterable[Change], *, receipt: Receipt | None = None) -> None:
        """Take all changes, in order, in one transaction, or none.

        With a receipt, changes (and rows of points) that the store already has from that journal are passed over, so
        that a journal may be replayed twice, also by two processes at once. A gap in it is taken as it is.

        Changes to a run that does not exist are passed over (it was purged), and so is the start of one that does. A
        taken name gets the first free suffix (``-2``, ``-3``, …). A param set to another value keeps its earlier ones.
        Points are appended, whatever their steps. Every call raises the ``revision`` of each run that it changes, in
        the order in which it first changed them. When a run has ended, it has reached the disk.

        Raises
        ------
        NameTakenError
            A ``RunEdited`` asks for a name in use; nothing of the call is kept.
        InputError
            A ``RunEdited`` asks for a value that its field cannot have, or (``UnstorableError``) no store can take what
            one of the changes holds; nothing of the call is kept.
        StoreError
            The store cannot be written.
        """

    def applied(self, journal_id: str) -> int:
        """How many changes of that journal are in the store; 0 for an unknown one."""

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs of one page.

        A running run whose process is gone is ``lost``, here, in filters and in sorting, and ended with the last sign
        of life of its session. Tags are sorted.
        """

    def count(self, query: RunQuery) -> int:
        """How many runs match, whatever the page."""

    def run(self, wanted: str) -> Run:
        """The run with this name, id, or beginning of an id (six characters or more) that only one run has.

        Raises
        ------
        RunNotFoundError
            There is none, or more than one id begins so.
        """

    def id_of_name(self, name: str) -> str | None:
        """The id of the run with just this name, if there is one."""

    def params(self, run_ids: Sequence[str]) -> list[Param]:
        """Params of these runs: runs in the order given, then by key."""

    def metrics(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, system: bool = False
    ) -> list[Metric]:
        """Metric summaries of these runs: runs in the order given, then by key; of ``keys`` alone where they are given.

        Those that nbtrail itself measured of the system (their origin says so) are among them only on request.
        """

    def series(self, run_id: str, key: str) -> Series:
        """All points of a metric in the order logged; empty arrays where there are none.

        Times are exact to the millisecond, steps and values to the bit. The arrays may be read-only.
        """

    def executions(self, run_id: str) -> list[Execution]:
        """The cells that ran as part of this run, in the order in which they started.

        One that runs although its process is gone was ``interrupted``, with the last sign of life of its session.
        """

    def outputs(self, execution_ids: Sequence[str]) -> list[Output]:
        """Outputs of these executions: executions in the order given, then by position."""

    def artifacts(self, run_id: str) -> list[Artifact]:
        """Artifacts of a run, by path."""

    def datasets(self, run_ids: Sequence[str]) -> list[DatasetUse]:
        """Data that these runs read and wrote: runs in the order given, then by role, name and time."""

    def environment(self, environment_id: str) -> Environment | None:
        """The environment with this id."""

    def session(self, session_id: str) -> Session | None:
        """The session with this id."""

    def names(self) -> Names:
        """The names that exist, of runs that are not in the trash."""

    def revision(self) -> int:
        """A number that grows with every change to any run, and when runs are purged; 0 in an empty store."""

    def changed_since(self, revision: int) -> list[str]:
        """Ids of the runs with a greater revision, in the order of their revisions; purged ones are not among them."""

    def change_mark(self) -> int:
        """A number that differs when another connection has written since the last call; as cheap as possible."""

    def is_in_place(self) -> bool:
        """Whether what this store writes is still what its address names: somebody may delete or replace it.

        What is written to a store that is not in place is lost to all others. As cheap as possible.
        """

    def close(self) -> None:
        """Let go of the engine; calling it twice is harmless."""
