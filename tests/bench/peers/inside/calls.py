"""What a log call costs: back to back, at a steady pace, and to a loop that has better things to do."""

from __future__ import annotations

import array
import statistics
import time

from inside.clock import NAMES, RawWrite, own_cost, spend, summary, turns

PER_ROUND = 2_000
ROUND_NS = 250_000_000
"""A round ends when either is reached, so that slow tools take turns with ``os.write`` too."""
BLOCKS = 16
CHUNKS_PER_BLOCK = 120


def flood(tool, calls, budget_s):
    """Calls of three metrics back to back, in turn with rounds of ``os.write``."""
    spent, figures = array.array("q"), {}
    raw, own = RawWrite(tool.folder), own_cost()

    def body(log):
        until = time.perf_counter_ns() + int(budget_s * 1e9)
        step, logging_ns = 0, 0
        while step < calls and time.perf_counter_ns() < until:
            lot = turns(step, min(PER_ROUND, calls - step))
            raw.round()
            started = time.perf_counter_ns()
            step += spend(log, lot, spent, min(until, started + ROUND_NS))
            logging_ns += time.perf_counter_ns() - started
        figures["logging_s"] = logging_ns / 1e9
        figures["last_call"] = time.perf_counter()

    tool.run("flood", {}, body)
    figures["settle_s"] = time.perf_counter() - figures.pop("last_call")
    raw.close()
    seconds = figures["logging_s"] + figures["settle_s"]
    return {
        **figures,
        **summary(spent, own),
        "raw": summary(raw.spent, own),
        "points": len(spent) * len(NAMES),
        "points_per_s": len(spent) * len(NAMES) / seconds,
    }


def paced(tool, per_s, seconds):
    """Calls at a steady pace."""
    spent, own = array.array("q"), own_cost()

    def body(log):
        due = time.perf_counter()
        for one in turns(0, int(per_s * seconds)):
            due += 1 / per_s
            time.sleep(max(due - time.perf_counter(), 0))
            spend(log, [one], spent, time.perf_counter_ns() + 10**12)

    tool.run("paced", {}, body)
    return summary(spent, own)


def busy(tool, budget_s):
    """What 1,000 calls a second add to a loop of numpy: blocks of about a millisecond a turn, with and without."""
    import numpy as np

    data = np.random.default_rng(0).random(20_000)
    repeats = _repeats_per_ms(data)
    plain, logging = [], []

    def body(log):
        until = time.perf_counter() + budget_s
        lot, step = turns(0, CHUNKS_PER_BLOCK * BLOCKS), 0
        for _ in range(BLOCKS):
            plain.append(_block(data, repeats, lambda metrics, step: None, lot[:CHUNKS_PER_BLOCK]))
            logging.append(_block(data, repeats, log, lot[step : step + CHUNKS_PER_BLOCK]))
            step += CHUNKS_PER_BLOCK
            if time.perf_counter() > until:
                return

    tool.run("busy", {}, body)
    # Neighbours in time are compared, as others may use the machine too.
    ratios = [with_it / without for with_it, without in zip(logging, plain, strict=True)]
    return {"percent": (statistics.median(ratios) - 1) * 100, "blocks": len(plain)}


def _block(data, repeats, log, lot):
    started = time.perf_counter()
    for metrics, step in lot:
        for _ in range(repeats):
            (data * 1.0001 + 0.5).sum()
        log(metrics, step)
    return time.perf_counter() - started


def _repeats_per_ms(data):
    started = time.perf_counter()
    for _ in range(200):
        (data * 1.0001 + 0.5).sum()
    return max(round(200 * 1e-3 / (time.perf_counter() - started)), 1)
