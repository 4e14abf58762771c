"""What a run knows of its own metrics while it goes on, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail.records import Metric, Origin, Param, RunStatus
from nbtrail.tracking.curve import Curve, RunningCurve

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Proposed:
    """A number that may be a metric, for the user to take or not."""

    key: str
    value: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A run as its own process sees it at one moment; for the live card."""

    run_id: str
    name: str
    status: RunStatus
    error: str | None
    started: float
    ended: float | None
    step: int | None
    total: int | None
    params: tuple[Param, ...]
    metrics: tuple[Metric, ...]
    curves: tuple[Curve, ...]
    tags: tuple[str, ...]
    note: str
    proposed: tuple[Proposed, ...] = ()
    """Numbers that may be metrics; they are in no store."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a value came: from whom, why, and in which cell."""

    origin: Origin
    reason: str
    execution_id: str | None


class RunningMetric:
    """The summary of one metric, kept up with every point."""

    __slots__ = (
        "_course", "at", "come", "count", "high", "high_step", "last", "last_step", "low", "low_step", "nan_count",
        "next_step", "total",
    )  # fmt: skip

    def __init__(self, come: Provenance) -> None:
        self.come = come
        self.next_step = 0
        """Of a point that is logged without one."""
        self.last = math.nan
        self.last_step = -1
        self.low = math.nan
        self.low_step = 0
        self.high = math.nan
        self.high_step = 0
        self.total = 0.0
        self.count = 0
        self.nan_count = 0
        self.at = 0.0
        self._course = RunningCurve()

    def extend(self, steps: Sequence[int], values: Sequence[float], at: float) -> None:
        """Take points (at least one), in order, the last of them at ``at``."""
        if not self.count:
            self.low_step = self.high_step = steps[0]
        self.count += len(values)
        self.last, self.last_step, self.at = values[-1], steps[-1], at
        total = sum(values)
        if math.isnan(total):
            # A NaN among them, or infinities of both signs.
            for step, value in zip(steps, values, strict=True):
                self._add(step, value)
        else:
            self.total += total
            self._widen(steps, values)
        self._course.extend(steps, values)

    def _add(self, step: int, value: float) -> None:
        if math.isnan(value):
            self.nan_count += 1
        else:
            self.total += value
            self._widen((step,), (value,))

    def _widen(self, steps: Sequence[int], values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        if not self.low <= low:
            self.low, self.low_step = low, steps[values.index(low)]
        if not self.high >= high:
            self.high, self.high_step = high, steps[values.index(high)]

    def record(self, run_id: str, key: str) -> Metric:
        """The summary as the store keeps it."""
        return Metric(
            run_id=run_id,
            key=key,
            last=self.last,
            last_step=self.last_step,
            min=self.low,
            min_step=self.low_step,
            max=self.high,
            max_step=self.high_step,
            sum=self.total,
            count=self.count,
            nan_count=self.nan_count,
            origin=self.come.origin,
            reason=self.come.reason,
            execution_id=self.come.execution_id,
            at=self.at,
        )

    def curve(self, key: str) -> Curve:
        """The points so far, thinned."""
        return self._course.curve(key)
