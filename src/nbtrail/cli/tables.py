"""Runs as tables in a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nbtrail.reading.datasets import format_extent
from nbtrail.reading.text import format_ago, format_duration, format_origin, format_value

if TYPE_CHECKING:
    import pandas as pd

    from nbtrail.project import Project
    from nbtrail.reading.diff import Diff
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

_STATUS = {"running": "blue", "finished": "green", "failed": "red", "interrupted": "yellow", "lost": "magenta"}
_COLUMNS = 8
"""So many params and metrics fit beside each other; the rest is named below."""


def print_runs(runs: pd.DataFrame, *, project: Project, filtered: bool) -> None:
    """Print one line a run: name, status, start, duration, then params and metrics, those that vary first."""
    console = open_console()
    if runs.empty:
        console.print(_nothing(project, filtered=filtered))
        return
    shown, hidden = _choose_columns(runs)
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for heading in ("started", "took", *(_short(column) for column in shown)):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in runs.to_dict("records"):
        values = [_text(row[column]) for column in shown]
        table.add_row(escape(_title(row)), _status(str(row["status"])), *_times(row), *map(escape, values))
    console.print(table)
    if hidden:
        console.print(f"[dim]also: {escape(', '.join(hidden))}[/]")


def print_run(store: Store, run: Run) -> None:
    """Print everything that is known of a run."""
    console = open_console()
    console.print(f"[bold]{escape(run.name)}[/]  {_status(run.status)}  [dim]{run.id}[/]")
    took = format_duration(run.duration_s if run.duration_s is not None else time.time() - run.started)
    began = format_ago(run.started, now=time.time())
    console.print(f"started {began} ago, took {took}, in {run.notebook or _place(store, run)}")
    for label, text in (("tags", ", ".join(run.tags)), ("note", run.note), ("error", run.error or "")):
        if text:
            console.print(f"{label}: {escape(text)}")
    _print_params(console, store, run)
    _print_metrics(console, store, run)
    _print_cells(console, store, run)
    _print_data(console, store, run)
    _print_environment(console, store, run)
    for artifact in store.artifacts(run.id):
        console.print(f"artifact {escape(artifact.path)}  [dim]{artifact.size} bytes, {artifact.digest[:12]}[/]")


def print_diff(diff: Diff, *, show_all: bool) -> None:
    """Print what differs between runs, then the lines of code."""
    console = open_console()
    console.print(f"[bold]What differs[/] [dim]({escape(diff.summary)})[/]")
    console.print(escape(diff.to_text(show_all=show_all)), highlight=False)


def _place(store: Store, run: Run) -> str:
    return "a notebook whose path is not known" if store.executions(run.id) else "a script"


def _print_params(console: Console, store: Store, run: Run) -> None:
    table = Table("param", "value", "why", box=None, header_style="dim", pad_edge=False)
    params = store.params([run.id])
    for param in params:
        why = f"[dim]{escape(format_origin(param.origin, param.reason))}[/]"
        table.add_row(escape(param.key), escape(format_value(param.value)), why)
    if params:
        console.print(table)


def _print_metrics(console: Console, store: Store, run: Run) -> None:
    table = Table("metric", "last", "min", "max", "points", "why", box=None, header_style="dim", pad_edge=False)
    metrics = sorted(store.metrics([run.id], system=True), key=lambda metric: metric.origin == "system")
    for metric in metrics:
        numbers = [format_value(number) for number in (metric.last, metric.min, metric.max)]
        why = f"[dim]{escape(format_origin(metric.origin, metric.reason))}[/]"
        table.add_row(escape(metric.key), *numbers, str(metric.count), why)
    if metrics:
        console.print(table)


def _print_cells(console: Console, store: Store, run: Run) -> None:
    for execution in store.executions(run.id):
        took = "" if execution.ended is None else format_duration(execution.ended - execution.started)
        first = next((line for line in execution.source.splitlines() if line.strip()), "")
        failed = f"  [red]{escape(execution.error)}[/]" if execution.error else ""
        console.print(f"[dim]{escape(f'[{execution.number}]')} {took:>6}[/]  {escape(first[:80])}{failed}")


def _print_data(console: Console, store: Store, run: Run) -> None:
    table = Table("data", "role", "kind", "size", "digest", box=None, header_style="dim", pad_edge=False)
    uses = store.datasets([run.id])
    for use in uses:
        seen = use.dataset
        digest = f"[dim]{seen.digest[:12]}{' sampled' if seen.sampled else ''}[/]"
        table.add_row(escape(use.name), use.role, escape(seen.kind), escape(format_extent(seen)), digest)
    if uses:
        console.print(table)


def _print_environment(console: Console, store: Store, run: Run) -> None:
    found = store.environment(run.environment_id) if run.environment_id else None
    if found is None:
        return
    commit = f", commit {found.git_commit[:10]}{' (dirty)' if found.git_dirty else ''}" if found.git_commit else ""
    console.print(f"Python {found.python} on {found.platform}, {len(found.packages)} packages{commit}")


def _choose_columns(runs: pd.DataFrame) -> tuple[list[str], list[str]]:
    fields = [column for column in runs.columns if column.startswith(("params.", "metrics."))]
    varied = [column for column in fields if len(runs) == 1 or len(set(runs[column].astype(str))) > 1]
    ordered = sorted(varied or fields, key=lambda column: column.startswith("params."))
    shown = sorted(ordered[:_COLUMNS], key=fields.index)
    return shown, [column for column in fields if column not in shown]


def _nothing(project: Project, *, filtered: bool) -> str:
    if not project.exists:
        return f"No runs yet in {escape(str(project.root))}: write `%track` in a notebook there, or try `nbtrail demo`."
    return "No run matches the filter." if filtered else "No runs yet."


def _title(row: dict[object, object]) -> str:
    tags = row["tags"]
    return f"{row['name']}{''.join(f' #{tag}' for tag in tags) if isinstance(tags, (list, tuple)) else ''}"


def _times(row: dict[object, object]) -> tuple[str, str]:
    started: pd.Timestamp = row["started"]  # type: ignore[assignment]
    duration = row["duration"]
    took = format_duration(float(duration)) if isinstance(duration, float) and duration == duration else "…"  # noqa: PLR0124
    return f"{format_ago(started.timestamp(), now=time.time())} ago", took


def _status(status: str) -> str:
    return f"[{_STATUS.get(status, 'default')}]●[/] {status}"


def _short(column: str) -> str:
    return column.split(".", 1)[1]


def open_console() -> Console:
    """A console as wide as the terminal; where there is none, wide enough for anything."""
    import sys

    return Console(width=None if sys.stdout.isatty() else 200, soft_wrap=not sys.stdout.isatty())


def _text(value: object) -> str:
    """A field of a run; what it lacks, and NaN, is a dash (``nbtrail show`` tells them apart)."""
    return "-" if value is None or value != value else format_value(value)  # noqa: PLR0124 - the test for NaN of any kind
