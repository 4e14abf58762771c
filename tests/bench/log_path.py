"""What one ``log`` call costs, beside one ``os.write`` of the same numbers: interleaved rounds in one process."""

from __future__ import annotations

import functools
import os
import struct
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import nbtrail as nt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS = 9
CALLS = 4_000
"""Of each kind in a round."""
THREADS = 4
MEDIAN_AT_MOST, P99_AT_MOST = 8.0, 20.0
"""How many times one ``os.write`` a call may take."""
NAMES = tuple(f"val/metric_{at}" for at in range(10))
OTHER_NAMES = tuple(f"train/metric_{at}" for at in range(10))

Arguments = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of calling ``log``."""

    name: str
    metrics: int
    is_automatic: bool = False
    is_numpy: bool = False
    alternates: bool = False

    def arguments(self, first_step: int, calls: int) -> list[Arguments]:
        """What ``log`` is called with, made beforehand."""
        values = np.random.default_rng(first_step).random((calls, self.metrics))
        rows = values if self.is_numpy else values.tolist()
        steps: Sequence[Arguments] = [()] * calls if self.is_automatic else [(first_step + at,) for at in range(calls)]
        return [(dict(zip(self._names(at), row, strict=False)), *steps[at]) for at, row in enumerate(rows)]

    def _names(self, at: int) -> tuple[str, ...]:
        return OTHER_NAMES if self.alternates and at % 2 else NAMES


WAYS = (
    Way("1 metric", 1),
    Way("3 metrics", 3),
    Way("10 metrics", 10),
    Way("3 metrics, automatic step", 3, is_automatic=True),
    Way("3 numpy scalars", 3, is_numpy=True),
    Way("3 metrics, two sets in turn", 3, alternates=True),
)


@dataclass(slots=True)
class Figures:
    """What was measured of one way, in nanoseconds a call."""

    write: list[int] = field(default_factory=list)
    pack: list[int] = field(default_factory=list)
    log: list[int] = field(default_factory=list)
    whole_s: float = 0.0
    """From the first call until all was in the store, all rounds together."""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        (root / ".nbtrail").mkdir(parents=True)
        clock_ns = _median([-(time.perf_counter_ns() - time.perf_counter_ns()) for _ in range(20_000)])
        rows = [(way, measure(way, root)) for way in track(WAYS, "log calls", console=Console(), transient=True)]
        table = _table(f"One log call of {CALLS * ROUNDS:,} back to back, beside one os.write of the packed numbers")
        for way, figures in rows:
            table.add_row(way.name, *_cells(way, figures, clock_ns))
        alone, together, written = threads(root)
    console = Console(width=118)
    console.print(table)
    console.print(
        f"{THREADS} threads, one run, 3 metrics: {together:.2f} µs a call all together"
        f" ({together / alone:.1f} × one thread, {together / written:.1f} × os.write from as many threads)."
    )
    limits = f"Limits: {MEDIAN_AT_MOST:g} × in the median and {P99_AT_MOST:g} × in p99."
    console.print(f"The clock's own {clock_ns:.0f} ns are taken off. {limits}")


def measure(way: Way, root: Path) -> Figures:
    """Rounds of ``os.write``, packing with ``os.write`` and ``log``, in turn."""
    figures, pack = Figures(), _packer(way.metrics)
    record = pack(time.time(), 7, *[0.5] * way.metrics)
    with nt.start_run(project=root) as run, _appended(root.parent / "raw") as write:
        _spent(run.log, way.arguments(0, 500))
        for at in range(ROUNDS):
            calls = way.arguments(500 + at * CALLS, CALLS)
            run.recorder.flush()
            figures.write += _spent(write, [(record,)] * CALLS)
            figures.pack += _spent(
                lambda step, *values: write(pack(time.time(), step, *values)),
                [(at, *map(float, metrics.values())) for at, (metrics, *_) in enumerate(calls)],
            )
            started = time.perf_counter()
            figures.log += _spent(run.log, calls)
            run.recorder.flush()
            figures.whole_s += time.perf_counter() - started
    return figures


def threads(root: Path) -> tuple[float, float, float]:
    """Microseconds a call, one thread; all threads together; and ``os.write`` from as many threads."""
    record = _packer(3)(time.time(), 7, 0.5, 0.5, 0.5)
    with nt.start_run(project=root) as run, _appended(root.parent / "raw") as write:
        lots = [WAYS[1].arguments(at * CALLS, CALLS) for at in range(THREADS)]
        alone = _median([_together(run.log, lots[:1]) for _ in range(ROUNDS)])
        together = _median([_together(run.log, lots) for _ in range(ROUNDS)])
        written = _median([_together(write, [[(record,)] * CALLS] * THREADS) for _ in range(ROUNDS)])
    return alone, together, written


def _together(call: Callable[..., object], lots: Sequence[list[Arguments]]) -> float:
    def work(lot: list[Arguments]) -> None:
        for arguments in lot:
            call(*arguments)

    workers = [threading.Thread(target=work, args=(lot,)) for lot in lots]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return (time.perf_counter() - started) / sum(map(len, lots)) * 1e6


class _appended:  # noqa: N801 - used as a function
    """A function that appends bytes to a new file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Callable[[bytes], int]:
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return functools.partial(os.write, self._fd)

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
        self._path.unlink()


def _packer(metrics: int) -> Callable[..., bytes]:
    """A frame's head, position and layout, then the time, the step and the values: 60 bytes for 3 metrics."""
    return functools.partial(struct.Struct(f"<IIQIdq{metrics}d").pack, 44, 12345, 7, 1)


def _spent(call: Callable[..., object], lot: Sequence[Arguments]) -> list[int]:
    return list(_timed(call, lot))


def _timed(call: Callable[..., object], lot: Sequence[Arguments]) -> Iterator[int]:
    clock = time.perf_counter_ns
    for arguments in lot:
        started = clock()
        call(*arguments)
        yield clock() - started


def _table(title: str) -> Table:
    table = Table(title=title)
    for heading in ("", "os.write µs", "p99", "with pack", "log µs", "p99", "max", "× median", "× p99", "points/s"):
        table.add_column(heading, justify="right" if heading else "left")
    return table


def _cells(way: Way, figures: Figures, clock_ns: float) -> list[str]:
    write, pack, log = (np.array(spent) - clock_ns for spent in (figures.write, figures.pack, figures.log))
    (write_median, write_p99), (median, p99) = (np.percentile(spent, [50, 99]) / 1e3 for spent in (write, log))
    return [
        f"{write_median:.2f}",
        f"{write_p99:.1f}",
        f"{np.median(pack) / 1e3:.2f}",
        f"{median:.2f}",
        f"{p99:.1f}",
        f"{log.max() / 1e3:,.0f}",
        _judged(median / write_median, MEDIAN_AT_MOST),
        _judged(p99 / write_p99, P99_AT_MOST),
        f"{len(log) * way.metrics / figures.whole_s:,.0f}",
    ]


def _judged(ratio: float, at_most: float) -> str:
    return f"[{'green' if ratio <= at_most else 'red'}]{ratio:.1f}[/]"


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))
