"""The demo is the main job on real input."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest

from nbtrail.reading.frames import runs
from nbtrail.tracking import reader


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo's folder, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "digits"
    done = subprocess.run(
        [sys.executable, "-m", "nbtrail", "demo", str(folder), "--no-lab"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_it_leaves_finished_runs_with_params_metrics_and_curves(demo):
    found = runs(project=demo[0])

    assert len(found) >= 6
    assert set(found["status"]) == {"finished"}
    assert found[["params.lr", "params.epochs", "metrics.acc", "metrics.val_loss"]].notna().all(axis=None)
    with reader(demo[0]) as reading:
        assert all(len(reading.store.series(run, "val_loss").steps) == 60 for run in found["id"])


def test_it_prints_the_runs_and_names_what_it_wrote(demo):
    folder, printed = demo

    assert "network-64-0.01" in printed
    for name in ("train.ipynb", "comparison.ipynb", "comparison.html"):
        assert (folder / name).exists()
        assert name in printed


def test_its_notebooks_show_their_charts_as_they_are(demo):
    for name in ("train.ipynb", "comparison.ipynb"):
        notebook = nbformat.read(demo[0] / name, as_version=4)
        nbformat.validate(notebook)
        kinds = {kind for cell in notebook.cells for out in cell.get("outputs", []) for kind in out.get("data", {})}
        assert "application/vnd.vegalite.v5+json" in kinds
        assert not any(out.output_type == "error" for cell in notebook.cells for out in cell.get("outputs", []))


def test_a_demo_that_is_there_is_not_trained_again(demo):
    folder, _ = demo
    before = (folder / "train.ipynb").stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, "-m", "nbtrail", "demo", str(folder), "--no-lab"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "holds a demo already" in done.stderr
    assert "choose another folder" in done.stderr
    assert (folder / "train.ipynb").stat().st_mtime_ns == before


def test_a_folder_with_other_files_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    done = subprocess.run(
        [sys.executable, "-m", "nbtrail", "demo", str(tmp_path), "--no-lab"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "Choose another folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
