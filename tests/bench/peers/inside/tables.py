"""Many runs: what a tiny one costs, and how long the table of all takes."""

from __future__ import annotations

import random
import statistics
import time

from inside.reading import LONG_S, MOST

FIELDS = 30
TINY_PARAMS = {f"param_{at}": at / 7 for at in range(10)}
TINY_METRICS = {"loss": 0.1234567, "accuracy": 0.9876543, "seconds": 12.3456789}


def tiny(tool, runs, budget_s):
    """Runs of ten params and three metrics, one after the other in one process."""
    spent = []
    until = time.perf_counter() + budget_s
    while len(spent) < runs and (len(spent) < 5 or time.perf_counter() < until):
        name = f"tiny-{len(spent)}"
        started = time.perf_counter()
        tool.run(name, TINY_PARAMS, lambda log: log(TINY_METRICS, 0))
        spent.append((time.perf_counter() - started) * 1e3)
    later = sorted(spent[1:])
    return {
        "first_ms": spent[0],
        "later_ms": statistics.median(later),
        "p99_ms": later[int(len(later) * 0.99)],
        "runs": len(spent),
    }


def fill(tool, runs, budget_s, first=0):
    """Runs of twenty params and ten metrics for ``table``; says how many fitted into the time."""
    draw = random.Random(1).random
    until = time.perf_counter() + budget_s
    for at in range(first, runs):
        params = {f"param_{one:02}": draw() if one else at for one in range(20)}
        metrics = {f"metric_{one}": draw() for one in range(10)}
        tool.run(f"run-{at:05}", params, lambda log, metrics=metrics: log(metrics, 0))
        if time.perf_counter() > until:
            break
    return {"runs": at + 1}


def table(tool, budget_s):
    """The table of all runs: once if that takes long, else two to five times."""
    spent = []
    while not spent or (sum(spent) < budget_s and len(spent) < MOST) or (len(spent) == 1 and spent[0] < LONG_S):
        started = time.perf_counter()
        rows, columns = tool.table()
        spent.append(time.perf_counter() - started)
    if columns < FIELDS:
        raise ValueError(f"a table of {columns} columns misses some of {FIELDS} fields")
    return {"first_s": spent[0], "best_s": min(spent), "rows": rows, "columns": columns}
