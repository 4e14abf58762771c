"""What a run knows of its own metrics while it goes on, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from nbtrail.records import Metric, Origin, Param, RunStatus

CURVE_POINTS = 300
"""At most so many points of a curve are handed out."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric's course so far, thinned for the eye."""

    metric: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


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


@dataclass(slots=True)
class RunningMetric:
    """The summary of one metric, kept up with every point."""

    come: Provenance
    last: float = math.nan
    last_step: int = -1
    low: float = math.nan
    low_step: int = 0
    high: float = math.nan
    high_step: int = 0
    total: float = 0.0
    count: int = 0
    nan_count: int = 0
    at: float = 0.0
    _points: list[tuple[int, float]] = field(default_factory=list)

    def add(self, step: int, value: float, at: float) -> None:
        """Take one point."""
        self.count += 1
        self.last, self.last_step, self.at = value, step, at
        if value != value:  # noqa: PLR0124 - the fastest test for NaN, on the path of every log call
            self.nan_count += 1
        else:
            self.total += value
            if not self.low <= value:
                self.low, self.low_step = value, step
            if not self.high >= value:
                self.high, self.high_step = value, step
        # As one: a signal handler that logs must not come between a step and its value.
        self._points.append((step, value))
        if len(self._points) > 4 * CURVE_POINTS:
            self._points = _thin(self._points.copy(), 2 * CURVE_POINTS)

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
        """The points so far, at most ``CURVE_POINTS``."""
        points = _thin(self._points.copy(), CURVE_POINTS)
        return Curve(key, tuple(step for step, _ in points), tuple(value for _, value in points))


def _thin(points: list[tuple[int, float]], most: int) -> list[tuple[int, float]]:
    """Keep the lowest and the highest of each bucket, in order, and the last point."""
    if len(points) <= most:
        return points
    width = math.ceil(len(points) / (most // 2 - 1))
    kept: list[int] = []
    for start in range(0, len(points), width):
        bucket = range(start, min(start + width, len(points)))
        low = min(bucket, key=lambda i: _comparable(points[i][1], math.inf))
        high = max(bucket, key=lambda i: _comparable(points[i][1], -math.inf))
        kept.extend(sorted({low, high}))
    if kept[-1] != len(points) - 1:
        kept.append(len(points) - 1)
    return [points[i] for i in kept]


def _comparable(value: float, instead_of_nan: float) -> float:
    return instead_of_nan if math.isnan(value) else value
