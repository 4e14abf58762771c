"""What people correct on cards: names that a project takes or leaves out, and values of runs that have ended.

A run that goes on is left to its kernel, which follows the project's settings.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nbtrail.analysis.lexicon import metric_reason
from nbtrail.changes import PointsLogged, RowLayout, ValuesWithdrawn
from nbtrail.tracking.param_log import param_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbtrail.changes import Change
    from nbtrail.project import Project
    from nbtrail.records import Metric, Param, Run, Series
    from nbtrail.server.requests import RunEdit
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

BY_HAND: Final = "taken by hand"
"""Why a run that has ended has a metric that was proposed."""
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class _Ignored:
    """What a name was before it was ignored."""

    settings: Settings
    param: Param | None = None
    metric: tuple[Metric, Series] | None = None

    def values(self) -> Iterator[Change]:
        """The changes that bring back what was withdrawn."""
        if self.param is not None:
            yield from _param_changes(self.param)
        if self.metric is not None:
            yield from _metric_changes(*self.metric)


class Corrections:
    """Writes corrections, and remembers the latest ones for as long as the server lives, so that they can be undone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ignored: OrderedDict[tuple[str, str, str], _Ignored] = OrderedDict()

    def apply(  # noqa: PLR0913 - what is corrected, and how
        self, project: Project, store: Store, run: Run, edit: RunEdit, others: Sequence[Change], *, now: float
    ) -> None:
        """Write a correction into the settings and, where no kernel does so, into the store.

        Parameters
        ----------
        project, store, run
            What is corrected.
        edit
            The correction.
        others
            Changes that belong to the same edit.
        now
            When points that are taken were taken.

        Raises
        ------
        SettingsError
            ``settings.toml`` has a mistake; nothing was changed.
        StoreError
            The store or the settings cannot be written.
        """
        # One at a time: the settings are read, changed and written.
        with self._lock:
            problem = project.settings_problem()
            if problem is not None:
                raise problem
            before = project.settings()
            settings = self._restored(before, project, run, edit)
            params, metrics = _kinds(store, run, edit)
            settings = settings.watching(params=params, metrics=metrics).ignoring(edit.ignore)
            corrected = [] if run.status == "running" else list(self._changes(project, store, run, edit, now=now))
            ignored = {name: _ignored(before, store, run, name) for name in edit.ignore}
            store.apply([*others, *corrected])
            if settings != before:
                project.save_settings(settings)
            for name, one in ignored.items():
                self._remember((project.id, run.id, name), one)
            for name in edit.restore:
                self._ignored.pop((project.id, run.id, name), None)

    def _restored(self, settings: Settings, project: Project, run: Run, edit: RunEdit) -> Settings:
        """The settings with what was ignored as it was before: watched, or neither watched nor ignored."""
        names = edit.restore
        settings = replace(settings, ignore=tuple(name for name in settings.ignore if name not in names))
        for name in names:
            known = self._ignored.get((project.id, run.id, name))
            if known is not None and name in known.settings.watch_params:
                settings = settings.watching(params=(name,))
            elif known is not None and name in known.settings.watch_metrics:
                settings = settings.watching(metrics=(name,))
        return settings

    def _changes(self, project: Project, store: Store, run: Run, edit: RunEdit, *, now: float) -> Iterator[Change]:
        held = {metric.key for metric in store.metrics([run.id])}
        for name in edit.restore:
            known = self._ignored.get((project.id, run.id, name))
            if known is not None:
                yield from known.values()
        points = tuple((name, 0, number) for name, number in edit.take.items() if name not in held)
        if points:
            yield PointsLogged.of(run_id=run.id, at=now, points=points, origin="inferred", reason=BY_HAND)
        if edit.ignore:
            yield ValuesWithdrawn(run_id=run.id, keys=edit.ignore)

    def _remember(self, key: tuple[str, str, str], ignored: _Ignored) -> None:
        self._ignored[key] = ignored
        self._ignored.move_to_end(key)
        if len(self._ignored) > _MOST:
            self._ignored.popitem(last=False)


def _kinds(store: Store, run: Run, edit: RunEdit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which names are watched as params, and which as metrics: as in the run, else by the name."""
    of_run = {metric.key for metric in store.metrics([run.id])}
    set_in_run = {param.key for param in store.params([run.id])}
    metrics = dict.fromkeys(edit.take)
    for name in edit.watch:
        if name in of_run or (name not in set_in_run and metric_reason(name)):
            metrics[name] = None
    return tuple(name for name in edit.watch if name not in metrics), tuple(metrics)


def _ignored(settings: Settings, store: Store, run: Run, name: str) -> _Ignored:
    """What the name is before it is ignored; of a run that goes on the kernel knows more."""
    if run.status == "running":
        return _Ignored(settings)
    params = (one for one in store.params([run.id]) if one.key == name and one.origin == "inferred")
    metrics = (one for one in store.metrics([run.id]) if one.key == name and one.origin == "inferred")
    metric = next(metrics, None)
    curve = None if metric is None else (metric, store.series(run.id, name))
    return _Ignored(settings, next(params, None), curve)


def _param_changes(param: Param) -> Iterator[Change]:
    for value in (*param.earlier, param.value):
        yield param_set(replace(param, value=value))


def _metric_changes(metric: Metric, series: Series) -> Iterator[Change]:
    layout = RowLayout(
        run_id=metric.run_id,
        keys=(metric.key,),
        reasons=(metric.reason,),
        origin=metric.origin,
        execution_id=metric.execution_id,
    )
    columns = (series.times.tolist(), series.steps.tolist(), series.values.tolist())
    yield PointsLogged.in_rows(layout, zip(*columns, strict=True))
