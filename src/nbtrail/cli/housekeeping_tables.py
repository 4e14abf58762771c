"""What the commands that keep a project in order print."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from nbtrail.cli.terminal import literal, open_console
from nbtrail.housekeeping.choice import is_being_recorded
from nbtrail.housekeeping.counting import counted
from nbtrail.reading.datasets import format_bytes
from nbtrail.reading.text import format_ago, visible

if TYPE_CHECKING:
    from nbtrail.housekeeping.backup import Backup
    from nbtrail.housekeeping.disk_usage import DiskUsage, Part
    from nbtrail.housekeeping.purge import Purged, PurgePlan
    from nbtrail.housekeeping.salvage import Salvaged
    from nbtrail.housekeeping.trash import Trash
    from nbtrail.project import Project
    from nbtrail.records import Run

_MOST_NAMED = 8
_MOST_LISTED = 50
_KINDS = {"executions": "cells"}


def print_moved(runs: tuple[Run, ...], *, into_trash: bool, filtered: bool) -> None:
    """Say which runs were moved."""
    if not runs:
        already = "in the trash already" if into_trash else "not in the trash"
        click.echo("No run matches the filter." if filtered else f"Nothing to do: {already}.")
    elif into_trash:
        click.echo(f"{_named(runs)}: in the trash. `nbtrail restore` takes back, `nbtrail purge` removes for good.")
        if recorded := tuple(filter(is_being_recorded, runs)):
            click.echo(f"{_named(recorded)}: still being recorded. That goes on, and no purge takes it before its end.")
    else:
        click.echo(f"{_named(runs)}: restored.")


def print_trash(trash: Trash) -> None:
    """Print what is in the trash, a line a run, the latest first."""
    if not trash.runs:
        click.echo("The trash is empty.")
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("name", style="bold", overflow="fold")
    for heading in ("status", "trashed", "purging frees"):
        table.add_column(heading, justify="left" if heading == "status" else "right", no_wrap=True)
    now = time.time()
    for one in trash.runs[:_MOST_LISTED]:
        ago = f"{format_ago(one.run.trashed or now, now=now)} ago"
        table.add_row(literal(one.run.name), one.run.status, ago, f"~{format_bytes(one.frees_bytes)}")
    console = open_console()
    console.print(table)
    if len(trash.runs) > _MOST_LISTED:
        console.print(f"[dim]and {len(trash.runs) - _MOST_LISTED:,} more, trashed before[/]", highlight=False)
    going = sum(not is_being_recorded(one.run) for one in trash.runs)
    if going:
        console.print(
            f"[dim]`nbtrail purge` removes {counted(going, 'run')} for good and frees about[/] "
            f"{format_bytes(trash.frees_bytes)}",
            highlight=False,
        )
    if going < len(trash.runs):
        console.print("[dim]what is still running stays in the trash until it has ended[/]", highlight=False)


def print_plan(plan: PurgePlan, *, is_dry: bool) -> None:
    """Say what a purge will remove."""
    if plan.runs:
        would = "would go" if is_dry else "will go"
        click.echo(
            f"{counted(len(plan.runs), 'run')} {would} for good ({_some(plan.runs)}), with about "
            f"{format_bytes(plan.frees_bytes)} in rows and files."
        )
    else:
        click.echo("No run in the trash to purge.")
    if plan.recorded:
        click.echo(
            f"{_named(plan.recorded)}: still being recorded, so left in the trash. Purge again after the end, or now "
            "with --running: then what is still logged is dropped."
        )
    if dropped := tuple(filter(is_being_recorded, plan.runs)):
        click.echo(f"{_named(dropped)}: still being recorded. The process goes on, and what it logs is dropped.")


def print_purged(purged: Purged) -> None:
    """Say what a purge removed, and what it left."""
    counts, files = purged.counts, purged.files
    if counts.runs:
        click.echo(
            f"purged {counted(counts.runs, 'run')} with {counted(counts.points, 'point')} and "
            f"{counted(counts.executions, 'cell')}"
        )
    if files.removed:
        click.echo(f"removed {counted(files.removed, 'file')}, {format_bytes(files.removed_bytes)}")
    if not (counts or files.removed or purged.freed_bytes):
        click.echo("nothing was left to remove")
    elif purged.freed_bytes >= 0:
        click.echo(f"freed {format_bytes(purged.freed_bytes)} on disk ({purged.freed_bytes:,} bytes, in whole pages)")
    else:
        click.echo(f"the project grew by {format_bytes(-purged.freed_bytes)} meanwhile: others are recording")
    if purged.tidied_bytes > 0:
        what = "of the write-ahead log, and of what was free in the store before"
        click.echo(f"gave back {format_bytes(purged.tidied_bytes)} {what}")
    if files.waiting:
        click.echo(
            f"{counted(files.waiting, 'file')} ({format_bytes(files.waiting_bytes)}) may be about to be used by a "
            "notebook that is recording; purge again later"
        )
    if purged.kept_bytes:
        why = "; purging while nothing records gives it back" if purged.is_recorded else ""
        click.echo(f"{format_bytes(purged.kept_bytes)} stay free in the store for later runs{why}")


def print_usage(usage: DiskUsage, project: Project) -> None:
    """Print what takes how much, then the largest runs."""
    console = open_console()
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(literal(str(project.folder)), overflow="fold")
    for heading in ("size", "share", "files"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in usage.parts:
        _add_part(table, part, usage.size)
    table.add_row("[bold]together[/]", f"[bold]{format_bytes(usage.size)}[/]", "", "")
    console.print(table)
    notes = [f"the file system keeps {format_bytes(usage.allotted)} for it, in whole blocks"]
    if usage.is_estimate:
        notes.append("this SQLite cannot say what takes how much of the store; its parts were worked out")
    if usage.trashed_runs:
        notes.append(
            f"purging {counted(usage.trashed_runs, 'run')} in the trash would free about "
            f"{format_bytes(usage.trash_bytes)}"
        )
    if usage.outside_bytes:
        notes.append(f"{format_bytes(usage.outside_bytes)} of journals lie in your own state folder")
    for note in notes:
        console.print(literal(note, "dim"))
    _print_largest(usage)


def _add_part(table: Table, part: Part, whole: int, depth: int = 0) -> None:
    share = f"{100 * part.size / whole:.0f} %" if whole and part.size >= 0 else ""
    style = "bold" if not depth else "dim"
    files = str(part.files) if part.files else ""
    name = f"{'  ' * depth}{part.name}"
    sign = "-" if part.size < 0 else ""
    table.add_row(literal(name, style), f"{sign}{format_bytes(abs(part.size))}", share, files)
    for inner in part.parts:
        _add_part(table, inner, whole, depth + 1)


def _print_largest(usage: DiskUsage) -> None:
    if not usage.runs:
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("largest runs", style="bold", overflow="fold")
    for heading in ("in the store", "files", "together"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in usage.runs:
        name = Text.assemble(literal(one.run.name), (" (trash)" if one.run.trashed is not None else "", "dim"))
        table.add_row(
            name, f"~{format_bytes(one.store_bytes)}", format_bytes(one.file_bytes), f"~{format_bytes(one.size)}"
        )
    console = open_console()
    console.print()
    console.print(table)


def usage_json(usage: DiskUsage, project: Project) -> dict[str, Any]:
    """The same as JSON; sizes in bytes."""
    return {
        "folder": str(project.folder),
        "bytes": usage.size,
        "disk_bytes": usage.allotted,
        "estimated": usage.is_estimate,
        "parts": [_part_json(part) for part in usage.parts],
        "trash": {"runs": usage.trashed_runs, "frees_bytes": usage.trash_bytes},
        "outside_bytes": usage.outside_bytes,
        "runs": [
            {
                "id": one.run.id, "name": one.run.name, "trashed": one.run.trashed is not None, "bytes": one.size,
                "store_bytes": one.store_bytes, "file_bytes": one.file_bytes,
            }
            for one in usage.runs
        ],
    }  # fmt: skip


def _part_json(part: Part) -> dict[str, Any]:
    inner = [_part_json(one) for one in part.parts]
    return {"name": part.name, "bytes": part.size, "files": part.files, "parts": inner}


def print_backup(backup: Backup, *, with_blobs: bool) -> None:
    """Say what was backed up."""
    files = counted(backup.files, "file") if with_blobs else "no files"
    click.echo(f"wrote {backup.path}: {counted(backup.runs, 'run')}, {files}, {format_bytes(backup.size)}; checked")
    if backup.missing:
        shown = ", ".join(digest[:12] for digest in backup.missing[:_MOST_NAMED])
        click.echo(
            f"{counted(len(backup.missing), 'file')} that the project itself lacks or has damaged: {shown}", err=True
        )


def print_salvaged(salvaged: Salvaged) -> None:
    """Say what was saved, and how it is put to use."""
    counts = salvaged.counts
    kinds = ("points", "params", "executions", "outputs", "artifacts")
    what = ", ".join(f"{counts[kind]:,} {_KINDS.get(kind, kind)}" for kind in kinds)
    click.echo(f"wrote {salvaged.path}: {counted(counts['runs'], 'run')} with {what}; it is whole")
    if counts["made up"]:
        click.echo(
            f"{counted(counts['made up'], 'run')} had lost the row with name and times, and got names that begin with "
            "salvaged-"
        )
    click.echo(
        "The damaged store is as it was. To use the new one, move the old store.db, with its -wal and -shm, out of the "
        "project, and put the new one in its place."
    )


def _named(runs: tuple[Run, ...]) -> str:
    return _some(runs) if len(runs) <= _MOST_NAMED else f"{counted(len(runs), 'run')} ({_some(runs)})"


def _some(runs: tuple[Run, ...]) -> str:
    more = f" and {len(runs) - _MOST_NAMED} more" if len(runs) > _MOST_NAMED else ""
    return ", ".join(visible(run.name) for run in runs[:_MOST_NAMED]) + more
