"""``%track``: what each command does."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from nbtrail.analysis.lexicon import metric_reason
from nbtrail.analysis.metrics import scalar
from nbtrail.errors import MagicError, NbtrailError
from nbtrail.notebook.grammar import help_text, parse_cell_line, parse_line
from nbtrail.notebook.status import status_text
from nbtrail.notebook.words import read_pairs
from nbtrail.tracking import active_run, current_project
from nbtrail.tracking.values import to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.notebook.capture import Capture
    from nbtrail.notebook.grammar import Command
    from nbtrail.project import Project, Settings
    from nbtrail.tracking import Run

_NOTHING_LOGGED: Final = "Nothing of this line was recorded; write acc=0.93, or acc=NAME with a number's name."


@magics_class
class TrackMagics(Magics):
    """The magic ``track``.

    Parameters
    ----------
    shell
        Whose names values may use.
    capture
        What the commands start, stop and ask.
    """

    def __init__(self, shell: InteractiveShell, capture: Capture) -> None:
        super().__init__(shell)
        self._capture = capture
        self._shell = shell

    @no_var_expand
    @line_cell_magic
    def track(self, line: str, cell: str | None = None) -> None:
        """Track this notebook's experiments; `%track help` lists the commands."""
        try:
            if cell is None:
                self._do(parse_line(line), line.strip())
            else:
                parse_cell_line(line)
                raise MagicError(line, problem="%%track has to be the first line of its cell")
        except NbtrailError as error:
            # One clear line: IPython shows no traceback for it.
            raise UsageError(str(error)) from error

    def _do(self, command: Command, line: str) -> None:
        name = command.verb.name
        if not name:
            self._begin()
            return
        do: Callable[[Command, str], None] = getattr(self, f"_{name}")
        do(command, line)

    def _begin(self) -> None:
        run = self._capture.ambient
        if run is None:
            self._capture.start()
        else:
            print(f"Tracking goes on: run {run.name!r} since cell {self._capture.started_in}.")  # noqa: T201
            self._capture.show_card()

    def _start(self, command: Command, _line: str) -> None:
        before = self._capture.ambient
        name = command.words[0] if command.words else None
        self._capture.start(name, tags=command.options.get("--tag", ()), note=command.option("--note") or "")
        if before is not None:
            print(f"Run {before.name!r} ended when this one began.")  # noqa: T201

    def _stop(self, _command: Command, line: str) -> None:
        run = self._capture.stop()
        if run is None:
            raise MagicError(line, problem="no run goes on", hint="`%track` or `%track start NAME` begins one.")
        print(f"Run {run.name!r} finished.")  # noqa: T201

    def _log(self, command: Command, line: str) -> None:
        values = read_pairs(command.words, self._shell.user_ns, line=line)
        step = command.option("--step")
        for name, value in values.items():
            try:
                to_number(value)
            except (TypeError, ValueError, OverflowError) as error:
                raise MagicError(line, problem=f"{name} is no number: {value!r:.80}", hint=_NOTHING_LOGGED) from error
        self._active(line).log(values, step=None if step is None else self._step(step, line))

    def _param(self, command: Command, line: str) -> None:
        self._active(line).set_params(read_pairs(command.words, self._shell.user_ns, line=line))

    def _tag(self, command: Command, line: str) -> None:
        self._active(line).add_tags(*command.words)

    def _note(self, command: Command, line: str) -> None:
        self._active(line).note(command.words[0])

    def _artifact(self, command: Command, line: str) -> None:
        self._active(line).log_artifact(command.words[0], command.option("--name"))

    def _watch(self, command: Command, _line: str) -> None:
        project = current_project()
        settings = _settings_to_change(project)
        metrics = [name for name in command.words if self._is_metric(name)]
        params = [name for name in command.words if name not in metrics]
        project.save_settings(
            replace(
                settings,
                watch_params=_with(settings.watch_params, params, without=metrics),
                watch_metrics=_with(settings.watch_metrics, metrics, without=params),
                ignore=_with(settings.ignore, [], without=command.words),
            )
        )
        self._take_now(params, metrics)
        said = [f"{', '.join(params)} as param"] * bool(params) + [f"{', '.join(metrics)} as metric"] * bool(metrics)
        print(f"From here on this project takes {' and '.join(said)}.")  # noqa: T201

    def _ignore(self, command: Command, _line: str) -> None:
        project = current_project()
        settings = _settings_to_change(project)
        project.save_settings(
            replace(
                settings,
                watch_params=_with(settings.watch_params, [], without=command.words),
                watch_metrics=_with(settings.watch_metrics, [], without=command.words),
                ignore=_with(settings.ignore, command.words, without=()),
            )
        )
        print(f"From here on this project leaves out {', '.join(command.words)}.")  # noqa: T201

    def _runs(self, command: Command, _line: str) -> None:
        from nbtrail.notebook.table import show_runs

        filter_text = command.words[0] if command.words else ""
        self._capture.later(show_runs(filter_text, is_live=self._capture.has_front_end))

    def _compare(self, command: Command, _line: str) -> None:
        from IPython.display import display

        from nbtrail.reading.charts import compare
        from nbtrail.reading.diff import diff

        show = cast("Callable[[object], None]", display)
        show(compare(*command.words, metric=command.option("--metric")))
        if len(set(command.words)) > 1:
            show(diff(*command.words))

    def _diff(self, command: Command, _line: str) -> None:
        from IPython.display import display

        from nbtrail.reading.diff import diff

        cast("Callable[[object], None]", display)(diff(*command.words))

    def _export(self, command: Command, _line: str) -> None:
        from nbtrail.reading.export import export

        path, *runs = command.words
        print(f"Written: {export(path, runs, metric=command.option('--metric'))}")  # noqa: T201

    def _status(self, _command: Command, _line: str) -> None:
        print(status_text(current_project(), active_run(), self._capture.parts.off))  # noqa: T201

    def _off(self, _command: Command, _line: str) -> None:
        run = self._capture.stop()
        self._capture.leave()
        ended = f" Run {run.name!r} finished." if run is not None else ""
        print(f"Tracking is off.{ended} `%track` switches it on again.")  # noqa: T201

    def _help(self, _command: Command, _line: str) -> None:
        print(help_text())  # noqa: T201

    def _active(self, line: str) -> Run:
        run = active_run()
        if run is None:
            raise MagicError(line, problem="no run goes on", hint="`%track` or `%track start NAME` begins one.")
        return run

    def _step(self, text: str, line: str) -> int:
        value = read_pairs([f"step={text}"], self._shell.user_ns, line=line)["step"]
        try:
            return operator.index(value)
        except TypeError as error:
            raise MagicError(line, problem=f"--step {text} is no whole number") from error

    def _is_metric(self, name: str) -> bool:
        """What a watched name is: a metric by its name or because it was computed, else a param."""
        if metric_reason(name):
            return True
        value: Any = self._shell.user_ns.get(name)
        return not self._capture.values.is_literal(name) and scalar(value) is not None

    def _take_now(self, params: list[str], metrics: list[str]) -> None:
        run, namespace = self._capture.run, self._shell.user_ns
        if run is None:
            return
        snapshot = run.snapshot()
        logged = {param.key for param in snapshot.params if param.origin == "logged"}
        logged |= {metric.key for metric in snapshot.metrics if metric.origin == "logged"}
        taken = self._capture.bound - logged
        for name in params:
            if name in namespace and name in taken:
                run.set_params({name: namespace[name]}, origin="inferred", reasons={name: "watched"})
        for name in metrics:
            number = scalar(namespace.get(name))
            if number is not None and name in taken:
                run.log({name: number}, origin="inferred", reason="watched")


def _with(names: tuple[str, ...], added: list[str] | tuple[str, ...], *, without: Any) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*names, *added)) if name not in without)


def _settings_to_change(project: Project) -> Settings:
    problem = project.settings_problem()
    if problem is not None:
        raise problem
    return project.settings()
