"""The measurements, tool by tool, into one plain record that the tables and charts are made from."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.peers.catalog import CHUNKS, EVERYONE, FLAT, NBTRAIL, ONE_TRANSACTION, ROWS
from tests.bench.peers.deaths import deaths
from tests.bench.peers.sandbox import MeasurementError, sandbox
from tests.bench.peers.setup import read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.progress import Progress

    from tests.bench.peers.catalog import Entry
    from tests.bench.peers.sandbox import Sandbox

NAMES = ("train/loss", "train/accuracy", "val/loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    imports: int = 7
    tiny_runs: int = 200
    tiny_s: float = 5.0
    flood_calls: int = 100_000
    flood_s: float = 8.0
    paced_s: float = 3.0
    busy_s: float = 8.0
    read_s: float = 5.0
    own_kills: int = 20
    kills: int = 3
    table_runs: int = 2_000
    table_fill_s: float = 15.0
    many_runs: int = 10_000
    million: int = 1_000_000


TINY = Plan(
    imports=1,
    tiny_runs=6,
    tiny_s=0.2,
    flood_calls=1_000,
    flood_s=0.3,
    paced_s=0.1,
    busy_s=0.1,
    read_s=0.1,
    own_kills=0,
    kills=0,
    table_runs=20,
    table_fill_s=0.5,
    many_runs=40,
    million=3_000,
)
"""Enough to see that all of it works."""


def measure(
    entries: Sequence[Entry], plan: Plan, venvs: Path | None, progress: Progress, keep: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Measure the tools, then what only nbtrail and the work by hand are asked; ``keep`` is called after each."""
    record = read_record(venvs) if venvs else {}
    results: dict[str, Any] = {"machine": machine(), "environments": record, "tools": {}, "own": {}}
    task = progress.add_task("imports", total=len(entries) * len(PER_TOOL) + len(OWN_MEASUREMENTS))
    results["imports"] = imports([entry for entry in entries if entry.statement], plan, venvs, progress)
    for entry in entries:
        found = results["tools"][entry.key] = {"title": entry.title, "limit": entry.limit}
        for name, one in PER_TOOL.items():
            progress.update(task, description=f"{entry.title}: {name}", advance=1)
            _attempt(found, name, lambda one=one, entry=entry: one(entry, plan, venvs))
        keep(results)
    for name, one in OWN_MEASUREMENTS.items() if NBTRAIL in entries else ():
        progress.update(task, description=name, advance=1)
        _attempt(results["own"], name, lambda one=one: one(plan))
    keep(results)
    return results


