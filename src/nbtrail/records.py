"""What a store gives back, as frozen values that every floor above can hold: a run, a param, a metric's summary.

Times are UTC seconds since the epoch (float). Ids are ULIDs unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Json: TypeAlias = Any
"""None, bool, int, float, str, or lists and string-keyed dicts of them."""

RunStatus: TypeAlias = Literal["running", "finished", "failed", "interrupted", "lost"]
ExecutionStatus: TypeAlias = Literal["running", "ok", "error", "interrupted"]
Origin: TypeAlias = Literal["logged", "inferred", "autolog", "system"]
Direction: TypeAlias = Literal["min", "max"]
BASELINE_TAG = "baseline"
"""The run that others are measured against carries this tag; with several, the one started last counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One life of one kernel, or of one script."""

    id: str
    host: str
    boot_id: str
    """Tells one start of the machine from the next, so that a process id is not mistaken for an old one."""
    pid: int
    process_started: float
    kernel_id: str | None = None
    notebook: str | None = None
    """Path relative to the project's root, with forward slashes."""
    python: str = ""
    started: float
    heartbeat: float
    ended: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One experiment. Params, metrics and points are read separately."""

    id: str
    name: str
    status: RunStatus
    started: float
    ended: float | None = None
    """For a ``lost`` run: the last sign of life of its session."""
    utc_offset_s: int = 0
    """What the clock on the wall showed: local time minus UTC."""
    notebook: str | None = None
    session_id: str
    parent_id: str | None = None
    note: str = ""
    starred: bool = False
    trashed: float | None = None
    environment_id: str | None = None
    error: str | None = None
    """Why a failed run ended, such as ``ValueError in [14]: shapes do not match``."""
    tags: tuple[str, ...] = ()
    revision: int = 0

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; ``None`` while it runs."""
        return None if self.ended is None else self.ended - self.started


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """An input of a run. The last value wins; the earlier ones are kept, oldest first."""

    run_id: str
    key: str
    value: Json
    as_text: bool = False
    """The value was no JSON, and ``value`` is its text."""
    origin: Origin = "logged"
    reason: str = ""
    execution_id: str | None = None
    at: float = 0.0
    earlier: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The summary of one metric of one run. Minimum and maximum pass over NaN; all NaN gives NaN."""

    run_id: str
    key: str
    last: float
    last_step: int
    min: float
    min_step: int
    max: float
    max_step: int
    sum: float
    """Of the points that are not NaN."""
    count: int
    """Of all points, NaN included."""
    nan_count: int = 0
    origin: Origin = "logged"
    reason: str = ""
    execution_id: str | None = None
    at: float = 0.0

    @property
    def mean(self) -> float:
        """Mean of the points that are not NaN; NaN where there are none."""
        counted = self.count - self.nan_count
        return self.sum / counted if counted else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """All points of one metric of one run, in the order in which they were logged."""

    run_id: str
    key: str
    steps: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of one cell."""

    id: str
    session_id: str
    number: int | None = None
    """The ``n`` of ``In[n]``."""
    cell_id: str | None = None
    source: str = ""
    started: float
    ended: float | None = None
    status: ExecutionStatus
    error: str | None = None
    """``ValueError: shapes do not match``; the traceback is among the outputs."""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of one execution; its content stands in ``text`` or, if binary or long, in a blob."""

    execution_id: str
    position: int
    bundle: int = 0
    """Which of the execution's outputs, from 0: the representations of one display share it."""
    kind: Literal["stream", "display", "result", "error"]
    mime: str
    text: str | None = None
    blob: str | None = None
    size: int = 0
    """Bytes of the whole content, also where only a part was kept."""
    cut: bool = False
    metadata: Mapping[str, Json] = field(default_factory=dict)
    """What the display says about itself, such as an image's width; with its first representation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a run ran. ``id`` is a digest of all the rest, so equal environments are stored once."""

    id: str
    python: str
    platform: str
    packages: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, Json] = field(default_factory=dict)
    git_commit: str | None = None
    git_branch: str | None = None
    git_remote: str | None = None
    git_dirty: bool = False
    git_diff: str | None = None
    """Digest of the blob that holds ``git diff HEAD``."""
    modules: dict[str, str] = field(default_factory=dict)
    """Imported files of the project that no commit holds as they are: relative path, and digest of the blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file kept with a run; equal content is stored once."""

    run_id: str
    path: str
    """The name under which it was logged, with forward slashes."""
    digest: str
    size: int
    mime: str
    metadata: dict[str, Json] = field(default_factory=dict)
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What is known of some data: a frame, an array or a file. Equal data are stored once."""

    digest: str
    """Of the content; equal in every session."""
    name: str
    """Under which it was first seen."""
    kind: str
    """Such as ``pandas.DataFrame``, ``numpy.ndarray`` or ``file``."""
    shape: tuple[int, ...] = ()
    """Rows and columns of a frame, the lengths of an array's axes; empty for a file."""
    size: int = 0
    """Bytes."""
    schema: dict[str, str] = field(default_factory=dict)
    """Each column's type, in order; an array has one column, ``""``; empty for a file."""
    profile: dict[str, Json] = field(default_factory=dict)
    """By column, what was measured of it: ``missing``, ``quantiles``, …"""
    sampled: bool = False
    """Digest and profile come from a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUse:
    """A run read or wrote some data."""

    run_id: str
    role: Literal["read", "written"]
    name: str
    """The notebook's name for it, or a file's path relative to the project."""
    dataset: Dataset
    execution_id: str | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that exist in a store, each group sorted: for completion and for hints."""

    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()
