"""The demo: a project that trains real models, made, run, compared and exported in one go."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli.runs_table import print_runs
from nbtrail.errors import InputError
from nbtrail.project import FOLDER, Project
from nbtrail.reading.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from nbclient import NotebookClient
    from nbformat import NotebookNode

NOTEBOOK = "train.ipynb"
COMPARISON_NOTEBOOK = "comparison.ipynb"
COMPARISON_PAGE = "comparison.html"
_NEEDED = ("scikit-learn", "nbclient", "ipykernel")


def run_demo(folder: Path) -> Project:
    """Make the project, execute its notebook, print its runs, and write the comparison.

    Parameters
    ----------
    folder
        Where; it is made. A demo that was broken off is gone on with.

    Raises
    ------
    InputError
        The folder holds something else or a whole demo, or a package that the demo needs is missing.
    """
    _check_packages()
    _refuse_whole_demo(folder)
    project = _make_project(folder)
    click.echo(f"Training in {folder / NOTEBOOK}")
    _execute(folder.resolve() / NOTEBOOK)
    _show(project, folder)
    return project


def open_lab(folder: Path) -> None:
    """Open JupyterLab on the demo's notebook, or say why not and how."""
    try:
        version("jupyterlab")
    except PackageNotFoundError:
        click.echo("No JupyterLab is installed: `pip install jupyterlab`, then `jupyter lab` in the folder.")
        return
    if not sys.stdout.isatty():
        click.echo(f"This is no terminal, so JupyterLab was not started: `jupyter lab {folder / NOTEBOOK}` does it.")
        return
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", *root, str(folder.resolve() / NOTEBOOK)]
    subprocess.run(command, check=False, cwd=folder)  # noqa: S603 - our own interpreter


def _check_packages() -> None:
    missing = []
    for package in _NEEDED:
        try:
            version(package)
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        msg = f"the demo needs {', '.join(missing)}: `pip install 'nbtrail[demo]'` adds what is missing."
        raise InputError(msg)


def _refuse_whole_demo(folder: Path) -> None:
    there = next((name for name in (COMPARISON_PAGE, COMPARISON_NOTEBOOK) if (folder / name).exists()), None)
    if there is not None:
        msg = (
            f"{folder} holds a demo already, with its {there}. Look at it: `jupyter lab {folder / NOTEBOOK}`, "
            f"`nbtrail -p {folder} runs`. For a new one choose another folder: `nbtrail demo FOLDER`."
        )
        raise InputError(msg)


def _make_project(folder: Path) -> Project:
    notebook = folder / NOTEBOOK
    if folder.exists() and any(folder.iterdir()) and not (folder / FOLDER).exists():
        msg = f"{folder} is not empty and holds no demo. Choose another folder: `nbtrail demo FOLDER`."
        raise InputError(msg)
    root = folder.resolve()
    project = Project(root, root / FOLDER, str(root / FOLDER / "store.db"))
    project.create()
    if not notebook.exists():
        notebook.write_bytes(files("nbtrail.cli").joinpath("demo.ipynb").read_bytes())
    return project


def _execute(path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbformat.sign import NotebookNotary
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    notebook = nbformat.read(path, as_version=4)
    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    columns = (
        TextColumn("{task.description:<44.44}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("starting a kernel", total=total)

        def show_cell(cell: NotebookNode, **_: Any) -> None:
            if cell.cell_type == "code":
                progress.update(task, description=visible(cell.source.strip().splitlines()[0]))

        def show_done(cell: NotebookNode, **_: Any) -> None:
            if cell.cell_type == "code":
                progress.advance(task)

        client = NotebookClient(
            notebook,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_start=show_cell,
            on_cell_executed=show_done,
            store_widget_state=False,
        )
        environ = {name: value for name, value in os.environ.items() if name != "NBTRAIL_STORE"}
        with TemporaryDirectory() as sockets:
            _use_sockets(client, sockets)
            try:
                client.execute(env={**environ, "JPY_SESSION_NAME": str(path)})
            finally:
                # So that JupyterLab shows its outputs as they are: they were made here, by this user.
                NotebookNotary().sign(notebook)
                nbformat.write(notebook, path)


def _use_sockets(client: NotebookClient, folder: str) -> None:
    """A kernel that listens on TCP prints a warning that its connection is not encrypted, though it is loopback."""
    if os.name == "posix":
        manager = client.create_kernel_manager()
        manager.transport = "ipc"
        manager.ip = os.path.join(folder, "kernel")  # noqa: PTH118 - a prefix for the kernel, no path


def _show(project: Project, folder: Path) -> None:
    from nbtrail.reading.export import export
    from nbtrail.reading.frames import runs
    from nbtrail.reading.page import write_comparison

    found = runs(sort="-metrics.acc", project=project)
    print_runs(found, project=project, filtered=False)
    best = list(found["name"].head(3))
    names = [*best, *(name for name in ("linear",) if name not in best)]
    export(folder / COMPARISON_NOTEBOOK, names, metric="val_loss", project=project)
    write_comparison(folder / COMPARISON_PAGE, names, metric="val_loss", project=project)
    click.echo(f"\nCompared {', '.join(names)}:")
    for name in (NOTEBOOK, COMPARISON_NOTEBOOK, COMPARISON_PAGE):
        click.echo(f"  {folder / name}")