def put_in(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Figures that were measured before, with those of some tools measured again; which they are is kept."""
    again = sorted({*earlier.get("again", ()), *later["tools"]})
    merged = {key: {**earlier[key], **later[key]} for key in ("environments", "imports", "tools", "own")}
    return {"machine": later["machine"], **merged, "again": again}


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    return {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}


def present(venvs: Path | None, wanted: Iterable[str] = ()) -> list[Entry]:
    """The tools that can be measured here: all that are installed, or those of them that are wanted."""
    there = {name for name, found in read_record(venvs).items() if "bytes" in found} if venvs else set()
    names = set(wanted)
    return [
        entry
        for entry in EVERYONE
        if (not entry.venv or entry.venv in there) and (not names or names & {entry.key, entry.venv})
    ]


def imports(entries: Sequence[Entry], plan: Plan, venvs: Path | None, progress: Progress) -> dict[str, Any]:
    """Seconds that importing adds to a bare interpreter, in rounds in which each tool has its turn."""
    spent: dict[tuple[str, str], list[float]] = {}
    found: dict[str, Any] = {}
    with sandbox(venvs) as place:
        for _ in progress.track(range(plan.imports + 1), description="rounds of imports"):
            for entry in entries:
                for statement in (entry.statement, "pass"):
                    _attempt(found, entry.key, lambda: _started(place, entry, statement, spent))  # noqa: B023 - called at once
    for entry in entries:
        if entry.key not in found:
            # The first round fills the caches of the disk.
            statement_s, bare_s = (statistics.median(spent[entry.key, one][1:]) for one in (entry.statement, "pass"))
            found[entry.key] = {"seconds": statement_s - bare_s}
    return found


def _started(place: Sandbox, entry: Entry, statement: str, spent: dict[tuple[str, str], list[float]]) -> None:
    started = time.perf_counter()
    place.start(entry, statement)
    spent.setdefault((entry.key, statement), []).append(time.perf_counter() - started)


def tiny(entry: Entry, plan: Plan, venvs: Path | None) -> dict[str, Any] | None:
    if not entry.has_runs:
        return None
    with sandbox(venvs) as place:
        return place.ask(entry, "tiny", runs=plan.tiny_runs, budget_s=plan.tiny_s)


def flood(entry: Entry, plan: Plan, venvs: Path | None) -> dict[str, Any]:
    """Calls back to back, the bytes that they leave, and how long reading them takes."""
    with sandbox(venvs) as place:
        place.ask(entry, "flood", calls=1, budget_s=plan.flood_s)
        empty = place.bytes()
    with sandbox(venvs) as place:
        calls = min(plan.flood_calls, entry.flood_calls)
        found = place.ask(entry, "flood", calls=calls, budget_s=plan.flood_s, timeout_s=400)
        found["bytes_a_point"] = (place.bytes() - empty) / found["points"]
        _attempt(found, "read", lambda: place.ask(entry, "read", run="flood", metrics=NAMES[:1], budget_s=plan.read_s))
    return found


def paced(entry: Entry, plan: Plan, venvs: Path | None) -> dict[str, Any]:
    with sandbox(venvs) as place:
        return place.ask(entry, "paced", per_s=100, seconds=plan.paced_s)


def busy(entry: Entry, plan: Plan, venvs: Path | None) -> dict[str, Any]:
    with sandbox(venvs) as place:
        return place.ask(entry, "busy", budget_s=plan.busy_s)


def killed(entry: Entry, plan: Plan, venvs: Path | None, *, per_s: int) -> dict[str, Any] | None:
    kills = plan.own_kills if entry is NBTRAIL else plan.kills
    if not kills:
        return None
    return deaths(entry, venvs, kills=kills, per_s=per_s, advance=lambda: None)


def table(entry: Entry, plan: Plan, venvs: Path | None) -> dict[str, Any] | None:
    if not entry.has_table:
        return None
    with sandbox(venvs) as place:
        # Slow tools get fewer runs, and their tables are scaled; nbtrail and the work by hand get all of theirs.
        budget_s = plan.table_fill_s if entry.venv else 10 * plan.table_fill_s
        place.ask(entry, "fill", runs=plan.table_runs, budget_s=budget_s)
        return place.ask(entry, "table", budget_s=plan.read_s)


PER_TOOL: dict[str, Callable[[Entry, Plan, Path | None], dict[str, Any] | None]] = {
    "tiny": tiny,
    "flood": flood,
    "calls at 100/s": paced,
    "busy loop": busy,
    "killed in a flood": lambda entry, plan, venvs: killed(entry, plan, venvs, per_s=0),
    "killed at 100/s": lambda entry, plan, venvs: killed(entry, plan, venvs, per_s=100),
    "table": table,
}


def write_million(plan: Plan) -> dict[str, Any]:
    """A million points by ``log``, and by hand from arrays; then read back, and one curve of 100,000."""
    found: dict[str, Any] = {}
    for metrics in (3, 10, 30):
        with sandbox(None) as place:
            found[f"nbtrail, {metrics} a call"] = place.ask(NBTRAIL, "million", metrics=metrics, points=plan.million)
    return found


def by_hand(plan: Plan) -> dict[str, Any]:
    """The same into rows, chunks and a file; reading a million points, and one curve of 100,000, from each."""
    found: dict[str, Any] = {}
    for entry in (NBTRAIL, ROWS, CHUNKS, FLAT):
        with sandbox(None) as place:
            written = place.ask(entry, "million", metrics=10, points=plan.million)
            names = [f"metric_{at}" for at in range(10)]
            read = place.ask(entry, "read", run="million", metrics=names, budget_s=plan.read_s)
            curve = place.ask(entry, "read", run="million", metrics=names[:1], budget_s=plan.read_s)
            found[entry.key] = {"write": written, "read": read, "curve": curve, "bytes": place.bytes()}
    return found


def many_runs(plan: Plan) -> dict[str, Any]:
    """Thousands of runs of thirty fields: the table of all, and those with a param and a metric above a value."""
    found: dict[str, Any] = {}
    for entry in (NBTRAIL, ROWS):
        with sandbox(None) as place:
            place.ask(entry, "fill", runs=plan.many_runs, budget_s=300, timeout_s=400)
            found[entry.key] = {
                "table": place.ask(entry, "table", budget_s=plan.read_s),
                "filter": place.ask(entry, "filter"),
            }
    return found


def _pairs(measurement: str, *entries: Entry, best: str, **options: Any) -> Callable[[Plan], dict[str, Any]]:
    """nbtrail and the work by hand in turn, and of each the best of three: others may use the machine too."""

    def each(_plan: Plan) -> dict[str, Any]:
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in entries * 3:
            with sandbox(None) as place:
                found.setdefault(entry.key, []).append(place.ask(entry, measurement, **options))
        return {key: min(rounds, key=lambda figures: figures[best]) for key, rounds in found.items()}

    return each


OWN_MEASUREMENTS: dict[str, Callable[[Plan], dict[str, Any]]] = {
    "million": write_million,
    "by hand": by_hand,
    "many runs": many_runs,
    "notice": _pairs("notice", NBTRAIL, ROWS, best="median_us"),
    "chart": _pairs("chart", NBTRAIL, ROWS, best="best_s"),
    "downsample": _pairs("downsample", NBTRAIL, CHUNKS, best="best_ms"),
    "tiny": _pairs("tiny", NBTRAIL, ONE_TRANSACTION, best="later_ms", runs=200, budget_s=3),
}


def _attempt(found: dict[str, Any], name: str, measured: Callable[[], dict[str, Any] | None]) -> None:
    """Keep what is measured; a measurement that fails is told of, and hidden nowhere."""
    try:
        figures = measured()
    except MeasurementError as error:
        figures = {"failed": str(error)}
    if figures is not None:
        found[name] = figures
