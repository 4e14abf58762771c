"""What a kernel sends towards a store, as frozen values.

Each is one thing that happened, complete in itself, so that it can wait in a journal, be replayed after a crash, and be
applied in order. Times are UTC seconds since the epoch (float). Ids are ULIDs.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


LAST_STEP: Final = (1 << 63) - 1


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
class RowLayout:
    """What rows of points hold. Apart from the rows, because a loop logs the same names again and again."""

    run_id: str
    keys: tuple[str, ...]
    """The metric of each point of a row; the same one may come twice."""
    reasons: tuple[str, ...]
    """One a key."""
    origin: Origin = "logged"
    execution_id: str | None = None

    @property
    def row_format(self) -> str:
        """A row, as ``struct`` writes it after its byte order."""
        return "d" + "qd" * len(self.keys)

    @property
    def row_bytes(self) -> int:
        """The size of a row."""
        return 8 + 16 * len(self.keys)


@dataclass(frozen=True, slots=True)
class PointsLogged:
    """Points of one moment or more, each moment a row. It counts as so many changes as it has rows."""

    layout: RowLayout
    rows: bytes
    """Row after row, little-endian: the time (float64), then a step (int64) and a value (float64) for each key."""

    @classmethod
    def of(  # noqa: PLR0913 - the fields of a moment
        cls,
        *,
        run_id: str,
        at: float,
        points: Iterable[tuple[str, int, float]],
        origin: Origin = "logged",
        reason: str = "",
        execution_id: str | None = None,
    ) -> Self:
        """Points of one moment, ``(metric, step, value)`` each. A step beyond 64 bits becomes the last one there is."""
        points = tuple(points)
        keys = tuple(key for key, _, _ in points)
        layout = RowLayout(
            run_id=run_id, keys=keys, reasons=(reason,) * len(keys), origin=origin, execution_id=execution_id
        )
        cells = (cell for _, step, value in points for cell in (within_64_bits(step), value))
        return cls.in_rows(layout, [[at, *cells]])

    @classmethod
    def in_rows(cls, layout: RowLayout, rows: Iterable[Sequence[float]]) -> Self:
        """Points of several moments; a row is its time, then the step and the value of each key."""
        pack = struct.Struct(f"<{layout.row_format}").pack
        return cls(layout, b"".join([pack(*cells) for cells in rows]))

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rows) // self.layout.row_bytes

    def moments(self) -> Iterator[tuple[float, tuple[tuple[str, int, float], ...]]]:
        """The time of each row, and its points as ``of`` takes them."""
        for at, *cells in struct.iter_unpack(f"<{self.layout.row_format}", self.rows):
            yield at, tuple(zip(self.layout.keys, cells[::2], cells[1::2], strict=True))


def within_64_bits(step: int) -> int:
    """The step, or the first or last that has a place in 64 bits: one number must not stop a journal."""
    return step if -LAST_STEP <= step <= LAST_STEP else min(max(step, -LAST_STEP - 1), LAST_STEP)


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


def positions_of(change: Change) -> int:
    """How many positions of its journal a change takes."""
    return len(change) if isinstance(change, PointsLogged) else 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which part of which journal some changes came from, so that a replay applies nothing twice."""

    journal_id: str
    positions: tuple[int, ...]
    """Of each change the number of the journal's changes that are in the store once it is one of them; ascending. What
    a journal lacks in between is passed over."""
