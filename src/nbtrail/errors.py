"""Every deliberate error of nbtrail.

::

    NbtrailError
    ├── InputError (ValueError)          something that was asked for makes no sense
    │   ├── FilterError                  a filter, sort key or column has a mistake in it
    │   ├── NameTakenError               a run is to be renamed to a name in use
    │   ├── MagicError                   a %track line that cannot be understood
    │   ├── SettingsError                a settings.toml with a mistake in it
    │   ├── ChartError                   a comparison that cannot be drawn as asked
    │   ├── SqlError                     a statement of SQL that cannot be run
    │   ├── UnstorableError              what a record holds has no place in any store
    │   └── FileTakenError               a file is in the way of one that was to be written
    ├── NotFoundError (LookupError)      something that was asked for is not there
    │   ├── RunNotFoundError
    │   ├── MetricNotFoundError
    │   └── FileMissingError             an artifact, or a file to log, is not there
    └── StoreError                       the store cannot serve
        ├── StoreUnreadableError         the file is no store, or it is damaged
        │   └── PointsDamagedError       some points are; all else can be read
        ├── StoreReadOnlyError           it can be read but not written
        ├── StoreTooNewError             a newer nbtrail wrote it
        └── StoreUnsupportedError        no engine for that address

    NbtrailWarning (UserWarning)         said once, where the user looks; the work goes on
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType


_HOME: Final = f"{Path(__file__).parent}{os.sep}"
_STANDARD: Final = f"{Path(os.__file__).parent}{os.sep}"
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


class NbtrailWarning(UserWarning):
    """Something that the user should know; nothing was lost and the work goes on."""


class NbtrailError(Exception):
    """The root of every error that nbtrail raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: one message and the user's own line, for the fault is in what was asked for."""
        return [f"{type(self).__name__}: {self}", *_users_line(self.__traceback__)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as it stands, so that a worker process hands it on whole."""
        return _restore, (type(self), self.args, self.__dict__)


def _users_line(trace: TracebackType | None) -> list[str]:
    """The innermost line of the user's; of a library's where the user has none."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(trace) if not _is_pythons_or_ours(frame.filename)]
    shown = [frame for frame in frames if is_users_code(frame.filename)] or frames
    if not shown:
        return []
    where = "" if shown[-1].name in {"<module>", "<cell line>"} else f" in {shown[-1].name}"
    return [f"  line {shown[-1].lineno}{where}: {shown[-1].line}"]


def is_users_code(filename: str) -> bool:
    """Whether the user wrote the code that lies there: it is not nbtrail's, Python's or an installed library's."""
    return not _is_pythons_or_ours(filename) and not _is_installed(filename)


def _is_pythons_or_ours(filename: str) -> bool:
    """Whether it is such as ``contextlib``, which stands between the user and many a context manager."""
    is_standard = filename.startswith(("<frozen ", _STANDARD)) and not _is_installed(filename)
    return is_standard or filename.startswith(_HOME)


def _is_installed(filename: str) -> bool:
    # Frames of Cython's code bear no path but that of its source.
    return filename.endswith((".pyx", ".pxi")) or not _INSTALLED.isdisjoint(re.split(r"[/\\]", filename))


def _restore(kind: type[NbtrailError], args: tuple[Any, ...], values: dict[str, Any]) -> NbtrailError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


# --- input -----------------------------------------------------------------------------------------


class InputError(NbtrailError, ValueError):
    """Something that was asked for makes no sense."""


class FilterError(InputError):
    """A filter, sort key or column has a mistake in it."""

    def __init__(self, text: str, *, column: int, problem: str, hint: str = "") -> None:
        self.text = text
        self.column = column
        """Where the mistake begins, counted from 0."""
        self.problem = problem
        self.hint = hint
        pointer = f"  {text}\n  {' ' * column}^"
        tail = f" {hint}" if hint else ""
        super().__init__(f"{problem} (column {column + 1}).{tail}\n{pointer}")


class NameTakenError(InputError):
    """A run is to be renamed to a name that another run of the project has."""

    def __init__(self, name: str, *, holder: str) -> None:
        self.name = name
        self.holder = holder
        super().__init__(f"the name {name!r} belongs to run {holder}. Choose another, or rename that run first.")


class MagicError(InputError):
    """A ``%track`` line that cannot be understood."""

    def __init__(self, line: str, *, problem: str, hint: str = "", magic: str = "%track") -> None:
        self.line = line
        self.problem = problem
        self.hint = hint
        written = f"{magic} {line}".strip()
        super().__init__(f"{written}: {problem}. {hint or '`%track help` shows what can be written.'}")


class SettingsError(InputError):
    """A project's ``settings.toml`` has a mistake in it."""

    def __init__(self, path: str | Path, *, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{path} has a mistake: {reason}. It was left as it is; mend or remove it.")


class ChartError(InputError):
    """A comparison that cannot be drawn as asked."""


class SqlError(InputError):
    """A statement of SQL that cannot be run."""


class UnstorableError(InputError):
    """What a record holds has no place in a store, whatever state that is in; ``reason`` is why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class FileTakenError(InputError):
    """A file is in the way of one that was to be written."""

    def __init__(self, path: str | Path, *, way_out: str = "force=True (on the command line --force)") -> None:
        self.path = str(path)
        super().__init__(f"{str(path)!r} is there already and was left as it is. {way_out} replaces it.")


# --- not found -------------------------------------------------------------------------------------


class NotFoundError(NbtrailError, LookupError):
    """Something that was asked for is not there."""


class RunNotFoundError(NotFoundError):
    """No run in the store has the name or id that was asked for."""

    def __init__(self, wanted: str, *, store: str, similar: Sequence[str] = (), is_empty: bool = False) -> None:
        self.wanted = wanted
        self.similar = tuple(similar)
        self.is_empty = is_empty
        """Whether there is no run at all."""
        if is_empty:
            way = "Write `%track` in a notebook there, or try `nbtrail demo`."
            super().__init__(f"no run {wanted!r}: there are no runs yet in {store}. {way}")
            return
        hint = f" Did you mean {similar[0]!r}?" if similar else ""
        super().__init__(f"no run {wanted!r} in {store}.{hint} `%track runs` or `nbtrail runs` lists them.")


class MetricNotFoundError(NotFoundError):
    """None of the runs has the metric that was asked for."""

    def __init__(self, wanted: str, *, known: Sequence[str] = (), similar: Sequence[str] = ()) -> None:
        self.wanted = wanted
        self.known = tuple(known)
        hint = f" Did you mean {similar[0]!r}?" if similar else ""
        listed = f" They have: {', '.join(known[:12])}." if known else " They have no metrics yet."
        super().__init__(f"no metric {wanted!r} in these runs.{hint}{listed}")


class FileMissingError(NotFoundError):
    """A file that was to be logged or read is not there."""

    def __init__(self, path: str | Path, *, purpose: str) -> None:
        self.path = str(path)
        super().__init__(f"no file {str(path)!r} to {purpose}. Check the path; it is taken from the working directory.")


# --- store -----------------------------------------------------------------------------------------


class StoreError(NbtrailError):
    """The store cannot serve."""


class StoreUnreadableError(StoreError):
    """The file is no store, or it is damaged."""

    def __init__(self, path: str | Path, *, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(
            f"{path} cannot be read as an nbtrail store: {reason}. Move the file aside to start afresh, "
            "or put a backup in its place; `nbtrail doctor` tells more."
        )


class PointsDamagedError(StoreUnreadableError):
    """The points of one metric of one run are damaged; everything else in the store can be read."""

    def __init__(self, path: str | Path, *, run: str, metric: str, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        self.run = run
        """The run's name."""
        self.metric = metric
        StoreError.__init__(
            self,
            f"the points of {metric!r} of run {run!r} are damaged on the disk ({reason}). Everything else in {path} can"
            " be read: leave out this metric or this run. `nbtrail doctor --deep` finds all that is damaged and"
            " `--salvage` copies all that is whole; an older backup has the points.",
        )


class StoreReadOnlyError(StoreError):
    """The store can be read but not written."""

    def __init__(self, path: str | Path, *, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(
            f"{path} cannot be written: {reason}. Make the folder writable, or set NBTRAIL_STORE to one that is."
        )


class StoreTooNewError(StoreError):
    """A newer nbtrail wrote this store; it was left as it is."""

    def __init__(self, path: str | Path, *, unknown: Sequence[str]) -> None:
        self.path = str(path)
        self.unknown = tuple(unknown)
        super().__init__(
            f"{path} was written by a newer nbtrail (it has {', '.join(unknown)}). Nothing was changed. "
            "Update with `pip install -U nbtrail`."
        )


class StoreUnsupportedError(StoreError):
    """No engine serves that address."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"no engine serves the store {url!r}. Give NBTRAIL_STORE a folder, or the path of an SQLite file."
        )
