"""What was captured, held against what a person would want: precision and recall."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.corpus.run import Mode, open_kernel, run_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.corpus.notebook import CorpusNotebook

_PROPOSED: Final = re.compile(r"^maybe +(\S+) = ", re.MULTILINE)
_SEEDS: Final = frozenset({"seed", "random_state", "default_rng"})


@dataclass(frozen=True, slots=True)
class Captured:
    """A name that tracking took from a notebook."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The names of one kind, params or metrics, of one notebook or of many."""

    right: tuple[Captured, ...] = ()
    borderline: tuple[Captured, ...] = ()
    wrong: tuple[Captured, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def taken(self) -> int:
        """How many names were captured."""
        return len(self.right) + len(self.borderline) + len(self.wrong)

    @property
    def precision(self) -> tuple[float, float]:
        """How much of what was captured is wanted: strictly, and with what is borderline; NaN where nothing was."""
        if not self.taken:
            return float("nan"), float("nan")
        return len(self.right) / self.taken, 1 - len(self.wrong) / self.taken

    @property
    def recall(self) -> float:
        """How much of what is wanted was captured; NaN where nothing is wanted."""
        wanted = len(self.right) + len(self.missed)
        return len(self.right) / wanted if wanted else float("nan")

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            self.right + other.right,
            self.borderline + other.borderline,
            self.wrong + other.wrong,
            self.missed + other.missed,
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What tracking took from one notebook."""

    notebook: str
    params: Judged = field(default_factory=Judged)
    metrics: Judged = field(default_factory=Judged)
    proposed: frozenset[str] = frozenset()
    """Metrics that the card offers for one click, and that are not taken without it."""


def judge(found: Iterable[Captured], wanted: frozenset[str], borderline: frozenset[str]) -> Judged:
    """Sort captured names by what a person thinks of them.

    Borderline without a label are seeds, and what is wanted under its own name and captured once more as a call's
    keyword (``max_depth`` and ``RandomForestClassifier.max_depth``).
    """
    captured = list(found)
    names = {one.name for one in captured}
    may_be = {one for one in names - wanted if one in borderline or one.rpartition(".")[2] in wanted | _SEEDS}
    return Judged(
        right=tuple(one for one in captured if one.name in wanted),
        borderline=tuple(one for one in captured if one.name in may_be),
        wrong=tuple(one for one in captured if one.name not in wanted | may_be),
        missed=tuple(sorted(wanted - names)),
    )


def figures_of(notebook: CorpusNotebook, folder: Path) -> Figures:
    """Run a notebook under ``%track`` in a kernel of its own, and judge what its run then holds."""
    with open_kernel(folder) as kernel:
        run_notebook(notebook, {Mode.TRACK: kernel})
        proposed = frozenset(_PROPOSED.findall(kernel.run("%track status").stdout))
        run_ids = [run.id for run in kernel.runs()]
        params = kernel.read(lambda store: store.params(run_ids))
        metrics = kernel.read(lambda store: store.metrics(run_ids))
    labels = notebook.labels
    return Figures(
        notebook.name,
        judge((Captured(one.key, one.reason) for one in params), labels.params, labels.borderline_params),
        judge((Captured(one.key, one.reason) for one in metrics), labels.metrics, labels.borderline_metrics),
        proposed,
    )
