"""What ``nbtrail doctor`` says."""

from __future__ import annotations

import importlib.util
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nbtrail.cli.progress import shown_progress
from nbtrail.cli.streams import visible_lines
from nbtrail.errors import NbtrailError
from nbtrail.housekeeping.health import Finding
from nbtrail.housekeeping.health import examine as examine_project
from nbtrail.housekeeping.repair import repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.housekeeping.progress import OnProgress
    from nbtrail.project import Project

_MARKS: Final = {"good": "✓", "note": "·", "bad": "✗"}


def print_findings(project: Project, *, deep: bool, is_fixed: bool) -> bool:
    """Print what was found, a line each; whether something is wrong."""
    with shown_progress() as on_progress:
        findings = list(examine(project, deep=deep, on_progress=on_progress))
    for finding in findings:
        click.echo(f"{_MARKS[finding.level]} {visible_lines(finding.text)}")
    if not is_fixed and any(finding.is_mendable for finding in findings):
        click.echo("`nbtrail doctor --fix` mends what can be mended without losing anything.")
    return any(finding.is_bad for finding in findings)


def print_repairs(project: Project) -> None:
    """Mend, and print what was done, a line each."""
    try:
        for line in repair(project):
            click.echo(f"+ {visible_lines(line)}")
    except NbtrailError as error:
        click.echo(f"✗ {visible_lines(str(error))}")


def examine(project: Project, *, deep: bool, on_progress: OnProgress) -> Iterator[Finding]:
    """Look at the installation, then at the project."""
    yield Finding(f"nbtrail {version('nbtrail')} on Python {platform.python_version()}, {platform.platform()}")
    yield from _front_end()
    yield Finding(f"project {project.name} in {project.root}")
    yield from examine_project(project, deep=deep, on_progress=on_progress)


def _front_end() -> Iterator[Finding]:
    package = Path(importlib.util.find_spec("nbtrail").origin).parent  # type: ignore[union-attr, arg-type]
    built = (package / "widgets" / "static" / "live_card.js").exists()
    text = "the widgets are built" if built else "the widgets were not built: install nbtrail again"
    yield Finding(text, "good" if built else "bad")
    try:
        yield Finding(f"JupyterLab {version('jupyterlab')}")
    except PackageNotFoundError:
        yield Finding("no JupyterLab here: `pip install 'nbtrail[lab]'` adds it", "note")
