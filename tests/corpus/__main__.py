"""``python -m tests.corpus``: what tracking changes in the corpus' notebooks (nothing), and what it takes from them.

Each notebook runs in kernels of its own: once without tracking, and once for each way to track.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.corpus.docstrings import read_docstrings
from tests.corpus.figures import Captured, Figures, Judged, figures_of
from tests.corpus.notebook import read_corpus
from tests.corpus.run import TRACKED, compare, run_in_modes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.corpus.notebook import CorpusNotebook

_HEADINGS: Final = ("p right", "p border", "p wrong", "p missed", "m right", "m border", "m wrong", "m missed")


def main() -> int:
    """Run the command; the exit status is 1 if tracking changes anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("names", nargs="*", help="names of notebooks; none stands for all")
    parser.add_argument("--figures", action="store_true", help="leave the comparison out")
    parser.add_argument(
        "--examples", action="store_true", help="compare only, the examples in scikit-learn's documentation"
    )
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    notebooks = [one for one in _read(examples=options.examples) if not options.names or one.name in options.names]
    count = 0 if options.figures else _print_differences(console, notebooks, share=options.examples)
    if not options.examples:
        _print_figures(console, [_figures(one) for one in _watch(notebooks, "capturing")])
    return 1 if count else 0


def _read(*, examples: bool) -> list[CorpusNotebook]:
    return read_docstrings() if examples else read_corpus()


def _watch(notebooks: Sequence[CorpusNotebook], doing: str) -> Iterable[CorpusNotebook]:
    """The notebooks, one by one, with a bar that shows how far it has come."""
    return track(notebooks, doing, console=Console(stderr=True), transient=True)


def _print_differences(console: Console, notebooks: Sequence[CorpusNotebook], *, share: bool) -> int:
    """Compare, each notebook in kernels of its own unless they share them; returns how many cells differ."""
    count = 0
    for batch in [notebooks] if share else [[one] for one in _watch(notebooks, "comparing")]:
        with tempfile.TemporaryDirectory() as folder:
            seen = run_in_modes(batch, Path(folder))
        for notebook in batch:
            for mode in TRACKED:
                for difference in compare(notebook, mode, seen):
                    console.print(str(difference), markup=False, highlight=False)
                    count += 1
    cells = sum(len(one.cells) for one in notebooks)
    console.print(
        f"{len(notebooks)} notebooks with {cells} cells, tracked in {len(TRACKED)} ways: {count} differences\n"
    )
    return count


def _figures(notebook: CorpusNotebook) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        return figures_of(notebook, Path(folder))


def _print_figures(console: Console, figures: Sequence[Figures]) -> None:
    names = Table("notebook", "kind", "name", "judged", "reason", title="What is captured")
    counts = Table("notebook", *_HEADINGS, title="params and metrics: right, borderline, wrong, missed")
    for one in figures:
        for kind, judged in (("param", one.params), ("metric", one.metrics)):
            for captured, verdict in _verdicts(judged):
                names.add_row(one.notebook, kind, captured.name, verdict, captured.reason)
        counts.add_row(one.notebook, *_counts(one.params), *_counts(one.metrics))
    console.print(names)
    console.print(counts)
    _print_sum(console, "params", reduce(add, (one.params for one in figures), Judged()))
    _print_sum(console, "metrics", reduce(add, (one.metrics for one in figures), Judged()))
    offered = [name for one in figures for name in one.metrics.missed if name in one.proposed]
    count = sum(len(one.proposed) for one in figures)
    console.print(
        f"metrics that the card proposes: {count}, {len(offered)} of the missed among them: {', '.join(offered)}"
    )


def _print_sum(console: Console, kind: str, judged: Judged) -> None:
    strict, lenient = judged.precision
    console.print(
        f"{kind}: {judged.taken} captured, {len(judged.right)} right, {len(judged.borderline)} borderline,"
        f" {len(judged.wrong)} wrong, {len(judged.missed)} missed:"
        f" precision {_percent(strict)} / {_percent(lenient)} with borderline, recall {_percent(judged.recall)}"
    )
    console.print(f"  wrong:  {', '.join(one.name for one in judged.wrong) or '-'}")
    console.print(f"  missed: {', '.join(judged.missed) or '-'}")


def _verdicts(judged: Judged) -> list[tuple[Captured, str]]:
    """All names with what is thought of them; a missed one has no reason."""
    kinds = {"right": judged.right, "borderline": judged.borderline, "WRONG": judged.wrong}
    found = [(one, verdict) for verdict, names in kinds.items() for one in names]
    return found + [(Captured(name, ""), "MISSED") for name in judged.missed]


def _counts(judged: Judged) -> list[str]:
    parts = (judged.right, judged.borderline, judged.wrong, judged.missed)
    return [str(len(part)) if part else "" for part in parts]


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.0%}"


if __name__ == "__main__":
    sys.exit(main())
