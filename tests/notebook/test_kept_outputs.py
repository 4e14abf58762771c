"""What cells put out is recorded, and reaches the user as it was."""

from __future__ import annotations

import sys

import nbformat
from nbclient import NotebookClient

from nbtrail.notebook.card_bundle import CARD_MIME


def kinds(outputs):
    return [(one.kind, one.mime) for one in outputs]


def test_streams_displays_and_results_are_recorded(notebook):
    source = "%%track a\nimport sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay('shown')\n41 + 1"
    ran = notebook.run(source)
    outputs = notebook.outputs(notebook.executions("a")[0].id)

    assert (ran.stdout, ran.stderr, ran.result) == ("out\n", "err\n", "42")
    assert {(one.kind, one.text) for one in outputs} == {
        ("stream", "out\n"), ("stream", "err\n"), ("display", "'shown'"), ("result", "42"),
    }  # fmt: skip


def test_images_are_kept_as_files(notebook):
    notebook.run("%%track a\nfrom IPython.display import Image\ndisplay(Image(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(60)))")
    (image,) = [one for one in notebook.outputs(notebook.executions("a")[0].id) if one.mime == "image/png"]

    assert image.text is None
    assert (notebook.root / ".nbtrail" / "blobs" / image.blob[:2] / image.blob[2:]).read_bytes().startswith(b"\x89PNG")


def test_long_streams_are_cut_in_the_middle_and_say_so(notebook):
    ran = notebook.run("%%track a\nprint('a line of words\\n' * 7_000)\nprint('end')")
    (stream,) = notebook.outputs(notebook.executions("a")[0].id)

    assert len(ran.stdout) == 7_000 * 16 + 5
    assert stream.cut
    assert "left out" in stream.text
    assert stream.text.endswith("end\n")


def test_what_a_cell_reads_and_writes_is_recorded(notebook):
    notebook.run("x = 2")
    notebook.run("%%track a\ny = x + 1\nz = y * 2")
    (execution,) = notebook.executions("a")

    assert (set(execution.reads), set(execution.writes)) == ({"x", "y"}, {"y", "z"})


def test_a_notebook_that_was_run_without_a_front_end_holds_the_card_as_html(tmp_path, environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    cells = [
        "%load_ext nbtrail\nlr = 0.5",
        "%%track swift-otter --each-step\nfor i in range(9):\n    loss = lr / (i + 1)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()

    (card,) = notebook.cells[1].outputs
    assert set(card.data) == {CARD_MIME, "text/html", "text/plain"}
    assert card.data[CARD_MIME]["curves"][0]["values"][:2] == [0.5, 0.25]
    assert "swift-otter" in card.data["text/html"]
    assert "svg" in card.data["text/html"]
    assert sys.executable not in card.data["text/html"]


def test_the_card_of_a_notebook_run_follows_the_cells_after_it(notebook):
    notebook.run("%track start whole")
    ran = notebook.run("lr = 0.5\nacc = lr / 2")

    assert "0.25" in ran.updates[-1]["text/html"]


def test_the_card_is_no_output_of_the_cell(notebook):
    notebook.run("%%track a\nacc = 1 / 2")

    assert notebook.outputs(notebook.executions("a")[0].id) == []


def test_a_table_of_runs_becomes_html_when_the_next_cell_begins(notebook):
    notebook.run("%%track a\nacc = 1 / 2")
    notebook.run("%track runs")
    ran = notebook.run("1")

    assert set(ran.updates[0]) == {"text/html", "text/plain"}
