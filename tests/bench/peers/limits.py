"""What nbtrail must reach: each figure beside the same work done by hand, or beside a number that was set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.peers.quantities import digits, duration, megabytes, percent, rate, times
from tests.bench.peers.tables import MISSING, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that must be reached."""

    what: str
    ours: float
    at_most: float
    shown: Callable[[float], str]
    beside: str = ""
    """The work by hand."""
    wants_more: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the figure is on the right side."""
        return self.ours >= self.at_most if self.wants_more else self.ours <= self.at_most


def rows(results: Results) -> list[Row]:
    """All rows whose figures are there."""
    found: list[Row] = []
    for group in (_starting, _logging, _killed, _points, _runs, _looking):
        try:
            found.extend(group(results))
        except KeyError as error:
            missing = f"({group.__name__.strip('_')}: {error.args[0]} was not measured)"
            found.append(Row(missing, float("nan"), 0.0, lambda _: MISSING))
    return found


def sheet(results: Results) -> Sheet:
    """The rows as text."""
    headings = ("", "nbtrail", "by hand", "must reach", "")
    return Sheet(
        "What nbtrail must reach",
        headings,
        tuple(
            (
                row.what,
                row.shown(row.ours),
                row.beside,
                f"{'≥' if row.wants_more else '≤'} {row.shown(row.at_most)}",
                "reached" if row.is_reached else "**not reached**",
            )
            for row in rows(results)
        ),
    )


def _starting(results: Results) -> Iterator[Row]:
    tiny, hand = results["own"]["tiny"]["nbtrail"], results["own"]["tiny"]["transaction"]
    yield Row(
        "import and `start_run` looked up, above bare Python", results["imports"]["nbtrail"]["seconds"], 0.06, duration
    )
    by_hand = f"{duration(hand['later_ms'] / 1e3)}, one transaction"
    yield Row("a tiny run, later ones", tiny["later_ms"] / 1e3, 1.5e-3, duration, by_hand)
    if "bytes" in results["environments"].get("nbtrail", {}):
        installed = results["environments"]["nbtrail"]
        yield Row("installation", installed["bytes"], 200e6, megabytes)
        yield Row("packages", installed["packages"], 45, lambda count: f"{count:.0f}")


def _logging(results: Results) -> Iterator[Row]:
    call = results["tools"]["nbtrail"]["flood"]
    raw = call["raw"]
    for name, key, most in (("median", "median_us", 8), ("p99", "p99_us", 20)):
        by_hand = f"{duration(raw[key] / 1e6)}, `os.write`"
        what = f"a log call of 3 metrics, {name}: {duration(call[key] / 1e6)}"
        yield Row(what, call[key] / raw[key], most, times, by_hand)


def _killed(results: Results) -> Iterator[Row]:
    tool = results["tools"]["nbtrail"]
    for name, key in (("in a flood", "killed in a flood"), ("at 100 calls/s", "killed at 100/s")):
        if found := tool.get(key):
            what = f"lost at `kill -9` {name}, {found['kills']} kills, {found['calls']:,} calls"
            yield Row(what, found["percent"], 0, percent)


def _points(results: Results) -> Iterator[Row]:
    own = results["own"]
    yield Row("bytes a point on the disk", results["tools"]["nbtrail"]["flood"]["bytes_a_point"], 9.5, digits, "8.00")
    hand = own["by hand"]
    by_hand = (
        f"{rate(hand['chunks']['write']['points_per_s'])} chunks, {rate(hand['rows']['write']['points_per_s'])} rows"
    )
    for metrics in (3, 10, 30):
        figures = own["million"][f"nbtrail, {metrics} a call"]
        what = f"a million points from `log` into the store, {metrics} a call"
        yield Row(what, figures["points_per_s"], 1e6, rate, by_hand, wants_more=True)
    for what, key in (("a million points into numpy", "read"), ("one curve of 100,000 points", "curve")):
        ours, chunks, others = (
            hand["nbtrail"][key]["best_s"],
            hand["chunks"][key]["best_s"],
            hand["rows"][key]["best_s"],
        )
        by_hand = f"{duration(chunks)} chunks, {duration(hand['flat'][key]['best_s'])} a file, {duration(others)} rows"
        yield Row(f"{what}: {duration(ours)}", ours / chunks, 2, times, by_hand)


def _runs(results: Results) -> Iterator[Row]:
    own = results["own"]["many runs"]
    for what, key, name, most in (
        (f"table of {own['nbtrail']['table']['rows']:,} runs × 30 fields", "table", "best_s", 2),
        ("finding runs among them by a param and a metric", "filter", "best_ms", 3),
    ):
        scale = 1e-3 if name.endswith("ms") else 1
        ours, hand = own["nbtrail"][key][name] * scale, own["rows"][key][name] * scale
        yield Row(f"{what}: {duration(ours)}", ours / hand, most, times, duration(hand))


def _looking(results: Results) -> Iterator[Row]:
    own = results["own"]
    for what, key, name, hand, scale, most in (
        ("asking whether the store changed", "notice", "median_us", "rows", 1e-6, 2),
        ("a million points to 2,000", "downsample", "best_ms", "chunks", 1e-3, 2),
    ):
        ours, other = own[key]["nbtrail"][name] * scale, own[key][hand][name] * scale
        yield Row(f"{what}: {duration(ours)}", ours / other, most, times, duration(other))
    chart, by_hand = own["chart"]["nbtrail"], own["chart"]["rows"]
    what = "chart of 20 lines × 1,000 points"
    yield Row(f"{what}, time", chart["best_s"], 0.15, duration, duration(by_hand["best_s"]))
    yield Row(f"{what}, spec", chart["spec_bytes"], 400e3, megabytes, megabytes(by_hand["spec_bytes"]))
