"""What a kernel sends towards a store, as frozen values.

Each is one thing that happened, complete in itself, so that it can wait in a journal, be replayed after a crash, and be
applied in order. Times are UTC seconds since the epoch (float). Ids are ULIDs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from nbtrail.records import (
        Artifact,
        DatasetUse,
        Environment,
        Execution,
        ExecutionStatus,
        Json,
        Origin,
        Output,
        Session,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """A process began to record."""

    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBeat:
    """The process is still there."""

    session_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """The process said goodbye."""

    session_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run began. A taken name gets the first free suffix (``-2``, ``-3``, …) when it is applied."""

    run_id: str
    name: str
    session_id: str
    at: float
    utc_offset_s: int = 0
    notebook: str | None = None
    parent_id: str | None = None
    execution_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """A run came to its end."""

    run_id: str
    status: Literal["finished", "failed", "interrupted"]
    at: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEdited:
    """A person changed something about a run: ``name`` (str), ``note`` (str), ``starred`` (bool),
    ``trashed`` (seconds, or ``None`` to restore), ``environment_id`` (str).
    """

    run_id: str
    field: Literal["name", "note", "starred", "trashed", "environment_id"]
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsChanged:
    """Tags came and went; adding one that is there, or removing one that is not, changes nothing."""

    run_id: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSet:
    """A param got a value."""

    run_id: str
    key: str
    value: Json
    at: float
    as_text: bool = False
    origin: Origin = "logged"
    reason: str = ""
    execution_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesWithdrawn:
    """Inferred params and metrics of these names, with all their points, are taken back; logged ones stay."""

    run_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsLogged:
    """Points of one moment: ``(metric, step, value)`` each."""

    run_id: str
    at: float
    points: tuple[tuple[str, int, float], ...]
    origin: Origin = "logged"
    reason: str = ""
    execution_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted:
    """A cell began; it belongs to ``run_ids``."""

    execution: Execution
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnded:
    """A cell ended."""

    execution_id: str
    at: float
    status: ExecutionStatus
    error: str | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputKept:
    """A cell put something out."""

    output: Output


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSeen:
    """An environment was looked at; ``run_ids`` ran in it."""

    environment: Environment
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactKept:
    """A file was stored. The same path again replaces what stood there."""

    artifact: Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSeen:
    """A run read or wrote some data. The same again changes nothing."""

    use: DatasetUse


Change: TypeAlias = (
    SessionStarted
    | SessionBeat
    | SessionEnded
    | RunStarted
    | RunEnded
    | RunEdited
    | TagsChanged
    | ParamSet
    | ValuesWithdrawn
    | PointsLogged
    | ExecutionStarted
    | ExecutionEnded
    | OutputKept
    | EnvironmentSeen
    | ArtifactKept
    | DatasetSeen
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which part of which journal some changes came from, so that a replay applies nothing twice."""

    journal_id: str
    position: int
    """Number of the journal's changes that are in the store once this one is."""
