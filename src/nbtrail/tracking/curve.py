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

    __slots__ = ("_steps", "_values")

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._values: list[float] = []

    def extend(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Take points, in order."""
        self._steps += steps
        self._values += values
        if len(self._values) > 4 * CURVE_POINTS:
            self._keep(_kept(self._values, 2 * CURVE_POINTS))

    def curve(self, key: str) -> Curve:
        """The points so far, at most ``CURVE_POINTS``."""
        kept = _kept(self._values, CURVE_POINTS)
        return Curve(key, tuple(self._steps[i] for i in kept), tuple(self._values[i] for i in kept))

    def _keep(self, kept: Sequence[int]) -> None:
        self._steps = [self._steps[i] for i in kept]
        self._values = [self._values[i] for i in kept]


def _kept(values: list[float], most: int) -> Sequence[int]:
    """Where the lowest and the highest value of each bucket stand, in order, and the last of all."""
    if len(values) <= most:
        return range(len(values))
    width = math.ceil(len(values) / (most // 2 - 1))
    kept: list[int] = []
    for start in range(0, len(values), width):
        low, high = _extremes(values[start : start + width])
        kept += sorted({start + low, start + high})
    if kept[-1] != len(values) - 1:
        kept.append(len(values) - 1)
    return kept


def _extremes(bucket: list[float]) -> tuple[int, int]:
    if math.isnan(sum(bucket)):
        # NaN has no place in an order: a bucket of nothing else keeps its first.
        numbers = [(value, i) for i, value in enumerate(bucket) if not math.isnan(value)] or [(0.0, 0)]
        return min(numbers)[1], max(numbers, key=lambda number: number[0])[1]
    return bucket.index(min(bucket)), bucket.index(max(bucket))
