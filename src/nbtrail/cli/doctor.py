"""What ``nbtrail doctor`` looks at."""

from __future__ import annotations

import importlib.util
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.errors import NbtrailError
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking.journal import SUFFIX, journal_folders
from nbtrail.tracking.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.project import Project


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    text: str
    is_bad: bool = False

    @property
    def mark(self) -> str:
        """A sign for the eye."""
        return "✗" if self.is_bad else "✓"


def examine(project: Project) -> Iterator[Finding]:
    """Look at the installation, then at the project; what is safe to mend (journals of dead processes) is mended."""
    yield Finding(f"nbtrail {version('nbtrail')} on Python {platform.python_version()}, {platform.platform()}")
    yield from _front_end()
    yield Finding(f"project {project.name} in {project.root}")
    settings = project.settings_problem()
    if settings is not None:
        yield Finding(str(settings), is_bad=True)
    if not project.exists:
        yield Finding(f"no store yet; the first run makes {project.url}")
        return
    yield from _journals(project)
    yield from _store(project)


def _front_end() -> Iterator[Finding]:
    package = Path(importlib.util.find_spec("nbtrail").origin).parent  # type: ignore[union-attr, arg-type]
    built = (package / "widgets" / "static" / "live_card.js").exists()
    yield Finding("the widgets are built" if built else "the widgets were not built: install nbtrail again", not built)
    try:
        yield Finding(f"JupyterLab {version('jupyterlab')}")
    except PackageNotFoundError:
        yield Finding("no JupyterLab here: `pip install 'nbtrail[lab]'` adds it")


def _journals(project: Project) -> Iterator[Finding]:
    try:
        count = recover(project)
    except NbtrailError as error:
        yield Finding(str(error), is_bad=True)
        return
    if count:
        yield Finding(f"{count} records of processes that died were brought into the store")
    live = [path for folder in journal_folders(project) for path in folder.path.glob(f"*{SUFFIX}")]
    yield Finding(f"{len(live)} live process(es) with a journal" if live else "no journal is waiting")


def _store(project: Project) -> Iterator[Finding]:
    try:
        store = project.open(read_only=True)
    except NbtrailError as error:
        yield Finding(str(error), is_bad=True)
        return
    try:
        problems = store.problems()
        yield from (Finding(f"{project.url}: {problem}", is_bad=True) for problem in problems)
        if not problems:
            yield Finding(f"the store is whole: {store.count(RunQuery())} runs in {project.url}")
    finally:
        store.close()
