"""How far some work is, in a terminal; and what is said when it is stopped."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Final

import click

from nbtrail.cli.streams import visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.housekeeping.progress import OnProgress

_INTERRUPTED: Final = 130
"""What a shell takes for "stopped by Ctrl-C"."""


@contextlib.contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """A bar on standard error for each kind of work, gone when all is done; nothing where that is no terminal."""
    from nbtrail.housekeeping.progress import unheard

    if not sys.stderr.isatty():
        yield unheard
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def hear(what: str, done: int, total: int, /) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what)
            progress.update(tasks[what], completed=done, total=total)

        yield hear


@contextlib.contextmanager
def stoppable(message: str) -> Iterator[None]:
    """Say what Ctrl-C, or a disk that is full or gone, has left behind, and end as stopped programs do."""
    try:
        yield
    except BrokenPipeError:
        # Whoever reads the output has enough of it, which is no fault.
        raise
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        text = f"{error.strerror or error}{where}. {message}"
        raise click.ClickException(visible_lines(text)) from error
    except KeyboardInterrupt:
        click.echo(f"\nStopped. {message}", err=True)
        sys.exit(_INTERRUPTED)
