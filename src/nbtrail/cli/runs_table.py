"""Runs as a table in a terminal: as many params and metrics as are readable in its width."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from nbtrail.analysis.lexicon import choose_metric
from nbtrail.cli.terminal import cut, cut_middle, cut_start, is_bounded, literal, open_console
from nbtrail.housekeeping.counting import counted
from nbtrail.reading.text import format_ago, format_duration, format_value, visible
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from nbtrail.project import Project
    from nbtrail.settings import Settings

STATUS_COLORS: Final = {
    "running": "blue", "finished": "green", "failed": "red", "interrupted": "yellow", "lost": "magenta",
}  # fmt: skip
_DOT: Final = "● "
_ABSENT: Final = "-"
_SAME: Final = 2
_GAP: Final = 2
_WIDEST: Final = 24
"""Columns of a heading or value in a terminal."""
_SHORTEST_NAME: Final = 16
_FIRST_METRICS: Final = 3
_FIRST_PARAMS: Final = 3
"""What a narrow table is to hold: what came of a run and what was tried; then the others of each."""
_MOST_COLUMNS: Final = 12
_MOST_NAMED: Final = 20
_MOST_LOOKED_AT: Final = 60
"""Fields that are measured: the first to be shown, and more than any screen holds."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column ready to draw."""

    heading: str
    texts: tuple[str, ...]

    @property
    def width(self) -> int:
        return max(cell_len(text) for text in (self.heading, *self.texts))


