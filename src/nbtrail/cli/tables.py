"""One run, and what differs between runs, in a terminal."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from nbtrail.cli.runs_table import mark_status
from nbtrail.cli.terminal import cut, is_bounded, literal, open_console
from nbtrail.reading.datasets import format_extent
from nbtrail.reading.text import format_ago, format_duration, format_origin, format_value, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from nbtrail.reading.diff import Diff
    from nbtrail.records import Execution, Metric, Run
    from nbtrail.store.protocol import Store

_SHORTEST_LINE = 20


def print_run(store: Store, run: Run) -> None:
    """Print everything that is known of a run."""
    console = open_console()
    console.print(Text.assemble(literal(run.name, "bold"), "  ", mark_status(run.status), "  ", (run.id, "dim")))
    took = format_duration(run.duration_s if run.duration_s is not None else time.time() - run.started)
    began = format_ago(run.started, now=time.time())
    console.print(literal(f"started {began} ago, took {took}, in {run.notebook or _place(store, run)}"))
    for label, text in (("tags", ", ".join(run.tags)), ("note", run.note), ("error", run.error or "")):
        if text:
            console.print(literal(f"{label}: {text}"))
    _print_params(console, store, run)
    metrics = store.metrics([run.id], system=True)
    _print_metrics(console, [metric for metric in metrics if metric.origin != "system"])
    _print_machine(console, [metric for metric in metrics if metric.origin == "system"])
    for execution in store.executions(run.id):
        _print_cell(console, execution)
    _print_data(console, store, run)
    _print_environment(console, store, run)
    for artifact in store.artifacts(run.id):
        extent = f"{artifact.size} bytes, {artifact.digest[:12]}"
        console.print(Text.assemble("artifact ", literal(artifact.path), "  ", (extent, "dim")))


def print_diff(diff: Diff, *, show_all: bool) -> None:
    """Print what differs between runs, then the lines of code."""
    console = open_console()
    console.print(Text.assemble(("What differs", "bold"), " ", literal(f"({diff.summary})", "dim")))
    for line in diff.to_text(show_all=show_all, width=console.width).split("\n"):
        console.print(literal(line))


def _table(*headings: str) -> Table:
    """A table in which what is too long for its column goes on in the next line."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _place(store: Store, run: Run) -> str:
    return "a notebook whose path is not known" if store.executions(run.id) else "a script"


def _print_params(console: Console, store: Store, run: Run) -> None:
    table = _table("param", "value", "why")
    for param in store.params([run.id]):
        why = literal(format_origin(param.origin, param.reason), "dim")
        table.add_row(literal(param.key), literal(format_value(param.value)), why)
    _print_filled(console, table)


def _print_metrics(console: Console, metrics: Sequence[Metric]) -> None:
    table = _table("metric", "last", "min", "max", "points", "why")
    for metric in metrics:
        why = literal(format_origin(metric.origin, metric.reason), "dim")
        table.add_row(literal(metric.key), *_numbers(metric), why)
    _print_filled(console, table)


def _print_machine(console: Console, metrics: Sequence[Metric]) -> None:
    """What was measured of the machine; how, which is the same for all of it, is said once."""
    for reason, same in groupby(sorted(metrics, key=lambda metric: metric.reason), lambda metric: metric.reason):
        table = _table("machine", "last", "min", "max", "points")
        for metric in same:
            table.add_row(literal(metric.key), *_numbers(metric))
        _print_filled(console, table)
        console.print(literal(format_origin("system", reason), "dim"))


def _numbers(metric: Metric) -> list[str]:
    return [*(format_value(number) for number in (metric.last, metric.min, metric.max)), str(metric.count)]


def _print_filled(console: Console, table: Table) -> None:
    if table.row_count:
        console.print(table)


def _print_cell(console: Console, execution: Execution) -> None:
    took = "" if execution.ended is None else format_duration(execution.ended - execution.started)
    first = next((line for line in execution.source.splitlines() if line.strip()), "")
    head = f"[{execution.number}] {took:>6}"
    code = visible(first.expandtabs())
    if is_bounded(console):
        code = cut(code, max(_SHORTEST_LINE, console.width - cell_len(head) - 2))
    failed = ("  ", literal(execution.error, "red")) if execution.error else ()
    console.print(Text.assemble((head, "dim"), "  ", literal(code), *failed))


def _print_data(console: Console, store: Store, run: Run) -> None:
    table = _table("data", "role", "kind", "size", "digest")
    for use in store.datasets([run.id]):
        seen = use.dataset
        digest = f"[dim]{seen.digest[:12]}{' sampled' if seen.sampled else ''}[/]"
        table.add_row(literal(use.name), use.role, literal(seen.kind), literal(format_extent(seen)), digest)
    _print_filled(console, table)


def _print_environment(console: Console, store: Store, run: Run) -> None:
    found = store.environment(run.environment_id) if run.environment_id else None
    if found is None:
        return
    commit = f", commit {found.git_commit[:10]}{' (dirty)' if found.git_dirty else ''}" if found.git_commit else ""
    where = f"Python {found.python} on {found.platform}, {len(found.packages)} packages{commit}"
    console.print(literal(where))
