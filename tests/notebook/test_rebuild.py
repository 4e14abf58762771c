"""A notebook that was never saved is rebuilt from the store alone."""

from __future__ import annotations

import base64

import nbformat
import pytest
from click.testing import CliRunner

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
CELLS = [
    "%track start lost-file",
    "lr = 0.5\nprint('lr', lr)\ndisplay({'application/json': {'lr': [lr]}, 'text/plain': 'x'}, raw=True)\n'done'",
    f"from IPython.display import Image\nImage({PNG!r}, width=40)",
    "1 / 0",
    "lr = 0.25\nprint('lr', lr)",
    "lr = 0.25\nprint('lr', lr)",
]


@pytest.fixture
def ran(notebook):
    """The messages of each cell as a front end has them."""
    messages = [notebook.run(source) for source in CELLS]
    notebook.run("%track stop")
    return messages


def test_sources_numbers_and_outputs_come_back_in_the_order_in_which_they_ran(notebook, ran):
    book = nt.rebuild("lost-file", project=notebook.root)
    cells = book.cells[: len(CELLS)]
    nbformat.validate(book)

    assert [cell.source for cell in cells] == CELLS
    assert [cell.execution_count for cell in cells] == [one.reply["execution_count"] for one in ran]
    stream, display, result = cells[1].outputs
    assert (stream.name, stream.text) == ("stdout", "lr 0.5\n")
    assert display.data == {"application/json": {"lr": [0.5]}, "text/plain": "x"}
    assert (result.output_type, result.data["text/plain"]) == ("execute_result", "'done'")
    assert cells[2].outputs[0].data["image/png"].strip() == base64.b64encode(PNG).decode()
    assert cells[2].outputs[0].metadata == {"image/png": {"width": 40}}


def test_an_error_comes_back_with_its_traceback(notebook, ran):
    (error,) = nt.rebuild("lost-file", project=notebook.root).cells[3].outputs

    assert (error.ename, error.evalue) == ("ZeroDivisionError", "division by zero")
    assert "1 / 0" in "\n".join(error.traceback)


def test_a_cell_that_ran_twice_stands_there_twice_with_its_times(notebook, ran):
    first, again = nt.rebuild("lost-file", project=notebook.root).cells[4:6]

    assert first.id != again.id
    assert first.outputs == again.outputs
    assert first.metadata.nbtrail.status == "ok"
    assert first.metadata.nbtrail.started < first.metadata.nbtrail.ended <= again.metadata.nbtrail.started


def test_an_image_whose_file_is_gone_is_left_out(notebook, ran):
    for blob in (notebook.root / ".nbtrail" / "blobs").glob("??/*"):
        blob.unlink()
    book = nt.rebuild("lost-file", project=notebook.root)

    assert set(book.cells[2].outputs[0].data) == {"text/plain"}


def test_the_command_writes_a_file_and_replaces_none_unasked(notebook, ran, tmp_path):
    path = tmp_path / "found.ipynb"

    def call(*more):
        return CliRunner().invoke(main, ["-p", str(notebook.root), "rebuild", "lost-file", "-o", str(path), *more])

    assert call().exit_code == 0
    assert nbformat.read(path, as_version=4).metadata.nbtrail.run.name == "lost-file"
    path.write_text("mine")
    refused = call()
    assert (refused.exit_code, path.read_text()) == (1, "mine")
    assert "is there already" in refused.output
    assert call("--force").exit_code == 0
    assert len(nbformat.read(path, as_version=4).cells) == len(CELLS) + 1


def test_an_ending_in_capital_letters_is_a_notebooks_too(notebook, ran, tmp_path):
    path = tmp_path / "R.IPYNB"
    done = CliRunner().invoke(main, ["-p", str(notebook.root), "rebuild", "lost-file", "-o", str(path)])

    assert done.exit_code == 0
    assert nbformat.read(path, as_version=4).metadata.nbtrail.run.name == "lost-file"


def test_a_run_of_a_script_has_no_cells_and_no_empty_notebook_is_made_of_it(project):
    with nt.start_run("plain"):
        pass

    with pytest.raises(InputError, match="run 'plain' has no cells to rebuild"):
        nt.rebuild("plain")
    done = CliRunner().invoke(main, ["rebuild", "plain", "-o", "plain.ipynb"])
    assert (done.exit_code, (project.root / "plain.ipynb").exists()) == (1, False)
