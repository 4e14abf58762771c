"""The victim of ``kill -9``, which counts the log calls that have returned; and the count of what is left."""

from __future__ import annotations

import itertools
import mmap
import struct
import time

from inside.clock import NAMES, turns

LOT = 5_000


def victim(tool, counter, per_s):
    """Log until the process is killed; ``per_s`` of 0 is as fast as it goes."""
    with open(counter, "r+b") as file, mmap.mmap(file.fileno(), 8) as shared:  # noqa: PTH123 - a plain file will do
        put = struct.Struct("<q").pack_into

        def body(log):
            due, returned = time.perf_counter(), 0
            for first in itertools.count(0, LOT):
                for metrics, step in turns(first, LOT):
                    if per_s:
                        due += 1 / per_s
                        time.sleep(max(due - time.perf_counter(), 0))
                    log(metrics, step)
                    returned += 1
                    put(shared, 0, returned)

        tool.run("victim", {}, body)


def count(tool):
    """How many calls' points the tool itself still finds."""
    return {"read": len(tool.points("victim", NAMES[-1]))}
