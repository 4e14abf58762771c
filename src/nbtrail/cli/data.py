"""The commands that bring data in and take them out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from nbtrail.cli.progress import shown_progress, stoppable
from nbtrail.errors import InputError
from nbtrail.reading.text import visible

if TYPE_CHECKING:
    from nbtrail.housekeeping.merge import Merged
    from nbtrail.project import Project
    from nbtrail.store.transfer import Selection

_FEW_NAMES = 10


@click.command()
@click.argument("other", type=click.Path(path_type=Path))
@click.pass_obj
def merge(project: Project, other: Path) -> None:
    """Bring every run of OTHER (a project's folder, its .nbtrail, or its store.db) into this project.

    OTHER is only read. Again at any time: only what is new comes. Notebooks may go on recording in both meanwhile.
    """
    from nbtrail.housekeeping.merge import merge as bring

    what_is_left = "What was brought stays, both stores are whole; the same command again brings the rest."
    with stoppable(what_is_left), shown_progress() as on_progress:
        merged = bring(project, other, on_progress=on_progress)
    _print_merged(merged)


def _print_merged(merged: Merged) -> None:
    from nbtrail.housekeeping.counting import counted
    from nbtrail.reading.datasets import format_bytes

    counts = merged.counts
    click.echo(f"{counts.new:,} new, {counts.grown:,} grown, {counts.unchanged:,} unchanged")
    size = format_bytes(merged.size)
    click.echo(f"brought {counted(counts.points, 'point')} and {counted(merged.blobs, 'file')} ({size})")
    for there, here in counts.renamed[:_FEW_NAMES]:
        click.echo(f"{visible(there)} is called {visible(here)} here: another run has that name")
    if len(counts.renamed) > _FEW_NAMES:
        click.echo(f"… and {len(counts.renamed) - _FEW_NAMES:,} more got such a name")
    if merged.missing:
        click.echo(f"not brought: {counted(len(merged.missing), 'file')}, missing or damaged there", err=True)
    if merged.waiting:
        processes = "process" if merged.waiting == 1 else "processes"
        click.echo(f"{merged.waiting:,} {processes} may still record there; merge again once nothing does", err=True)


@click.command()
@click.argument("query", required=False)
@click.option("-f", "--file", "script", type=click.File("r", encoding="utf-8"), help="Read the statement from a file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "jsonl", "parquet"]),
    help="table in a terminal, csv elsewhere; of a file its ending.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write into a file.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def sql(  # noqa: PLR0913 - one for each option
    project: Project, query: str | None, script: IO[str] | None, form: str | None, output: Path | None, *, force: bool
) -> None:
    """Ask the store in SQL: nbtrail sql "SELECT step, value FROM points WHERE key = 'loss'".

    Points are ordinary rows; the other tables are those of docs/schema.md. Nothing can be changed. Without QUERY the
    statement is read from the standard input.
    """
    from nbtrail.tracking import reader

    statement = _statement(query, script)
    form = _format_of(output, form)
    with stoppable("Nothing was changed."), reader(project) as reading, reading.store.select(statement) as selection:
        if output is not None:
            _write_file(selection, form, output, force=force)
        elif form == "table":
            from nbtrail.cli.sql_table import print_selection

            print_selection(selection)
        else:
            from nbtrail.reading.sql import write_selection

            write_selection(selection, form, sys.stdout.buffer)


def _statement(query: str | None, script: IO[str] | None) -> str:
    if query is not None and script is not None:
        message = "there are a statement and a file with one. Leave out one of them."
        raise click.UsageError(message)
    if query is not None:
        return query
    source = script if script is not None else sys.stdin
    if script is None and source.isatty():
        message = 'give a statement: nbtrail sql "SELECT name, started FROM runs"; docs/sql.md has more.'
        raise click.UsageError(message)
    return source.read()


def _format_of(output: Path | None, form: str | None) -> str:
    if output is None:
        return form or ("table" if sys.stdout.isatty() else "csv")
    from nbtrail.reading.sql import SQL_FORMATS, format_of
    from nbtrail.reading.table_files import ending

    if form == "table":
        message = "a table is for a terminal. Choose csv, json, jsonl or parquet for a file."
        raise click.UsageError(message)
    if form is None:
        return format_of(output)
    found = ending(output)
    if found in SQL_FORMATS and found != form:
        message = f"{output.name!r} says {found}, and the format says {form}. Leave out one of them."
        raise InputError(message)
    return form


def _write_file(selection: Selection, form: str, output: Path, *, force: bool) -> None:
    from nbtrail.housekeeping.counting import counted
    from nbtrail.reading.sql import write_selection
    from nbtrail.reading.table_files import replacing

    with replacing(output, force=force) as file:
        count = write_selection(selection, form, file)
    click.echo(f"wrote {output}: {counted(count, 'row')}")


@click.command()
@click.argument("path")
@click.argument("names", metavar="[RUN]...", nargs=-1)
@click.option("--metric", "metrics", multiple=True, help="Whose curves are drawn; of data, whose points (repeatable).")
@click.option("--points", is_flag=True, help="Data: the points rather than the table of runs.")
@click.option("--filter", "where", default="", help='Data: runs that pass a filter, "metrics.acc > 0.9".')
@click.option("--system", is_flag=True, help="Data: also what was measured of the machine.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl", "parquet"]), help="Data: of the files in a folder."
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.pass_obj
def export(  # noqa: PLR0913 - one for each option
    project: Project,
    path: str,
    names: tuple[str, ...],
    metrics: tuple[str, ...],
    *,
    where: str,
    form: str | None,
    points: bool,
    system: bool,
    force: bool,
) -> None:
    """Write a comparison as a notebook (.ipynb) that runs anywhere, or runs and points as data.

    PATH ends in .csv, .jsonl or .parquet for one table, of all runs if none are named; or it is a folder (with a / at
    its end), which gets runs, params, metrics, points and tags, a file each.
    """
    from nbtrail.housekeeping.counting import counted
    from nbtrail.reading.data_export import export_data, is_data_path
    from nbtrail.reading.data_tables import DataWanted

    if not is_data_path(path, form):
        from nbtrail.reading.export import export as write

        written = write(
            path, names, metric=metrics, filter=where, points=points, system=system, force=force, project=project
        )
        click.echo(f"wrote {written}")
        return
    data = DataWanted(runs=names, filter=where, metrics=metrics, points=points, system=system)
    with stoppable("The file that was being written is not there."), shown_progress() as on_progress:
        files = export_data(path, data, form=form, force=force, project=project, on_progress=on_progress)
    for file, count in files:
        click.echo(f"wrote {file}: {counted(count, 'row')}")


COMMANDS = (merge, sql, export)
