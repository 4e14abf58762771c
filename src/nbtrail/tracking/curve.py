"""A metric's course in bounded memory, for the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CURVE_POINTS: Final = 300
"""At most so many points of a curve are handed out."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric's course so far, thinned for the eye."""

    metric: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


class RunningCurve:
    """Takes points as they come and keeps the extremes of each stretch.

    Plain lists and not arrays: this runs in the user's loop, mostly on a point or two, and numpy need not be loaded.
    """

    __slots__ = ("_count", "_points")

    def __init__(self) -> None:
        self._count = 0
        self._points: tuple[list[int], list[float]] = ([], [])

    def extend(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Take points, in order."""
        self._count += len(values)
        # As many as the whole course has in a bucket: there is no use in taking more only to let them go at once.
        width = self._count // CURVE_POINTS
        if min(len(values), width) > 2:  # noqa: PLR2004 - the lowest and the highest of two are both
            steps, values = _only(_extremes_of_buckets(values, width), steps, values)
        all_steps, all_values = [*self._points[0], *steps], [*self._points[1], *values]
        if len(all_values) > 4 * CURVE_POINTS:
            all_steps, all_values = _only(_kept(all_values, 2 * CURVE_POINTS), all_steps, all_values)
        # In one step: an interrupt must not leave more of the one than of the other.
        self._points = all_steps, all_values

    def curve(self, key: str) -> Curve:
        """The points so far, at most ``CURVE_POINTS``."""
        steps, values = self._points
        steps, values = _only(_kept(values, CURVE_POINTS), steps, values)
        return Curve(key, tuple(steps), tuple(values))


def _only(kept: Sequence[int], steps: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[float]]:
    return [steps[i] for i in kept], [values[i] for i in kept]


def _kept(values: Sequence[float], most: int) -> Sequence[int]:
    """Which values stay when at most so many do."""
    if len(values) <= most:
        return range(len(values))
    return _extremes_of_buckets(values, math.ceil(len(values) / (most // 2 - 1)))


def _extremes_of_buckets(values: Sequence[float], width: int) -> list[int]:
    """Where the lowest and the highest value of each bucket stand, in order, and the last of all."""
    kept: list[int] = []
    for start in range(0, len(values), width):
        low, high = _extremes(values[start : start + width])
        kept += sorted({start + low, start + high})
    if kept[-1] != len(values) - 1:
        kept.append(len(values) - 1)
    return kept


def _extremes(bucket: Sequence[float]) -> tuple[int, int]:
    if math.isnan(sum(bucket)):
        # NaN has no place in an order: a bucket of nothing else keeps its first.
        numbers = [(value, i) for i, value in enumerate(bucket) if not math.isnan(value)] or [(0.0, 0)]
        return min(numbers)[1], max(numbers, key=lambda number: number[0])[1]
    return bucket.index(min(bucket)), bucket.index(max(bucket))
