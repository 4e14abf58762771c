"""What transformed loops call while they run: cheap, and harmless wherever else they end up.

A function of a tracked cell may be called later, or in another process; there ``enter_loop`` gives ``None`` and the
loop is a plain one.
"""

from __future__ import annotations

import operator
import os
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from nbtrail.analysis.metrics import scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbtrail.analysis.steps import LoopPlan

KEPT_A_SECOND: Final = 500
"""Turns of a loop that are kept a second once the burst is spent."""
KEPT_AT_ONCE: Final = 2000
"""Turns that are kept however fast a loop is."""
_SIZED: Final = (range, list, tuple, dict, set, frozenset, str)
_SIZED_PACKAGES: Final = frozenset({"numpy", "pandas", "torch"})


class Sink(Protocol):
    """Where a loop's numbers go."""

    def step(self, step: int, values: Mapping[str, float]) -> None:
        """Take the numbers of one turn, by metric."""

    def over(self) -> None:
        """Hear that a loop of the cell itself is over, once its last turn was handed on."""

    def progress(self, done: int, total: int | None) -> None:
        """Take how many turns are done, and of how many."""

    def thinned(self) -> None:
        """Hear, once a loop, that not every turn is kept."""

    def failed(self, error: Exception) -> None:
        """Hear that a loop can no longer be followed."""


@dataclass(slots=True)
class Following:
    """The cell that is being followed: its loops, and where their numbers go."""

    plans: Mapping[str, LoopPlan]
    sink: Sink
    clock: Callable[[], float] = time.perf_counter
    process_id: int = field(default_factory=os.getpid)
    recorded: set[str] = field(default_factory=set)
    """Metrics that got a point."""
    _leader: weakref.ref[Ticks] | None = None

    @property
    def leader(self) -> Ticks | None:
        """The loop that tells the progress: the outermost that is going on."""
        return None if self._leader is None else self._leader()

    @leader.setter
    def leader(self, ticks: Ticks | None) -> None:
        self._leader = None if ticks is None else weakref.ref(ticks)


@dataclass(slots=True)
class _Current:
    following: Following | None = None


_current = _Current()


def follow(following: Following | None) -> None:
    """Follow the loops of a cell, or none."""
    _current.following = following


def enter_loop(loop_id: str) -> Ticks | None:
    """What a transformed loop calls first; ``None`` where nobody follows it."""
    following = _current.following
    if following is None or following.process_id != os.getpid():
        return None
    plan = following.plans.get(loop_id)
    return None if plan is None else Ticks(plan, following)


class Ticks:
    """One entry into one loop. No method raises."""

    __slots__ = (
        "__weakref__", "_allowance", "_at", "_clock", "_ended", "_first", "_following", "_last_s", "_lengths",
        "_next", "_plan", "_previous", "_sink", "_thin", "_total", "_turns", "_values",
    )  # fmt: skip

    def __init__(self, plan: LoopPlan, following: Following) -> None:
        self._plan = plan
        self._following = following
        self._sink = following.sink
        self._clock = following.clock
        self._total: int | None = None
        self._turns = 0
        self._at = 0
        self._next = 0
        self._first = True
        self._ended = False
        self._thin = False
        self._allowance = float(KEPT_AT_ONCE)
        self._last_s = following.clock()
        self._previous: list[Any] = [None] * len(plan.series)
        self._lengths = [0] * len(plan.series)
        self._values: dict[str, float] = {}
        # Nobody hears of a loop that an exception has ended; but loops of the cell itself do not stand in each other.
        if plan.is_of_cell or following.leader is None:
            following.leader = self

    def over(self, iterable: Any) -> Any:
        """The iterable itself, seen in passing for its length."""
        try:
            self._total = _length(iterable)
        except Exception as error:  # noqa: BLE001 - tracking must never raise into a loop
            self._fail(error)
        return iterable

    def turn(self, step: object = None) -> bool:
        """A turn begins; says whether what the one before left behind shall be seen."""
        self._at = self._next
        self._turns += 1
        self._next = step if type(step) is int else self._step(step)
        if self._ended:
            return False
        if self._first:
            return True
        now = self._clock()
        self._allowance = min(self._allowance + (now - self._last_s) * KEPT_A_SECOND, KEPT_AT_ONCE)
        self._last_s = now
        if self._allowance < 1:
            if not self._thin:
                self._thin = True
                self._sink.thinned()
            return False
        self._allowance -= 1
        return True

    def see(self, position: int, value: object) -> None:
        """Look at what one of the loop's names holds."""
        try:
            number = self._read(position, value)
            if number is not None and not self._first:
                self._values[self._plan.series[position].metric] = number
        except Exception as error:  # noqa: BLE001 - tracking must never raise into a loop
            self._fail(error)

    def keep(self) -> None:
        """All names were seen: hand the turn on."""
        if self._first:
            self._first = False
            return
        values, self._values = self._values, {}
        try:
            if values:
                self._sink.step(self._at, values)
                self._following.recorded.update(values)
            if self._following.leader in (self, None):
                self._sink.progress(self._turns if self._ended else self._turns - 1, self._total)
            if self._ended and self._plan.is_of_cell:
                self._sink.over()
        except Exception as error:  # noqa: BLE001 - tracking must never raise into a loop
            self._fail(error)

    def end(self) -> bool:
        """The loop is over; says whether its last turn shall be seen."""
        if self._following.leader is self:
            self._following.leader = None
        if self._ended or self._turns == 0:
            return False
        self._ended = True
        self._first = False
        self._at = self._next
        return True

    def _step(self, step: object) -> int:
        if step is None or isinstance(step, bool):
            return self._turns - 1
        if isinstance(step, float):
            return int(step) if step.is_integer() else self._turns - 1
        try:
            return operator.index(step)  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 - a user's __index__ may raise anything
            return self._turns - 1

    def _read(self, position: int, value: Any) -> float | None:
        series = self._plan.series[position]
        if series.kind == "value":
            return None if self._is_unchanged(position, value) else scalar(value)
        grown = value.get(series.key) if series.kind == "item" and isinstance(value, dict) else value
        if not isinstance(grown, list):
            return scalar(value) if series.kind == "list" and not self._is_unchanged(position, value) else None
        before = self._lengths[position] if self._previous[position] == id(grown) else 0
        self._previous[position], self._lengths[position] = id(grown), len(grown)
        return scalar(grown[-1]) if len(grown) > before else None

    def _is_unchanged(self, position: int, value: object) -> bool:
        """Whether a name still holds the very object of a turn ago, so was not bound again.

        Small ints are shared, so they say nothing. Arrays and tensors may have changed in place, and holding one would
        keep what it was computed from alive.
        """
        if not isinstance(value, float):
            self._previous[position] = None
            return False
        unchanged = self._previous[position] is value
        self._previous[position] = value
        return unchanged

    def _fail(self, error: Exception) -> None:
        self._ended = True
        self._sink.failed(error)


def _length(iterable: Any) -> int | None:
    if isinstance(iterable, _SIZED) or type(iterable).__module__.partition(".")[0] in _SIZED_PACKAGES:
        try:
            return len(iterable)
        except TypeError:
            return None
    # A progress bar such as tqdm's knows its total; asking anything else for its length would run the user's code.
    total = getattr(iterable, "total", None) if type(iterable).__module__.startswith("tqdm") else None
    return int(total) if isinstance(total, (int, float)) else None
