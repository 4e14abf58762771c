"""The user corrects what was inferred: by ``%track watch`` and ``%track ignore``, or by a click on a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtrail.analysis.lexicon import metric_reason
from nbtrail.analysis.metrics import scalar
from nbtrail.tracking import current_project

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbtrail.notebook.values import Values
    from nbtrail.project import Project
    from nbtrail.tracking import Run


def watch(names: Sequence[str], run: Run | None, values: Values, bound: Collection[str]) -> tuple[list[str], list[str]]:
    """Always take these names from here on, in the whole project; in a run that goes on, take what they hold now.

    Parameters
    ----------
    names
        What the user watches.
    run
        The run that goes on.
    values
        What is known of the notebook's names.
    bound
        Names that the run's cells have bound: what others hold is none of the run's.

    Returns
    -------
    tuple of list of str
        Those that are taken as params, and those that are taken as metrics.

    Raises
    ------
    SettingsError
        ``settings.toml`` cannot be read or written.
    """
    proposed = {one.key for one in run.proposed} if run is not None else set()
    metrics = [name for name in names if name in proposed or _is_metric(name, values)]
    params = [name for name in names if name not in metrics]
    project = _project_to_change()
    project.save_settings(project.settings().watching(params=params, metrics=metrics))
    if run is not None:
        namespace = {name: value for name, value in values.namespace.items() if name in bound}
        take(run, namespace, params=params, metrics=metrics)
    return params, metrics


def ignore(names: Sequence[str], run: Run | None) -> None:
    """Never take these names from here on, in the whole project; a run that goes on gives back what was inferred.

    Raises
    ------
    SettingsError
        ``settings.toml`` cannot be read or written.
    """
    project = _project_to_change()
    project.save_settings(project.settings().ignoring(names))
    if run is not None:
        run.withdraw(*names)


def take_proposed(name: str, run: Run) -> None:
    """Always take a name as a metric from here on, and take the number that the run proposes for it.

    Raises
    ------
    SettingsError
        ``settings.toml`` cannot be read or written.
    """
    project = _project_to_change()
    project.save_settings(project.settings().watching(metrics=[name]))
    take(run, {}, params=(), metrics=[name])


def take(run: Run, namespace: Mapping[str, Any], *, params: Iterable[str], metrics: Iterable[str]) -> None:
    """Record what watched names hold now; what the user logged is left alone."""
    origins = [*run.param_origins().items(), *run.metric_origins().items()]
    logged = {key for key, origin in origins if origin == "logged"}
    proposed = {one.key: one for one in run.proposed}
    for name in params:
        if name in namespace and name not in logged:
            run.set_params({name: namespace[name]}, origin="inferred", reasons={name: "watched"})
    for name in metrics:
        number = scalar(namespace.get(name))
        if name in logged:
            continue
        if name in proposed:
            run.log({name: proposed[name].value}, origin="inferred", reason=f"watched; {proposed[name].reason}")
        elif number is not None:
            run.log({name: number}, origin="inferred", reason="watched")


def _is_metric(name: str, values: Values) -> bool:
    """What a watched name is: a metric by its name or because it was computed, else a param."""
    if metric_reason(name):
        return True
    return not values.is_literal(name) and scalar(values.namespace.get(name)) is not None


def _project_to_change() -> Project:
    project = current_project()
    problem = project.settings_problem()
    if problem is not None:
        raise problem
    return project
