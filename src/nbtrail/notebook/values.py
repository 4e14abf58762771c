"""Params and metrics of a cell: what inference proposes goes to the run, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtrail.analysis.calls import find_call_params
from nbtrail.analysis.configs import find_config_params
from nbtrail.analysis.estimators import find_estimator_params
from nbtrail.analysis.metrics import find_metrics, find_shown, find_shown_metric
from nbtrail.analysis.names import FunctionReads
from nbtrail.analysis.params import Literals, find_watched
from nbtrail.analysis.printed import find_printed
from nbtrail.notebook.corrections import take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbtrail.analysis.facts import CellFacts
    from nbtrail.analysis.proposal import Proposal
    from nbtrail.notebook.cells import Cell
    from nbtrail.notebook.safety import Parts
    from nbtrail.settings import Settings
    from nbtrail.tracking import Run


class Values:
    """What is known of the notebook's names.

    Parameters
    ----------
    namespace
        Where they live.
    parts
        Turns off what fails.
    """

    def __init__(self, namespace: Mapping[str, Any], parts: Parts) -> None:
        self.namespace = namespace
        self._parts = parts
        self._literals = Literals()
        self._functions = FunctionReads()

    def is_literal(self, name: str) -> bool:
        """Whether a name was bound to a literal last."""
        return self._literals.get(name) is not None

    def remember(self, facts: CellFacts, cell: int | None, *, completed: bool) -> None:
        """Take note of a cell that ran, to its end or not."""
        self._literals.remember(facts, cell, None if completed else self.namespace)

    def before(self, cell: Cell, run: Run) -> None:
        """Set the params that a cell is about to read; what the user logged is left alone."""
        settings = run.project.settings()
        _heed(run, settings)
        measured = run.metric_origins()
        run.withdraw(*(name for name in self._literals.outdated(cell.facts) if name not in measured))
        cell.reads = self._functions.through(cell.facts.names.reads, self.namespace)
        proposals = [
            *self._literals.params(cell.facts, cell.reads, cell.number, settings, self.namespace),
            *find_watched(set(cell.reads) - set(cell.facts.literals), self.namespace, settings),
        ]
        _set(run, proposals)

    def after(self, cell: Cell, run: Run, shown: object, *, completed: bool) -> None:
        """Take what a cell has computed, and the settings of what it has called and fitted.

        Parameters
        ----------
        cell
            The cell; the metrics that it notes as taken are passed over, and new ones are noted.
        run
            Where they go; what the user logged to it is left alone.
        shown
            What the cell's last expression gave.
        completed
            Whether it ran to its end.
        """
        settings, facts = run.project.settings(), cell.facts
        _heed(run, settings)
        after = {name: self.namespace[name] for name in facts.names.writes if name in self.namespace}
        found = list(find_metrics(facts, cell.before, after, settings, completed=completed))
        last = find_shown_metric(facts, shown, settings)
        _log(run, [*found, *([last] if last is not None else [])], cell.taken)
        for one in find_shown(facts, after, settings):
            run.propose(one.name, one.value, one.reason)
        called = (facts.calls, self.namespace, cell.number, settings)
        around = (dict.fromkeys((*facts.names.reads, *facts.names.writes)), self.namespace, settings)
        _set(
            run,
            [
                *find_watched(facts.names.writes, self.namespace, settings),
                *self._found("params from calls", lambda: find_call_params(*called, until=cell.failed_in)),
                *self._found("params of fitted estimators", lambda: find_estimator_params(*around)),
                *self._found("params of settings objects", lambda: find_config_params(*around)),
            ],
        )

    def _found(self, part: str, find: Callable[[], Iterable[Proposal]]) -> list[Proposal]:
        """What one source gives. They look at objects of any kind: one that fails must not take the others with it."""
        return self._parts.run(part, lambda: list(find()), [])

    def read_printed(self, cell: Cell, run: Run, text: str) -> None:
        """Propose the metrics that a cell has printed; those that the user watches are taken."""
        settings = run.project.settings()
        found = list(find_printed(text, settings))
        _log(run, [one for one in found if one.name in settings.watch_metrics], cell.taken)
        for one in found:
            run.propose(one.name, one.value, one.reason)


def _heed(run: Run, settings: Settings) -> None:
    """Follow what the user has corrected elsewhere, by a click on a card, say."""
    if settings.ignore:
        run.withdraw(*settings.ignore)
    watched = [one.key for one in run.proposed if one.key in settings.watch_metrics]
    if watched:
        take(run, {}, params=(), metrics=watched)


def _set(run: Run, proposals: Iterable[Proposal]) -> None:
    proposals = list(proposals)
    if not proposals:
        return
    taken = {key for key, origin in run.param_origins().items() if origin == "logged"} | run.metric_origins().keys()
    for one in proposals:
        if one.name not in taken:
            run.set_params({one.name: one.value}, origin="inferred", reasons={one.name: one.reason})


def _log(run: Run, proposals: Iterable[Proposal], taken: set[str]) -> None:
    proposals = [one for one in proposals if one.name not in taken]
    if not proposals:
        return
    logged = {key for key, origin in run.metric_origins().items() if origin == "logged"}
    for one in proposals:
        if one.name not in logged:
            taken.add(one.name)
            run.log({one.name: one.value}, origin="inferred", reason=one.reason)
