"""Params and metrics of a cell: what inference proposes goes to the run, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtrail.analysis.metrics import find_metrics, find_shown_metric
from nbtrail.analysis.names import FunctionReads
from nbtrail.analysis.params import Literals, find_watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbtrail.analysis.facts import CellFacts
    from nbtrail.analysis.proposal import Proposal
    from nbtrail.notebook.cells import Cell
    from nbtrail.tracking import Run


class Values:
    """What is known of the notebook's names.

    Parameters
    ----------
    namespace
        Where they live.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._literals = Literals()
        self._functions = FunctionReads()

    def is_literal(self, name: str) -> bool:
        """Whether a name was bound to a literal last."""
        return self._literals.get(name) is not None

    def remember(self, facts: CellFacts, cell: int | None, *, completed: bool) -> None:
        """Take note of a cell that ran, to its end or not."""
        self._literals.remember(facts, cell, None if completed else self._namespace)

    def set_params(self, cell: Cell, run: Run) -> None:
        """Set the params that a cell is about to read; what the user logged is left alone."""
        settings = run.project.settings()
        cell.reads = self._functions.through(cell.facts.names.reads, self._namespace)
        logged = {param.key for param in run.snapshot().params if param.origin == "logged"}
        proposals = [
            *self._literals.params(cell.facts, cell.reads, cell.number, settings, self._namespace),
            *find_watched(set(cell.reads) - set(cell.facts.literals), self._namespace, settings),
        ]
        _set(run, (one for one in proposals if one.name not in logged))

    def log_metrics(self, cell: Cell, run: Run, shown: object, *, completed: bool) -> None:
        """Log the numbers that a cell has computed; what the user logged is left alone.

        Parameters
        ----------
        cell
            The cell; the metrics that it notes as taken are passed over, and new ones are noted.
        run
            Where they go.
        shown
            What its last expression gave.
        completed
            Whether it ran to its end.
        """
        settings = run.project.settings()
        after = {name: self._namespace[name] for name in cell.facts.names.writes if name in self._namespace}
        found = list(find_metrics(cell.facts, cell.before, after, settings, completed=completed))
        last = find_shown_metric(cell.facts, shown, settings)
        logged = {metric.key for metric in run.snapshot().metrics if metric.origin == "logged"}
        for one in (*found, *([last] if last is not None else [])):
            if one.name not in logged and one.name not in cell.taken:
                cell.taken.add(one.name)
                run.log({one.name: one.value}, origin="inferred", reason=one.reason)
        _set(run, find_watched(cell.facts.names.writes, self._namespace, settings))


def _set(run: Run, proposals: Iterable[Proposal]) -> None:
    for one in proposals:
        run.set_params({one.name: one.value}, origin="inferred", reasons={one.name: one.reason})
