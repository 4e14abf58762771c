"""The commands that keep a project in order."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from nbtrail.cli.progress import shown_progress, stoppable

if TYPE_CHECKING:
    from nbtrail.project import Project

_AGE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


class _Age(click.ParamType[float]):
    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _AGE.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no age; write a number and s, min, h, d or w, such as 30d.", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


_FILTER = click.option("--filter", "where", help='Instead of names, those that pass a filter: "metrics.acc < 0.5".')


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@_FILTER
@click.pass_obj
def trash(project: Project, runs: tuple[str, ...], where: str | None) -> None:
    """Move runs into the trash, or list what is in it. They can be restored until they are purged."""
    from nbtrail.cli.housekeeping_tables import print_moved, print_trash
    from nbtrail.housekeeping import list_trash, move_to_trash

    if runs or where is not None:
        print_moved(move_to_trash(project, runs, where=where or ""), into_trash=True, filtered=bool(where))
    else:
        print_trash(list_trash(project))


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@_FILTER
@click.pass_obj
def restore(project: Project, runs: tuple[str, ...], where: str | None) -> None:
    """Take runs out of the trash."""
    from nbtrail.cli.housekeeping_tables import print_moved
    from nbtrail.housekeeping import restore as take_out

    print_moved(take_out(project, runs, where=where or ""), into_trash=False, filtered=bool(where))


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--older-than", type=_Age(), help="Only what has been in the trash so long: 12h, 30d, 4w.")
@click.option("--running", is_flag=True, help="Also runs that are still being recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.pass_obj
def purge(  # noqa: PLR0913 - one for each option
    project: Project, runs: tuple[str, ...], older_than: float | None, *, running: bool, yes: bool, dry_run: bool
) -> None:
    """Remove what is in the trash for good, all of it or some runs, and give the space back.

    Files that nothing refers to any more go too. Runs that are still being recorded stay in the trash. It can be
    stopped at any moment and run again, and notebooks may go on recording meanwhile.
    """
    from nbtrail.cli.housekeeping_tables import print_plan, print_purged
    from nbtrail.housekeeping.purge import plan_purge
    from nbtrail.housekeeping.purge import purge as remove

    if not project.exists:
        click.echo("Nothing to purge: no runs yet.")
        return
    plan = plan_purge(project, runs or None, older_than_s=older_than, running=running)
    print_plan(plan, is_dry=dry_run)
    if dry_run or (plan.runs and not yes and not click.confirm("They cannot be restored then. Go on?")):
        return
    what_is_left = "What was purged is gone, the rest is as it was; `nbtrail purge` goes on from there."
    with stoppable(what_is_left), shown_progress() as on_progress:
        purged = remove(project, plan, on_progress=on_progress)
    print_purged(purged)


@click.command()
@click.option("--runs", type=click.IntRange(min=0), default=10, show_default=True, help="So many of the largest runs.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def du(project: Project, runs: int, form: str) -> None:
    """Say what takes how much of the project's folder, and which runs are the largest."""
    from nbtrail.cli.housekeeping_tables import print_usage, usage_json
    from nbtrail.housekeeping import measure

    usage = measure(project, runs=runs)
    if form == "json":
        click.echo(json.dumps(usage_json(usage, project), indent=1))
    else:
        print_usage(usage, project)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--no-blobs", is_flag=True, help="Leave out artifacts, outputs and code.")
@click.pass_obj
def backup(project: Project, path: Path, *, no_blobs: bool) -> None:
    """Copy the project into a new folder that is a project itself, or into a .zip of one.

    Notebooks may go on recording meanwhile. The copy gets its name when it is complete and has been checked.
    """
    from nbtrail.cli.housekeeping_tables import print_backup
    from nbtrail.housekeeping import back_up

    with stoppable(f"There is no backup at {path}."), shown_progress() as on_progress:
        made = back_up(project, path, with_blobs=not no_blobs, on_progress=on_progress)
    print_backup(made, with_blobs=not no_blobs)


@click.command()
@click.option("--deep", is_flag=True, help="Read every point and every file, too.")
@click.option("--fix", is_flag=True, help="Mend what can be mended without losing anything.")
@click.option(
    "--salvage", type=click.Path(path_type=Path), help="Copy what a damaged store still holds into a new one."
)
@click.pass_obj
def doctor(project: Project, *, deep: bool, fix: bool, salvage: Path | None) -> None:
    """Check the installation, the store and the journals, and say what to do."""
    from nbtrail.cli.doctor import print_findings, print_repairs

    if salvage is not None:
        from nbtrail.cli.housekeeping_tables import print_salvaged
        from nbtrail.housekeeping import salvage as copy_readable

        with stoppable(f"There is no store at {salvage}."), shown_progress() as on_progress:
            print_salvaged(copy_readable(project, salvage, on_progress=on_progress))
        return
    with stoppable("Nothing was left half done."):
        if fix:
            print_repairs(project)
        if print_findings(project, deep=deep, is_fixed=fix):
            sys.exit(1)


COMMANDS: Final = (trash, restore, purge, du, backup, doctor)
