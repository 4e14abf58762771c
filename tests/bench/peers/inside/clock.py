"""Times of single calls, and of waiting for the next."""

from __future__ import annotations

import array
import os
import random
import struct
import time

NAMES = ("train/loss", "train/accuracy", "val/loss")


def turns(first, count, names=NAMES, seed=0):
    """What ``count`` calls log, made beforehand: float64 of full entropy."""
    draw = random.Random(seed + first).random
    return [({name: draw() for name in names}, step) for step in range(first, first + count)]


def spend(log, lot, spent, until):
    """Log the turns, append what each took (nanoseconds), stop when it is late; says how many were logged."""
    clock, add = time.perf_counter_ns, spent.append
    for done, (metrics, step) in enumerate(lot):
        started = clock()
        log(metrics, step)
        ended = clock()
        add(ended - started)
        if ended > until:
            return done + 1
    return len(lot)


class RawWrite:
    """The measure of a log call: one ``os.write`` of a packed record of 60 bytes, in the same process."""

    def __init__(self, folder):
        self._path = folder / "raw-write"
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._record = struct.pack("<IIQIdq3d", 44, 1, 7, 1, time.time(), 7, 0.1, 0.2, 0.3)
        self.spent = array.array("q")

    def round(self, calls=1_000):
        write, fd, record, clock, add = os.write, self._fd, self._record, time.perf_counter_ns, self.spent.append
        for _ in range(calls):
            started = clock()
            write(fd, record)
            add(clock() - started)

    def close(self):
        os.close(self._fd)
        self._path.unlink()


def own_cost():
    """What the clock itself adds to a call, in nanoseconds."""
    clock = time.perf_counter_ns
    return sorted(-(clock() - clock()) for _ in range(10_001))[5_000]


def summary(spent, own=0):
    """Median, 99th percentile and maximum in microseconds, without the clock's own cost."""
    ordered = sorted(spent)
    at = {"median_us": 0.5, "p99_us": 0.99, "max_us": 1.0}
    found = {name: max(ordered[min(int(len(ordered) * q), len(ordered) - 1)] - own, 1) / 1e3 for name, q in at.items()}
    return {**found, "calls": len(ordered)}
