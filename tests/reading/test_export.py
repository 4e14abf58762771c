"""Comparisons as notebooks that run without nbtrail."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from nbtrail.errors import InputError, MetricNotFoundError, RunNotFoundError
from nbtrail.reading.export import export, export_runs, unique_path
from nbtrail.settings import Settings
from tests.reading.conftest import environment

VEGALITE = "application/vnd.vegalite.v5+json"
WITHOUT_NBTRAIL = (
    "import sys; sys.modules['nbtrail'] = None; from ipykernel.kernelapp import launch_new_instance as go; go()"
)


def cell(notebook, name):
    return next(one for one in notebook.cells if one.id == name)


def read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def ran(path, folder):
    """The notebook after a run in a kernel in which nbtrail cannot be imported, wherever it is installed."""
    kernel = folder / "jupyter" / "kernels" / "bare"
    kernel.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-I", "-c", WITHOUT_NBTRAIL, "-f", "{connection_file}"],
        "display_name": "without nbtrail",
        "language": "python",
    }
    (kernel / "kernel.json").write_text(json.dumps(spec))
    notebook = read(path)
    probe = "try:\n    import nbtrail\nexcept ImportError:\n    print('nbtrail is not here')"
    notebook.cells.append(nbformat.v4.new_code_cell(probe, id="probe"))
    copy = folder / "copy.ipynb"
    nbformat.write(notebook, copy)
    home = {"JUPYTER_PATH": folder / "jupyter", "IPYTHONDIR": folder / "ipython", "JUPYTER_RUNTIME_DIR": folder / "run"}
    execute = ["-c", "from nbclient.cli import main; main()", "--inplace", "--kernel_name=bare", str(copy)]
    subprocess.run([sys.executable, *execute], check=True, env={**os.environ, **{k: str(v) for k, v in home.items()}})
    after = read(copy)
    assert cell(after, "probe").outputs[0].text == "nbtrail is not here\n"
    return after


def test_running_the_notebook_without_nbtrail_gives_the_outputs_that_it_came_with(three, tmp_path):
    path = export(tmp_path / "comparison.ipynb", ["swift-otter", "calm-heron", "bold-lynx"], project=three.project)

    before, after = read(path), ran(path, tmp_path)

    for name in ("data", "drawing", "showing", "chart", "runs"):
        assert cell(after, name).outputs == cell(before, name).outputs
    assert VEGALITE in cell(after, "chart").outputs[0].data
    assert "image/png" in cell(after, "chart").outputs[0].data


def test_large_and_odd_data_survive_the_way_into_the_notebook(shelf, tmp_path):
    rng = np.random.default_rng(0)
    odd = rng.normal(size=3000)
    odd[100:200] = math.nan
    for number in range(8):
        metrics = {"loss": odd + number, "acc": math.inf}
        shelf.add(f'run "{number}" \\' if number else "NA", metrics=metrics, params={"nan": "nan", "n": None})
    ids = [f"01RUN{number:021d}" for number in range(1, 9)]
    path = export(tmp_path / "comparison.ipynb", ids, project=shelf.project)

    before, after = read(path), ran(path, tmp_path)

    assert "zlib" in cell(before, "data").source
    assert cell(after, "chart").outputs == cell(before, "chart").outputs
    assert path.stat().st_size < 600_000


def test_the_first_thing_after_the_head_is_what_differs(three, tmp_path):
    notebook = read(export(tmp_path / "c.ipynb", ["swift-otter", "calm-heron"], project=three.project))

    assert [one.id for one in notebook.cells] == [
        "head", "differs", "data", "drawing", "showing", "chart", "runs", "code",
    ]  # fmt: skip
    assert notebook.cells[1].source.startswith("## What differs (1 of 3 params, 1 cell, 1 package)")
    assert "| params.lr | 0.09 | 0.05 |" in notebook.cells[1].source
    assert "**0.934** ▲ .012" in notebook.cells[1].source


def test_the_head_says_where_the_comparison_came_from(shelf, tmp_path):
    commit = environment(git_commit="0123456789abcdef", git_branch="main", git_dirty=True)
    shelf.add("swift-otter", notebook="train.ipynb", environment=commit, metrics={"acc": 1.0})

    head = cell(read(export(tmp_path / "c.ipynb", "swift-otter", project=shelf.project)), "head").source

    assert "project **heart-disease**" in head
    assert "| 2026-09-21 14:13 | 0:42 | train.ipynb | `0123456789` on main, with changes |" in head
    assert str(tmp_path) not in head


def test_the_code_that_differs_is_a_diff_block(three, tmp_path):
    notebook = read(export(tmp_path / "c.ipynb", ["swift-otter", "calm-heron"], project=three.project))

    assert "```diff\n- model = build(lr, depth)\n+ model = build(lr, depth, dropout=0.1)" in notebook.cells[-1].source


def test_markdown_in_names_and_code_means_nothing(shelf, tmp_path):
    shelf.add("a|b *c* <i>", params={"p": "x|y"}, cells=['"""\n```\n"""'])
    shelf.add("plain", params={"p": "`z`"}, cells=["1"])

    notebook = read(export(tmp_path / "c.ipynb", ["a|b *c* <i>", "plain"], project=shelf.project))

    assert r"| params.p | x\|y | \`z\` |" in cell(notebook, "differs").source
    assert "````diff" in cell(notebook, "code").source
    assert r"a\|b \*c\* \<i\>" in cell(notebook, "head").source


def test_the_drawing_code_imports_nothing_but_what_a_reader_has(three, tmp_path):
    notebook = read(export(tmp_path / "c.ipynb", ["swift-otter", "calm-heron"], project=three.project))

    for one in notebook.cells:
        assert "nbtrail" not in one.source
        assert "noqa" not in one.source


def test_exporting_again_replaces_the_notebook(three, tmp_path):
    path = export(tmp_path / "c.ipynb", ["swift-otter", "calm-heron"], project=three.project)
    export(path, ["bold-lynx", "calm-heron"], project=three.project)

    assert "bold-lynx" in read(path).cells[0].source
    assert [file.name for file in tmp_path.glob("*c.ipynb*")] == ["c.ipynb"]


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"metadata": {}, "cells": [], "nbformat": 4}'])
def test_what_nbtrail_did_not_write_is_left_alone(three, tmp_path, content):
    path = tmp_path / "mine.ipynb"
    path.write_text(content)

    with pytest.raises(InputError, match=r"'mine-2\.ipynb' is free"):
        export(path, ["swift-otter"], project=three.project)

    assert path.read_text() == content


def test_a_comparison_that_was_changed_by_hand_is_left_alone(three, tmp_path):
    path = export(tmp_path / "c.ipynb", ["swift-otter"], project=three.project)
    notebook = read(path)
    notebook.cells[0].source += "\nMy thoughts."
    nbformat.write(notebook, path)

    with pytest.raises(InputError, match="changed since"):
        export(path, ["swift-otter"], project=three.project)


def test_a_comparison_that_was_only_run_again_is_replaced(three, tmp_path):
    path = export(tmp_path / "c.ipynb", ["swift-otter"], project=three.project)
    notebook = read(path)
    cell(notebook, "chart").outputs = []
    nbformat.write(notebook, path)

    assert cell(read(export(path, ["swift-otter"], project=three.project)), "chart").outputs


def test_a_fresh_name_counts_up(tmp_path):
    path = tmp_path / "comparison.ipynb"
    assert unique_path(path) == path
    path.touch()
    (tmp_path / "comparison-2.ipynb").touch()

    assert unique_path(path).name == "comparison-3.ipynb"


def test_a_path_that_cannot_be_is_refused(three, tmp_path):
    with pytest.raises(InputError, match=r"\.ipynb"):
        export(tmp_path / "c.html", ["swift-otter"], project=three.project)
    with pytest.raises(InputError, match="no folder"):
        export(tmp_path / "nowhere" / "c.ipynb", ["swift-otter"], project=three.project)


def test_unknown_runs_and_metrics_write_nothing(three, tmp_path):
    path = tmp_path / "c.ipynb"
    with pytest.raises(RunNotFoundError):
        export(path, ["nobody"], project=three.project)
    with pytest.raises(MetricNotFoundError):
        export(path, ["swift-otter"], metric="nothing", project=three.project)
    with pytest.raises(InputError, match="at least one run"):
        export(path, [], project=three.project)

    assert not path.exists()


def test_a_server_can_export_from_a_store_that_it_has_open(three, tmp_path):
    path = tmp_path / "c.ipynb"
    runs = [three.store.run("swift-otter")]

    assert export_runs(three.store, runs, path, metric="acc", settings=Settings(), project="demo") == path
    assert read(path).metadata["nbtrail"]["comparison"]["runs"] == [{"id": runs[0].id, "name": "swift-otter"}]
