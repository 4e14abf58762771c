"""What was measured of each tool, as tables of text: nothing in them but what the results hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.peers.catalog import EVERYONE
from tests.bench.peers.quantities import digits, duration, megabytes, percent, rate, times

if TYPE_CHECKING:
    from collections.abc import Callable

Results = dict[str, Any]
CURVE_POINTS, TABLE_RUNS = 100_000, 2_000
MISSING = "–"  # noqa: RUF001 - a dash stands where there is no figure


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its headings, and rows of text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def log_calls(results: Results) -> Sheet:
    """What a call of three metrics costs; the fastest in the median first."""
    rows = []
    for title, tool in _by(results, lambda tool: tool["flood"]["median_us"]):
        call = tool["flood"]
        paced, busy = tool.get("calls at 100/s", {}), tool.get("busy loop", {})
        rows.append(
            (
                title,
                duration(call["median_us"] / 1e6),
                duration(call["p99_us"] / 1e6),
                duration(call["max_us"] / 1e6),
                times(call["median_us"] / call["raw"]["median_us"]),
                duration(call["settle_s"]),
                rate(call["points_per_s"]),
                duration(paced["median_us"] / 1e6) if "median_us" in paced else MISSING,
                f"{busy['percent']:+.1f} %" if "percent" in busy else MISSING,
            )
        )
    headings = (
        "",
        "median",
        "p99",
        "longest",
        "× `os.write`",
        "until all is kept",
        "kept",
        "at 100 calls/s",
        "a busy loop",
    )
    return Sheet("One log call of three metrics", headings, tuple(rows))


def kills(results: Results) -> Sheet:
    """What ``kill -9`` takes; the safest first, and of those the fastest."""
    rows = []
    for title, tool in _by(results, lambda tool: (_lost(tool), tool["flood"]["median_us"])):
        flood, paced = tool["killed in a flood"], tool.get("killed at 100/s", {})
        rows.append(
            (
                title,
                percent(flood["percent"]),
                percent(flood["worst_percent"]),
                f"{flood['lost']:,} of {flood['calls']:,}",
                str(flood["kills"]),
                percent(paced["percent"]) if "percent" in paced else MISSING,
                f"{paced['lost']:,} of {paced['calls']:,}" if "percent" in paced else MISSING,
            )
        )
    headings = ("", "lost in a flood", "worst kill", "calls", "kills", "lost at 100 calls/s", "calls")
    return Sheet("Lost at `kill -9`", headings, tuple(rows))


def starts(results: Results) -> Sheet:
    """What it takes to be there: the import, a tiny run, the disk."""
    rows = []
    environments = {entry.key: entry.venv or entry.key for entry in EVERYONE}
    for title, tool in _by(results, lambda tool: tool["tiny"]["later_ms"]):
        key, tiny = tool["key"], tool["tiny"]
        imported, size = (
            results["imports"].get(key, {}).get("seconds"),
            results["environments"].get(environments.get(key, key), {}),
        )
        is_first_way = imported is not None and "bytes" in size
        rows.append(
            (
                title,
                duration(max(imported, 0.0)) if imported is not None else MISSING,
                duration(tiny["first_ms"] / 1e3),
                duration(tiny["later_ms"] / 1e3),
                megabytes(size["bytes"]) if is_first_way else MISSING,
                str(size["packages"]) if is_first_way else MISSING,
            )
        )
    headings = ("", "import", "first run", "a later run", "installed", "packages")
    return Sheet("Starting: the import, a run of 10 params and 3 metrics, the installation", headings, tuple(rows))


def stores(results: Results) -> Sheet:
    """What a point takes on the disk, and how long a curve takes to come back."""
    rows = []
    for title, tool in _by(results, lambda tool: tool["flood"]["bytes_a_point"]):
        call, read = tool["flood"], tool["flood"].get("read", {})
        rows.append(
            (
                title,
                digits(call["bytes_a_point"]),
                f"{call['points']:,}",
                duration(curve_s(read)) if read.get("points") else MISSING,
                f"{read['points']:,}" if read.get("points") else MISSING,
            )
        )
    headings = ("", "bytes a point", "points written", f"a curve of {CURVE_POINTS:,}", "points read")
    return Sheet("On the disk, and back", headings, tuple(rows))


def run_tables(results: Results) -> Sheet:
    """The table of many runs."""
    rows = [
        (title, duration(table_s(tool["table"])), f"{tool['table']['rows']:,}")
        for title, tool in _by(results, lambda tool: table_s(tool["table"]))
    ]
    return Sheet(f"The table of {TABLE_RUNS:,} runs × 30 fields", ("", "time", "runs measured"), tuple(rows))


def failures(results: Results) -> tuple[str, ...]:
    """What could not be measured, and why."""
    titles = {key: tool["title"] for key, tool in results["tools"].items()}
    groups = [(titles[key], tool) for key, tool in results["tools"].items()]
    groups += [
        ("nbtrail", results["own"]),
        *((titles[key], {"import": one}) for key, one in results["imports"].items()),
    ]
    groups += [(name, {"installation": one}) for name, one in results["environments"].items()]
    found = []
    for title, group in groups:
        for name, one in group.items():
            for what, figures in ((name, one), (f"{name}, read", one.get("read") if isinstance(one, dict) else None)):
                if isinstance(figures, dict) and "failed" in figures:
                    found.append(f"{title}, {what}: {figures['failed']}")
    return tuple(found)


def curve_s(read: dict[str, Any]) -> float:
    """Seconds for a curve of 100,000 points, from as many points as there were."""
    return float(read["best_s"] * CURVE_POINTS / read["points"])


def table_s(table: dict[str, Any]) -> float:
    """Seconds for a table of 2,000 runs, from as many runs as there were."""
    return float(table["best_s"] * TABLE_RUNS / table["rows"])


def _lost(tool: dict[str, Any]) -> float:
    """The greater share of the two."""
    return max(tool["killed in a flood"]["percent"], tool.get("killed at 100/s", {}).get("percent", 0.0))


def _by(results: Results, key: Callable[[dict[str, Any]], Any]) -> list[tuple[str, dict[str, Any]]]:
    """The tools that have what ``key`` asks for, in its order."""
    found = []
    for name, tool in results["tools"].items():
        try:
            found.append((key({**tool, "key": name}), tool["title"], {**tool, "key": name}))
        except (KeyError, ZeroDivisionError):
            continue
    title = lambda tool: (
        f"**{tool['title']}**" if tool["key"] == "nbtrail" else f"*{tool['title']}*" if tool["limit"] else tool["title"]
    )
    return [(title(tool), tool) for _, _, tool in sorted(found, key=lambda one: one[:2])]
