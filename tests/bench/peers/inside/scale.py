"""What only nbtrail and the work done by hand are asked: a million points, thousands of runs, a chart."""

from __future__ import annotations

import itertools
import time

NAMES = tuple(f"metric_{at}" for at in range(30))
LINES, LINE_POINTS = 20, 1_000


def million(tool, metrics, points):
    """Write points of some metrics, all in one run, and say how long it took until they are in the store."""
    import numpy as np

    names, calls = NAMES[:metrics], points // metrics
    values = np.random.default_rng(metrics).random((calls, metrics))
    if hasattr(tool, "write_arrays"):
        started = time.perf_counter()
        tool.write_arrays("million", dict(zip(names, values.T, strict=True)))
        return _rate(calls * metrics, time.perf_counter() - started)
    lot = [(dict(zip(names, row, strict=True)), step) for step, row in enumerate(values.tolist())]
    started = time.perf_counter()
    tool.run("million", {}, lambda log: [None for _ in itertools.starmap(log, lot)])
    return _rate(calls * metrics, time.perf_counter() - started)


def notice(tool):
    """Ask whether the store has changed, in microseconds."""
    ask, spent = tool.change_mark(), []
    for _ in range(21):
        started = time.perf_counter()
        for _ in range(1_000):
            ask()
        spent.append((time.perf_counter() - started) * 1e3)
    return {"median_us": sorted(spent)[10]}


def filter_runs(tool):
    """Find runs by a param and a metric."""
    spent = []
    for _ in range(21):
        started = time.perf_counter()
        found = tool.find(("param_07", 0.9), ("metric_3", 0.9))
        spent.append((time.perf_counter() - started) * 1e3)
    return {"best_ms": min(spent), "median_ms": sorted(spent)[10], "found": found}


def chart(tool):
    """Draw twenty curves of a thousand points: the time until the spec is there as text, and its size."""
    import random

    draw = random.Random(3).random
    names = [f"line-{at}" for at in range(LINES)]
    for name in names:
        lot = [({"loss": draw()}, step) for step in range(LINE_POINTS)]
        tool.run(name, {}, lambda log, lot=lot: [None for _ in itertools.starmap(log, lot)])
    tool.chart(names, "loss")
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        spec = tool.chart(names, "loss")
        spent.append(time.perf_counter() - started)
    return {"best_s": min(spent), "spec_bytes": len(spec)}


def downsample(tool):
    """A million points to 2,000, in milliseconds."""
    import numpy as np

    values, spent = np.random.default_rng(4).random(1_000_000), []
    steps = np.arange(len(values))
    for _ in range(9):
        started = time.perf_counter()
        tool.downsample(steps, values, 2_000)
        spent.append((time.perf_counter() - started) * 1e3)
    return {"best_ms": min(spent), "median_ms": sorted(spent)[4]}


def _rate(points, seconds):
    return {"points": points, "seconds": seconds, "points_per_s": points / seconds}
