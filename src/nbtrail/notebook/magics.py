"""``%track``: what each command does."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from nbtrail.errors import MagicError, NbtrailError
from nbtrail.notebook.corrections import ignore, watch
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
    from nbtrail.tracking import Run

_NOTHING_LOGGED: Final = "Nothing of this line was recorded; write acc=0.93, or acc=NAME with a number's name."


def say_misplaced(line: str) -> None:
    """Refuse a ``%%track`` that is not where a cell's magic stands."""
    problem = "code stands above it in its cell"
    hint = "Only comments may. The lines above it have run, those below have not."
    raise UsageError(str(MagicError(line, problem=problem, hint=hint, magic="%%track")))


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
                say_misplaced(line)
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
        capture = self._capture
        params, metrics = watch(command.words, capture.run, capture.values, capture.bound)
        said = [f"{', '.join(params)} as param"] * bool(params) + [f"{', '.join(metrics)} as metric"] * bool(metrics)
        print(f"From here on this project takes {' and '.join(said)}.")  # noqa: T201

    def _ignore(self, command: Command, _line: str) -> None:
        ignore(command.words, self._capture.run)
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
        print(status_text(current_project(), active_run(), self._capture.parts.off, is_on=self._capture.is_on))  # noqa: T201

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
