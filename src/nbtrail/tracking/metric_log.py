"""What one run logs of its metrics: from numbers to rows, and the summaries that its own process shows."""

from __future__ import annotations

import struct
from contextlib import suppress
from itertools import groupby
from time import time
from typing import TYPE_CHECKING, Final

from nbtrail.changes import PointsLogged, RowLayout, within_64_bits
from nbtrail.tracking.rows import RowShape
from nbtrail.tracking.summary import Proposed, Provenance, RunningMetric
from nbtrail.tracking.values import describe, shown, text_of, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbtrail.records import Metric, Origin
    from nbtrail.tracking.curve import Curve
    from nbtrail.tracking.recorder import Recorder

_MOST_UNREAD: Final = 1024
"""Rows that wait until somebody looks: to sum up many in one go takes a fraction of the time."""

_MOST_SHAPES: Final = 1000
"""Sets of names that are logged together; who makes them up anew each time must not fill the memory."""


class MetricLog:
    """The metrics of a run. What does not say otherwise is called under the recorder's lock.

    Parameters
    ----------
    run_id
        Whose they are.
    refuse
        Takes the name of what is no number, and a message about it.
    """

    def __init__(self, run_id: str, refuse: Callable[[str, str], None]) -> None:
        self._run_id = run_id
        self._refuse = refuse
        self._shapes: dict[tuple[object, ...], RowShape] = {}
        self._metrics: dict[str, RunningMetric] = {}
        self._proposed: dict[str, Proposed] = {}
        self._unread: list[tuple[RowShape, bool, list[bytes]]] = []
        """Rows that are not summed up yet, those of one shape that follow each other together, and whether their steps
        were given."""
        self._unread_count = 0
        self._steps_are_unread = False
        """Whether among them are rows at steps that were given, from which those without one go on."""

    def log(
        self, recorder: Recorder, metrics: Mapping[str, object], step: int | None, origin: Origin, reason: str
    ) -> None:
        """Take one point of each metric; takes the lock itself.

        A user's loop pays for what is done here, so all that can be done later is done later: of floats at a step
        that is given, a turn of a loop only needs its row.
        """
        try:
            metrics = dict(metrics)  # another thread, or a number that is looked at, may change it meanwhile
        except TimeoutError:
            raise  # a signal handler of the user's has said that it takes too long
        except Exception as error:  # noqa: BLE001 - a user's mapping may raise anything
            self._refuse(
                "log", f"metrics were not recorded: this {type(metrics).__name__} gives none ({describe(error)})"
            )
            return
        shape = self._shapes.get((origin, reason, *metrics))
        if shape is None or shape.layout.execution_id is not recorder.execution_id or type(step) is not int:
            self._log_with_care(recorder, metrics, step, origin, reason)
            return
        cells = [time()]
        for value in metrics.values():
            if not isinstance(value, float):
                self._log_with_care(recorder, metrics, step, origin, reason)
                return
            cells += (step, value)
        with recorder.lock:
            self._append(recorder, shape, cells, is_at_step=True)

    def log_turns(
        self,
        recorder: Recorder,
        turns: Sequence[tuple[int, Mapping[str, float]]],
        origin: Origin,
        reasons: Mapping[str, str],
    ) -> None:
        """Take what several turns of a loop gave; turns with the same metrics become rows of one change."""
        self._read()
        now = time()
        for keys, alike in groupby(turns, lambda turn: tuple(turn[1])):
            layout = RowLayout(
                run_id=self._run_id,
                keys=keys,
                reasons=tuple(reasons.get(key, "") for key in keys),
                origin=origin,
                execution_id=recorder.execution_id,
            )
            rows = [[now, *(cell for value in values.values() for cell in (step, value))] for step, values in alike]
            recorder.append(PointsLogged.in_rows(layout, rows))
            self._take(self._running(layout), rows, is_at_step=True)

    def propose(self, proposed: Proposed) -> bool:
        """Keep a number that may be a metric, unless it is one; says whether anything is new."""
        if proposed.key in self._metrics or self._proposed.get(proposed.key) == proposed:
            return False
        self._proposed[proposed.key] = proposed
        return True

    def withdraw(self, keys: Sequence[str]) -> tuple[list[str], bool]:
        """Forget those that were inferred; says which, and whether a number that may be a metric went with them."""
        proposed = [self._proposed.pop(key) for key in keys if key in self._proposed]
        self._read()
        inferred = [key for key in keys if key in self._metrics and self._metrics[key].come.origin == "inferred"]
        for key in inferred:
            del self._metrics[key]
        self._shapes.clear()
        return inferred, bool(proposed)

    @property
    def proposed(self) -> tuple[Proposed, ...]:
        """Numbers that may be metrics, neither taken nor refused yet."""
        return tuple(self._proposed.values())

    def origins(self) -> dict[str, Origin]:
        """How each metric came first."""
        return {key: metric.come.origin for key, metric in self._metrics.items()}

    def summaries(self) -> tuple[tuple[Metric, ...], tuple[Curve, ...]]:
        """The metrics as the store keeps them, and the curves of those with more than one point."""
        self._read()
        known = tuple(self._metrics.items())  # a signal handler may log meanwhile
        curves = tuple(metric.curve(key) for key, metric in known if metric.count > 1)
        return tuple(metric.record(self._run_id, key) for key, metric in known if metric.count), curves

    def _log_with_care(
        self, recorder: Recorder, metrics: Mapping[str, object], step: int | None, origin: Origin, reason: str
    ) -> None:
        numbers = self._numbers(metrics, step)
        if not numbers:
            return
        with recorder.lock:
            shape = self._shapes.get((origin, reason, *numbers))
            if shape is None or shape.layout.execution_id != recorder.execution_id:
                shape = self._shape(recorder, tuple(numbers), origin, reason)
            cells = [time()]
            if step is None:
                if self._steps_are_unread:
                    self._read()
                for metric, number in zip(shape.metrics, numbers.values(), strict=True):
                    cells += (metric.next_step, number)
                    metric.next_step += 1
            else:
                at = self._whole(step)
                for number in numbers.values():
                    cells += (at, number)
            self._append(recorder, shape, cells, is_at_step=step is not None)

    def _numbers(self, metrics: Mapping[str, object], step: object) -> dict[str, float]:
        """Those of the values that are numbers; whatever the others raise, the loop goes on."""
        numbers: dict[str, float] = {}
        for key, value in metrics.items():
            try:
                number = to_number(value)
                if step is not None:
                    int(step)  # type: ignore[call-overload]
            except TimeoutError:
                raise  # as above
            except Exception:  # noqa: BLE001 - a user's number may raise anything
                what = shown(value) if step is None else f"{shown(value)} at step {shown(step)}"
                name = text_of(key)
                self._refuse(name, f"metric {name!r} was not recorded: {what} is no number")
            else:
                numbers[key] = number
        return numbers

    def _whole(self, step: int) -> int:
        """The step as it can be kept; where that is another one, it is said."""
        at = within_64_bits(int(step))
        with suppress(Exception):  # a user's number may raise anything when it is compared
            if at != step:
                self._refuse("step", f"step {shown(step)} was recorded as {at}: steps are whole numbers of 64 bits")
        return at

    def _append(self, recorder: Recorder, shape: RowShape, cells: list[float], *, is_at_step: bool) -> None:
        try:
            row = recorder.append_row(shape, cells)
        except struct.error:
            # A step beyond 64 bits, or one that follows on the last one that there is.
            fitting = [_fitting(cell) for cell in cells]
            step, kept = next(pair for pair in zip(cells[1::2], fitting[1::2], strict=True) if pair[0] != pair[1])
            self._refuse("step", f"step {shown(step)} was recorded as {kept}: steps are whole numbers of 64 bits")
            row = recorder.append_row(shape, fitting)
        unread = self._unread
        if unread and unread[-1][0] is shape and unread[-1][1] is is_at_step:
            unread[-1][2].append(row)
        else:
            unread.append((shape, is_at_step, [row]))
        self._steps_are_unread = self._steps_are_unread or is_at_step
        self._unread_count += 1
        if self._unread_count > _MOST_UNREAD:
            self._read()

    def _shape(self, recorder: Recorder, keys: tuple[str, ...], origin: Origin, reason: str) -> RowShape:
        layout = RowLayout(
            run_id=self._run_id,
            keys=tuple(map(text_of, keys)),
            reasons=(reason,) * len(keys),
            origin=origin,
            execution_id=recorder.execution_id,
        )
        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        shape = self._shapes[origin, reason, *keys] = RowShape(layout, self._running(layout))
        return shape

    def _running(self, layout: RowLayout) -> tuple[RunningMetric, ...]:
        running = []
        for key, reason in zip(layout.keys, layout.reasons, strict=True):
            metric = self._metrics.get(key)
            come = Provenance(layout.origin, reason, layout.execution_id)
            if metric is None:
                metric = self._metrics[key] = RunningMetric(come)
                self._proposed.pop(key, None)
            elif come.origin == "logged" != metric.come.origin:
                metric.come = come  # what was logged once is the user's for good
            running.append(metric)
        return tuple(running)

    def _read(self) -> None:
        """Sum up the rows that wait."""
        unread, self._unread, self._unread_count = self._unread, [], 0
        self._steps_are_unread = False
        for shape, is_at_step, rows in unread:
            self._take(shape.metrics, list(shape.cells(rows)), is_at_step=is_at_step)

    def _take(self, metrics: Sequence[RunningMetric], rows: Sequence[Sequence[float]], *, is_at_step: bool) -> None:
        times, *columns = zip(*rows, strict=True)
        for metric, steps, values in zip(metrics, columns[::2], columns[1::2], strict=True):
            metric.extend(steps, values, times[-1])
            if is_at_step:
                # Of other rows the next step is known since they came, and a signal handler may have logged between.
                metric.next_step = steps[-1] + 1


def _fitting(cell: float) -> float:
    return cell if type(cell) is float else within_64_bits(int(cell))
