"""``python -m tests.bench peers``: set the peers up, measure, and write what the documents show."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.bench.peers.catalog import EVERYONE
from tests.bench.peers.measure import TINY, Plan, measure, present, put_in
from tests.bench.peers.setup import read_record, set_up

ROOT = Path(__file__).parents[3]


def main(words: list[str] | None = None) -> None:
    """What the command line asks for."""
    parser = _parser()
    asked = parser.parse_args(sys.argv[2:] if words is None else words)
    if asked.peers and not read_record(asked.peers):
        parser.error(f"no peers were set up in {asked.peers}; `--setup {asked.peers}` does so")
    known = {name for entry in EVERYONE for name in (entry.key, entry.venv) if name}
    if unknown := sorted(set(asked.only) - known):
        parser.error(f"there is no tool {unknown[0]!r}; there are {', '.join(sorted(known))}")
    console = Console(width=None if sys.stdout.isatty() else 140)
    if asked.setup:
        set_up(asked.setup.resolve(), console)
        return
    results = _read(asked.results) if asked.results and not asked.only else _measured(asked, console)
    from tests.bench.peers.report import print_tables, write_docs

    print_tables(results, console)
    if asked.write_docs:
        write_docs(results, asked.docs)
        console.print(f"Written: {asked.docs / 'benchmarks.md'}")


def _measured(asked: argparse.Namespace, console: Console) -> dict[str, Any]:
    venvs = asked.peers.resolve() if asked.peers else None
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / "results.json"

    def keep(results: dict[str, Any]) -> None:
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *Progress.get_default_columns()[1:3],
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        results = measure(present(venvs, asked.only), TINY if asked.tiny else Plan(), venvs, progress, keep)
    if asked.results:
        results = put_in(_read(asked.results), results)
        keep(results)
    console.print(f"Figures: {path}")
    return results


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench peers", description=__doc__)
    parser.add_argument(
        "--setup", type=Path, metavar="FOLDER", help="install the peers there, each in its own environment"
    )
    parser.add_argument(
        "--peers", type=Path, metavar="FOLDER", help="where they are installed; without it, only nbtrail"
    )
    parser.add_argument("--only", nargs="*", default=(), metavar="TOOL", help="measure these only")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), metavar="FOLDER", help="where the figures go")
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="show figures that were measured before; with --only, put those of these tools in",
    )
    parser.add_argument("--write-docs", action="store_true", help="write the page and its charts")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", metavar="FOLDER", help="where the documents lie")
    parser.add_argument("--tiny", action="store_true", help="so little that only the machinery is tried")
    return parser
