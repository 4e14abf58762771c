"""The commands of ``nbtrail``; each reads the store through the same functions as the notebook."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import data, housekeeping
from nbtrail.cli.streams import drop_what_cannot_be_written, replace_what_cannot_be_encoded, visible_lines
from nbtrail.errors import NbtrailError, NbtrailWarning

if TYPE_CHECKING:
    from nbtrail.project import Project


class _Group(click.Group):
    """Shows a deliberate error, and one of the system, as one message and exit status 1, without a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        replace_what_cannot_be_encoded()
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            # That a reader has gone is no fault, and click ends silently then.
            where = f" ({error.filename})" if error.filename else ""
            message = f"{error.strerror or error}{where}. The command stopped there, so its output is not whole."
            failure = click.ClickException(visible_lines(message))
            failure.show()
            sys.exit(failure.exit_code)
        finally:
            drop_what_cannot_be_written()

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            # Whoever reads this may have gone; click ends silently then, the interpreter would not.
            sys.stdout.flush()
        except NbtrailError as error:
            raise click.ClickException(visible_lines(str(error))) from error
        return result


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-p",
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    help="A path in the project, or a store (.db); the working directory if left out.",
)
@click.version_option(package_name="nbtrail")
@click.pass_context
def main(ctx: click.Context, folder: Path | None) -> None:
    """Experiment tracking that lives inside Jupyter: list, compare and export what notebooks recorded."""
    from nbtrail.project import find_project, named_project

    ctx.obj = find_project() if folder is None else named_project(folder)
    warnings.showwarning = _show_warning


@main.command()
@click.argument("filter_text", metavar="[FILTER]", default="")
@click.option("--sort", default="-started", show_default=True, help="A field of the filter language; - for descending.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many runs.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.pass_obj
def runs(project: Project, filter_text: str, sort: str, limit: int, form: str) -> None:
    """List runs: nbtrail runs "metrics.acc > 0.9 and params.lr < 0.1".

    The table shows as many metrics and params as the terminal has room for, and names the others. csv and json have
    all of them, exactly, as `nbtrail export` writes them.
    """
    from nbtrail.reading import frames

    # A mistake in the settings is said, in whatever format.
    project.settings()
    found = frames.runs(filter_text, sort=sort, limit=limit, project=project)
    if form == "table":
        from nbtrail.cli.runs_table import print_runs

        print_runs(found, project=project, filtered=bool(filter_text))
    else:
        from nbtrail.reading.data_export import write_table
        from nbtrail.reading.data_tables import runs_table
        from nbtrail.tracking import reader

        with reader(project) as reading:
            table = runs_table(found, reading.store)
        write_table(table, form, sys.stdout.buffer)


@main.command()
@click.argument("run")
@click.pass_obj
def show(project: Project, run: str) -> None:
    """Show one run: its params, metrics, cells, environment and artifacts."""
    from nbtrail.cli.tables import print_run
    from nbtrail.tracking import reader

    with reader(project) as reading:
        print_run(reading.store, reading.store.run(run))


@main.command()
@click.argument("names", metavar="RUN RUN...", nargs=-1, required=True)
@click.option("--metric", help="The metric whose curves are drawn.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("comparison.html"),
    show_default=True,
    help="Ends in .html, .png, .svg or .json (Vega-Lite).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def compare(project: Project, names: tuple[str, ...], metric: str | None, output: Path, *, force: bool) -> None:
    """Draw a comparison of runs into a file that opens without a network."""
    from nbtrail.reading.page import write_comparison

    write_comparison(output, names, metric=metric, force=force, project=project)
    click.echo(f"wrote {output}")


@main.command()
@click.argument("names", metavar="RUN RUN...", nargs=-1, required=True)
@click.option("--all", "show_all", is_flag=True, help="Also what is the same.")
@click.pass_obj
def diff(project: Project, names: tuple[str, ...], *, show_all: bool) -> None:
    """Say what differs between runs: params, metrics, data, code, environment."""
    from nbtrail.cli.tables import print_diff
    from nbtrail.reading import diff as differences

    print_diff(differences.diff(*names, project=project), show_all=show_all)


@main.command()
@click.argument("run")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Ends in .ipynb.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def rebuild(project: Project, run: str, output: Path, *, force: bool) -> None:
    """Write a run's cells as a notebook again, with the outputs that were seen."""
    from nbtrail.reading.rebuild import write_rebuilt

    write_rebuilt(output, run, force=force, project=project)
    click.echo(f"wrote {output}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("nbtrail-demo"))
@click.option("--no-lab", is_flag=True, help="Do not open JupyterLab at the end.")
def demo(folder: Path, *, no_lab: bool) -> None:
    """Make a small project that trains real models, and show what nbtrail makes of it."""
    from nbtrail.cli.demo import open_lab, run_demo

    run_demo(folder)
    if not no_lab:
        open_lab(folder)


for command in (*data.COMMANDS, *housekeeping.COMMANDS):
    main.add_command(command)


def _show_warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    if issubclass(category, NbtrailWarning):
        click.echo(f"nbtrail: {visible_lines(str(message))}", err=True)
