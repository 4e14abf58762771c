"""How long it takes to read curves back."""

from __future__ import annotations

import time

MOST, LONG_S = 5, 3.0


def read(tool, run, metrics, budget_s):
    """Read the metrics of a run one after the other: once if that takes long, else two to five times."""
    spent, points = [], 0
    while not spent or (sum(spent) < budget_s and len(spent) < MOST) or (len(spent) == 1 and spent[0] < LONG_S):
        started = time.perf_counter()
        points = sum(len(tool.points(run, metric)) for metric in metrics)
        spent.append(time.perf_counter() - started)
    return {"first_s": spent[0], "best_s": min(spent), "points": points, "reads": len(spent)}
