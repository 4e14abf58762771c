"""``python -m tests.bench scale``: what lists, tables and curves cost as a store grows to 100,000 runs.

Three stores are filled, each ten times the one before; everything the sidebar and a cell ask is measured in each. A
fourth one, of 10,000 runs of 30 fields, is measured beside the same work done by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from tests.bench.scale_limits import measure_limits
from tests.bench.scale_report import save_plot, write_tables
from tests.bench.scale_store import Size, fill, wake
from tests.bench.scale_work import Desk

STEPS = 3
BY_HAND = Size(runs=10_000, points=12_000_000, names=30, fields=15)


def main() -> None:
    """Print the tables, and write them where the options say."""
    options = read_options(sys.argv[2:])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(options.keep or scratch)
        results = {"growth": measure_growth(folder, options), "limits": measure_beside_hand(folder, Path(scratch))}
    print_tables(results, Console())
    if options.docs:
        docs = Path(options.docs)
        save_plot(results["growth"], docs / "images")
        write_tables(results, docs / "scale.md")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1), encoding="utf-8")


def read_options(words: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench scale")
    parser.add_argument("--runs", type=int, default=100_000, help="of the largest store")
    parser.add_argument("--points", type=int, default=100_000_000, help="of the largest store")
    parser.add_argument("--names", type=int, default=2_000, help="different metrics")
    parser.add_argument("--keep", help="a folder for the stores, which are used again the next time")
    parser.add_argument("--docs", help="write the picture and the tables into this folder of documents")
    parser.add_argument("--json", help="write the figures into this file")
    return parser.parse_args(words)


def measure_growth(folder: Path, options: argparse.Namespace) -> list[dict]:
    """Rows of ``runs``, ``points``, ``group``, ``what`` and milliseconds ``first`` and ``again``."""
    rows = []
    for step in reversed(range(STEPS)):
        size = Size(runs=options.runs // 10**step, points=options.points // 10**step, names=options.names)
        desk = Desk(filled(folder, size))
        # Files and pages are read once before, as after the first glance of a day.
        works = desk.works()
        for work in tqdm(works, desc=f"{size.runs} runs"):
            found = desk.measure(work)
            rows.append({"runs": size.runs, "points": size.points, "group": work.group, "what": work.name, **found})
        desk.close()
    return rows


def measure_beside_hand(folder: Path, scratch: Path) -> list[dict]:
    """What nbtrail adds to the same work by hand."""
    desk = Desk(filled(folder, BY_HAND))
    try:
        return measure_limits(desk, scratch / "by-hand.db")
    finally:
        desk.close()


def filled(folder: Path, size: Size) -> Path:
    """The folder of a project with a store of this size, filled if it is not there yet."""
    root = folder / f"{size.runs}-{size.points}-{size.names}-{size.fields or 'some'}"
    path = root / ".nbtrail" / "store.db"
    if not path.exists():
        path.parent.mkdir(parents=True)
        unfinished = path.with_suffix(".part")
        fill(unfinished, size)
        unfinished.rename(path)
    wake(path)
    return root


def print_tables(results: dict, console: Console) -> None:
    """Print what was measured."""
    table = Table(title="Milliseconds after a change of the store (and asked again without one)")
    sizes = sorted({row["runs"] for row in results["growth"]})
    for heading in ("", "", *(f"{size:,} runs" for size in sizes)):
        table.add_column(heading, justify="right" if "runs" in heading else "left")
    by_work: dict[tuple[str, str], list[str]] = {}
    for row in results["growth"]:
        text = f"{row['first']:.2f}" + (f" ({row['again']:.1f})" if "again" in row else "")
        by_work.setdefault((row["group"], row["what"]), []).append(text)
    for (group, what), cells in by_work.items():
        table.add_row(group, what, *cells)
    console.print(table)
    beside = Table(title="Beside the same work by hand")
    for heading in ("", "nbtrail ms", "by hand ms", "ratio", "at most"):
        beside.add_column(heading, justify="right" if heading else "left")
    for row in results["limits"]:
        hand = f"{row['hand']:.4g}" if row["hand"] else ""
        ratio = f"{row['ours'] / row['hand']:.2f}" if row["hand"] else ""
        beside.add_row(row["what"], f"{row['ours']:.4g}", hand, ratio, f"{row['most'] or ''}")
    console.print(beside)
