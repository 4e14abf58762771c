"""What differs between runs, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nbtrail.reading.text import format_apart, format_duration, format_number

if TYPE_CHECKING:
    import pandas as pd

    from nbtrail.records import Json, Run

Level: TypeAlias = Literal["params", "metrics", "data", "environment", "duration"]
SURROUNDINGS: Final = ("env.python", "env.platform", "git.branch", "git.commit")
"""Rows of the environment that are there whether they differ or not."""
_METRIC_DIGITS: Final = 6
_DELTA_DIGITS: Final = 3
_COMMIT_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a value is from the baseline's."""

    value: float
    better: bool | None
    """``None`` where there is no difference, or where it cannot be told."""

    @property
    def text(self) -> str:
        """Three significant digits, with a minus where the value is below the baseline's."""
        return format_number(self.value, digits=_DELTA_DIGITS)

    @property
    def mark(self) -> str:
        """``▲ .012`` above the baseline's value, ``▼ .021`` below, ``±0`` beside it."""
        if self.value == 0:
            return "±0"
        size = format_number(abs(self.value), digits=_DELTA_DIGITS)
        size = size[1:] if size.startswith("0.") else size
        return f"{'▼' if self.value < 0 else '▲'} {size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One thing of which each run has a value."""

    level: Level
    name: str
    """``params.lr``, ``metrics.acc`` as in the filter language; ``data.train``, ``data.train[age]`` for a column of it,
    ``env.scikit-learn``, ``module.features.py`` (a digest), ``machine.cpu``, ``git.commit``, ``duration``.
    """
    values: tuple[Json, ...]
    """One a run, in the order of the runs; ``None`` also where a run has none."""
    present: tuple[bool, ...]
    """Which runs have a value."""
    differs: bool
    best: int | None = None
    """The place of the best run; ``None`` where there is no better or worse."""
    deltas: tuple[Delta | None, ...] | None = None
    """Differences to the baseline, ``None`` for itself; ``None`` for rows that are not measured against it."""
    note: str = ""
    """``last`` for a metric with more than one point, ``written`` for data that was written."""
    shown: tuple[str | None, ...] | None = None
    """The values as texts, where they do not speak for themselves."""

    @property
    def label(self) -> str:
        """The name, with the note in brackets."""
        return f"{self.name} ({self.note})" if self.note else self.name

    def texts(self) -> tuple[str | None, ...]:
        """The values ready to show, with enough digits to tell them apart; ``None`` where a run has none."""
        if self.shown is not None:
            return self.shown
        there = [value for value, present in zip(self.values, self.present, strict=True) if present]
        if self.level == "duration":
            shown = [format_duration(value) for value in there]
        elif self.name == "git.commit":
            shown = [_short_commit(value) for value in there]
        elif self.level == "metrics":
            shown = format_apart(there, most_digits=_METRIC_DIGITS)
        else:
            shown = format_apart(there)
        rest = iter(shown)
        return tuple(next(rest) if present else None for present in self.present)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of a difference in code."""

    op: Literal["-", "+", " "]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDiff:
    """How one cell differs from one run to others that all have the same text."""

    before: str
    """The name of the run that is compared with."""
    after: tuple[str, ...]
    """Names of the runs that have the other text."""
    number: int | None
    """The ``n`` of ``In[n]``, of the run compared with, or of the other if the cell is new."""
    lines: tuple[CodeLine, ...]
    """What changed with three lines around it; ``⋯`` stands for what is the same and left out."""

    @property
    def title(self) -> str:
        """Such as ``cell [12] · calm-heron → swift-otter``."""
        cell = "cell" if self.number is None else f"cell [{self.number}]"
        return f"{cell} · {self.before} → {', '.join(self.after)}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diff:
    """What differs between runs, level by level, what differs first."""

    runs: tuple[Run, ...]
    baseline: int
    """The place of the run that the others are measured against."""
    rows: tuple[DiffRow, ...]
    """Params, metrics, data, environment, duration; within each what differs comes first."""
    code: tuple[CellDiff, ...]
    """Cells whose code differs from the baseline's, in its order."""
    cells: int
    """How many cells differ; one that differs in several ways counts once."""
    datasets: int = 0
    """How much of the data that was read differs."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the runs."""
        return tuple(run.name for run in self.runs)

    @property
    def summary(self) -> str:
        """Such as ``2 of 14 params, 3 cells, 1 module, 1 package``; ``nothing`` if they ran with the same."""
        params = [row for row in self.rows if row.level == "params"]
        other = [row.differs for row in params]
        differing = [row.name for row in self.rows if row.level == "environment" and row.differs]
        around = [name for name in differing if name in SURROUNDINGS]
        modules = sum(name.startswith("module.") for name in differing)
        machine = [name for name in differing if name.startswith("machine.")]
        packages = len(differing) - len(around) - modules - len(machine)
        parts = [
            f"{sum(other)} of {_counted(len(params), 'param')}" if any(other) else "",
            _counted(self.cells, "cell") if self.cells else "",
            _counted(self.datasets, "dataset") if self.datasets else "",
            _counted(modules, "module") if modules else "",
            _counted(packages, "package") if packages else "",
            *(name.partition(".")[2] for name in around),
            "machine" if machine else "",
        ]
        return ", ".join(part for part in parts if part) or "nothing"

    def frame(self) -> pd.DataFrame:
        """The rows as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``level`` and ``name``: a column of JSON values for each run, in order, then ``differs``
            (bool). What a run lacks is None.
        """
        import pandas as pd

        index = pd.MultiIndex.from_tuples([(row.level, row.name) for row in self.rows], names=["level", "name"])
        columns = {
            name: pd.Series([row.values[place] for row in self.rows], index=index, dtype=object)  # noqa: PD011 - no pandas yet
            for place, name in enumerate(self.names)
        }
        return pd.DataFrame({**columns, "differs": [row.differs for row in self.rows]}, index=index)

    def to_text(self, *, show_all: bool = False, width: int | None = None) -> str:
        """A plain table, and the code below it.

        Parameters
        ----------
        show_all
            Also the rows that are the same.
        width
            Characters of a line. Where the table is wider, each row becomes a block of lines, one a run. As wide as it
            takes if left out.
        """
        from nbtrail.reading.diff.plain import plain

        return plain(self, show_all=show_all, width=width)

    def _repr_html_(self) -> str:
        from nbtrail.reading.diff.html import html

        return html(self)

    def __repr__(self) -> str:
        return f"What differs ({self.summary})\n{self.to_text()}"


def is_number(value: Json) -> bool:
    """Whether a value is a number that can be measured."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _short_commit(value: str) -> str:
    commit, _, rest = value.partition(" ")
    return f"{commit[:_COMMIT_DIGITS]} {rest}".rstrip()
