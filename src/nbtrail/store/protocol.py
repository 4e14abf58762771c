"""What a store promises, whichever engine keeps it. ``tests/store`` holds the contract as tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbtrail.records import (
        Artifact,
        Change,
        Environment,
        Execution,
        Metric,
        Names,
        Output,
        Param,
        Receipt,
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


class Store(Protocol):
    """Records in, records out.

    A store may be used by several threads; each call is atomic, and what one call wrote the next one sees, in
    every process. NaN and ±inf come back exactly. Nothing here knows of SQL, pandas or HTTP.
    """

    url: str

    def apply(self, changes: Iterable[Change], *, receipt: Receipt | None = None) -> None:
        """Take all changes, in order, in one transaction, or none.

        With a receipt, changes that the store already has from that journal are refused as a whole: the caller
        asks ``applied`` first and passes only what is new. Changes to a run that does not exist are passed over
        (it was purged). A param set again keeps its earlier values. Points are appended, whatever their steps.
        Every change to a run raises its ``revision``.

        Raises
        ------
        NameTakenError
            A ``RunEdited`` asks for a name in use; nothing of the call is kept.
        StoreError
            The store cannot be written.
        """

    def applied(self, journal_id: str) -> int:
        """How many changes of that journal are in the store; 0 for an unknown one."""

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs of one page."""

    def count(self, query: RunQuery) -> int:
        """How many runs match, whatever the page."""

    def run(self, wanted: str) -> Run:
        """The run with this name, id, or beginning of an id (six characters or more) that only one run has.

        Raises
        ------
        RunNotFoundError
            There is none, or more than one id begins so.
        """

    def params(self, run_ids: Sequence[str]) -> list[Param]:
        """Params of these runs: runs in the order given, then by key."""

    def metrics(self, run_ids: Sequence[str]) -> list[Metric]:
        """Metric summaries of these runs: runs in the order given, then by key."""

    def series(self, run_id: str, key: str) -> Series:
        """All points of a metric in the order logged; empty arrays where there are none."""

    def executions(self, run_id: str) -> list[Execution]:
        """The cells that ran as part of this run, in the order in which they started."""

    def outputs(self, execution_ids: Sequence[str]) -> list[Output]:
        """Outputs of these executions: executions in the order given, then by position."""

    def artifacts(self, run_id: str) -> list[Artifact]:
        """Artifacts of a run, by path."""

    def environment(self, environment_id: str) -> Environment | None:
        """The environment with this id."""

    def session(self, session_id: str) -> Session | None:
        """The session with this id."""

    def names(self) -> Names:
        """The names that exist, of runs that are not in the trash."""

    def revision(self) -> int:
        """A number that grows with every change to any run; 0 in an empty store."""

    def changed_since(self, revision: int) -> list[str]:
        """Ids of the runs with a greater revision, in the order of their revisions."""

    def change_mark(self) -> int:
        """A number that differs when another connection has written since the last call; as cheap as possible."""

    def close(self) -> None:
        """Let go of the engine; calling it twice is harmless."""