def print_runs(runs: pd.DataFrame, *, project: Project, filtered: bool) -> None:
    """Print one line a run: name, status, start, duration, then metrics and the params that vary.

    Those that there is no room for are named below.
    """
    console = open_console()
    if runs.empty:
        console.print(literal(_nothing(project, filtered=filtered)))
        return
    width = console.width
    name, status, *times = _lead(runs)
    name_width = min(name.width, max(_SHORTEST_NAME, width * 3 // 10))
    room = width - name_width - _GAP - status.width
    longest = _WIDEST if is_bounded(console) else width
    columns, others = _columns(runs, project.settings(), room, longest)
    lead = [status, *_fitting(times, room - _needed(columns, room))]
    room = width - name_width - _taken(lead)
    chosen, hidden = _choose(columns, room)
    hidden += others
    rest = max(0, room - _taken(chosen))
    names = tuple(_fit_title(*row, name_width + rest) for row in zip(runs["name"], name.texts, strict=True))
    console.print(_table(_Column(name.heading, names), lead, chosen))
    if hidden:
        more = f" and {len(hidden) - _MOST_NAMED:,} more" if len(hidden) > _MOST_NAMED else ""
        console.print(literal(f"also: {', '.join(hidden[:_MOST_NAMED])}{more}", "dim"))


def _taken(columns: Iterable[_Column]) -> int:
    return sum(column.width + _GAP for column in columns)


def _fitting(columns: Sequence[_Column], room: int) -> list[_Column]:
    """As many of the first as there is room for, in a very narrow terminal."""
    return [column for place, column in enumerate(columns, start=1) if _taken(columns[:place]) <= room]


def _needed(columns: Mapping[str, _Column], room: int) -> int:
    """What the first column takes: it is worth more than times."""
    first = _taken(list(columns.values())[:1])
    return first if first <= room else 0


def mark_status(status: str) -> Text:
    """A status for rich, with its dot."""
    return Text.assemble(("●", STATUS_COLORS.get(status, "default")), f" {status}")


def _table(name: _Column, lead: Sequence[_Column], fields: Sequence[_Column]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("name", style="bold", no_wrap=True)
    for column in (*lead, *fields):
        is_status = column is lead[0]
        table.add_column(literal(column.heading), justify="left" if is_status else "right", no_wrap=True)
    status, *others = lead
    texts = zip(name.texts, *(column.texts for column in (status, *others, *fields)), strict=True)
    for title, dotted, *row in texts:
        table.add_row(literal(title), mark_status(dotted.removeprefix(_DOT)), *map(literal, row))
    return table


# --- what every table has --------------------------------------------------------------------------


def _lead(runs: pd.DataFrame) -> list[_Column]:
    """Name, status, start and duration."""
    now = time.time()
    titles = tuple(visible(_title(*row)) for row in zip(runs["name"], runs["tags"], strict=True))
    statuses = tuple(f"{_DOT}{status}" for status in runs["status"])
    started = tuple(f"{format_ago(moment.timestamp(), now=now)} ago" for moment in runs["started"])
    took = tuple(format_duration(second) if second == second else "…" for second in runs["duration"])  # noqa: PLR0124
    return [_Column("name", titles), _Column("status", statuses), _Column("started", started), _Column("took", took)]


def _title(name: str, tags: object) -> str:
    return f"{name}{''.join(f' #{tag}' for tag in tags) if isinstance(tags, (list, tuple)) else ''}"


def _fit_title(name: str, title: str, width: int) -> str:
    """A title in so many columns; names that differ at their ends, as counted ones do, go on differing."""
    name = visible(name)
    return cut(title, width) if cell_len(name) < width else cut_middle(name, width)


def _nothing(project: Project, *, filtered: bool) -> str:
    if not project.exists:
        return f"No runs yet in {project.root}: write `%track` in a notebook there, or try `nbtrail demo`."
    if filtered:
        return "No run matches the filter."
    with reader(project) as reading:
        trashed = reading.store.count(RunQuery(trashed=True))
    if trashed:
        there = counted(trashed, "run")
        return f"No runs but {there} in the trash: `nbtrail trash` lists them, `nbtrail restore NAME` brings one back."
    return "No runs yet."


# --- which params and metrics ----------------------------------------------------------------------


def _columns(runs: pd.DataFrame, settings: Settings, room: int, longest: int) -> tuple[dict[str, _Column], list[str]]:
    """Columns that are worth showing, the worthiest first, and the names of all other fields.

    The first has as much of its heading as there is room for.
    """
    fields = [str(column) for column in runs.columns if str(column).startswith(("params.", "metrics."))]
    wanted = _wanted(runs, fields, settings)
    columns = {field: _column(field, runs[field], longest) for field in wanted[:_MOST_LOOKED_AT]}
    for field in wanted[:1]:
        heading = cut_start(columns[field].heading, max(1, room - _GAP))
        columns[field] = replace(columns[field], heading=heading)
    return columns, [field for field in dict.fromkeys([*wanted, *fields]) if field not in columns]


def _choose(columns: Mapping[str, _Column], room: int) -> tuple[list[_Column], list[str]]:
    """The columns that fit, metrics before params, and the names of the others."""
    chosen: dict[str, _Column] = {}
    for field, column in columns.items():
        if column.width + _GAP <= room and len(chosen) < _MOST_COLUMNS:
            chosen[field] = column
            room -= column.width + _GAP
    shown = sorted(chosen, key=lambda field: field.startswith("params."))
    return [chosen[field] for field in shown], [field for field in columns if field not in chosen]


def _wanted(runs: pd.DataFrame, fields: Sequence[str], settings: Settings) -> list[str]:
    """Fields that are worth a column, the worthiest first."""
    if chosen := [field for field in settings.columns if field in fields]:
        return chosen
    metrics = list(_metrics({field: int(runs[field].notna().sum()) for field in fields if _is_metric(field)}, settings))
    ranks = {field: _rank(runs[field]) for field in fields if not _is_metric(field)}
    # What is the same in all runs tells them apart from none, unless there is nothing else to tell.
    is_varied = any(rank < _SAME for rank in ranks.values())
    params = [field for field, rank in ranks.items() if rank < _SAME or not is_varied]
    params.sort(key=lambda field: (ranks[field], "." in _short(field), len(_short(field)) > _WIDEST))
    swept = [field for field in params if ranks[field] == 0 and "." not in _short(field)][:_FIRST_PARAMS]
    return list(dict.fromkeys([*metrics[:1], *swept, *metrics[:_FIRST_METRICS], *params, *metrics]))


def _rank(values: pd.Series[Any]) -> int:
    """0 for a param of which runs have different values, 1 for one that some runs lack, ``_SAME`` for the same."""
    present = [str(value) for value in values if not _is_absent(value)]
    if len(set(present)) > 1:
        return 0
    return _SAME if len(present) == len(values) else 1


def _metrics(counts: Mapping[str, int], settings: Settings) -> Iterator[str]:
    """The metrics that may be shown, the project's own first."""
    left = {_short(field): count for field, count in counts.items() if count}
    if settings.metric is not None and left.pop(settings.metric, 0):
        yield f"metrics.{settings.metric}"
    for _ in range(_MOST_COLUMNS):
        best = choose_metric(left)
        if best is None:
            return
        del left[best]
        yield f"metrics.{best}"


def _column(field: str, values: Iterable[object], longest: int) -> _Column:
    texts = tuple(cut(visible(_text(value)), longest) for value in values)
    return _Column(cut_start(visible(_short(field)), longest), texts)


def _is_metric(field: str) -> bool:
    return field.startswith("metrics.")


def _short(field: str) -> str:
    return field.split(".", 1)[1]


def _text(value: Any) -> str:
    """A field of a run; what it lacks, and NaN, is a dash (``nbtrail show`` tells them apart)."""
    return _ABSENT if _is_absent(value) else format_value(value)


def _is_absent(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN
