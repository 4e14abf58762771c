"""Where notebooks run and how they are named there: what is recorded, as docs/situations.md says."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import nbformat
import pexpect
import pytest
from nbclient import NotebookClient

from nbtrail.project import find_project
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from tests.notebook.conftest import Notebook

CELLS = [
    "%load_ext nbtrail\n%track start whole",
    "# Parameters\nlr = 0.5\nsteps = 0",
    "acc = lr / 2\nprint('acc', acc)",
    "%%track own\nauc = lr / 4",
]


@pytest.fixture
def file(tmp_path):
    """A notebook in a project of its own."""
    root = tmp_path / "heart-disease"
    (root / ".nbtrail").mkdir(parents=True)
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path = root / "train.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def execute(file, environ):
    """Runs a program in the folder above the project; gives the store's runs by name, and params of ``whole``."""

    def run(*words):
        done = subprocess.run(
            [sys.executable, *words], cwd=file.parent.parent, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        with reader(find_project(file.parent, environ={})) as reading:
            runs = {one.name: one for one in [reading.store.run("whole"), reading.store.run("own")]}
            params = {one.key: one for one in reading.store.params([runs["whole"].id])}
        return runs, params

    return run


def named(notebook):
    """The notebook of a run that begins now."""
    notebook.run("%reload_ext nbtrail")
    notebook.run("%%track named\nacc = 1 / 2")
    return notebook.runs()[-1].notebook


def test_jupyter_names_the_notebook_and_a_renamed_one_keeps_its_name_until_the_next_kernel(tmp_path, environ):
    root = tmp_path / "heart-disease"
    (root / "deep").mkdir(parents=True)
    notebook = Notebook(root, {**environ, "JPY_SESSION_NAME": str(root / "deep" / "train.ipynb")})
    try:
        (root / ".nbtrail").mkdir()
        assert named(notebook) == "deep/train.ipynb"
        (root / "deep").rename(root / "deeper")
        assert named(notebook) == "deep/train.ipynb"
        assert len({run.session_id for run in notebook.runs()}) == 1
    finally:
        notebook.close()


def test_vs_code_names_the_notebook_in_its_namespace(notebook):
    (notebook.root / ".nbtrail").mkdir()
    notebook.run(f"__vsc_ipynb_file__ = {str(notebook.root / 'model.ipynb')!r}", silent=True)

    assert named(notebook) == "model.ipynb"


def test_colab_names_the_notebook_to_who_asks(notebook):
    class Sessions(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            session = {"name": "Heart disease.ipynb", "path": "fileId=abc", "kernel": {"id": "c0ffee"}}
            self.wfile.write(json.dumps([session] if self.path == "/api/sessions" else []).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Sessions) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        notebook.run(
            f"import os\nos.environ['COLAB_JUPYTER_IP'] = '127.0.0.1'\n"
            f"os.environ['KMP_TARGET_PORT'] = '{server.server_port}'",
            silent=True,
        )
        (notebook.root / ".nbtrail").mkdir()
        found = named(notebook)
        server.shutdown()
    notebook.run("del os.environ['COLAB_JUPYTER_IP']\n%reload_ext nbtrail", silent=True)

    assert found == "Heart disease.ipynb"


def test_papermill(execute, file):
    runs, params = execute(
        "-m", "papermill", "heart-disease/train.ipynb", "out.ipynb", "-p", "lr", "0.25", "-p", "mode", "x"
    )

    assert {run.notebook for run in runs.values()} == {"train.ipynb"}
    assert {run.status for run in runs.values()} == {"finished"}
    assert (params["lr"].value, params["lr"].earlier) == (0.25, (0.5,))
    assert params["mode"].value == "x"
    assert params["mode"].reason == "parameters cell 3"
    assert params["steps"].value == 0
    # Papermill writes the notebook: its card must stand there without a kernel.
    card = nbformat.read(file.parent.parent / "out.ipynb", as_version=4).cells[-1].outputs[-1]
    assert "own" in card.data["text/html"]


def test_jupyter_execute(execute):
    runs, params = execute("-m", "jupyter", "execute", "heart-disease/train.ipynb")

    assert {run.notebook for run in runs.values()} == {"train.ipynb"}
    assert params["lr"].value == 0.5


def test_nbclient_in_a_program_leaves_the_name_open(file, environ, monkeypatch):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(file, as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(file.parent)}}).execute()

    with reader(find_project(file.parent, environ={})) as reading:
        run = reading.store.run("whole")
        assert (run.notebook, run.status) == (None, "finished")
        assert [cell.source for cell in reading.store.executions(run.id)] == CELLS


def test_ipython_with_a_notebook_as_its_script_records_what_is_logged(file, environ):
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("%track log f1=0.7"))
    nbformat.write(notebook, file)
    subprocess.run([sys.executable, "-m", "IPython", str(file)], cwd=file.parent, env=environ, check=True)

    with reader(find_project(file.parent, environ={})) as reading:
        run = reading.store.run("whole")
        assert {one.key: one.last for one in reading.store.metrics([run.id])} == {"f1": 0.7}
        assert reading.store.executions(run.id) == []
        assert [one.name for one in reading.store.runs(RunQuery())] == ["whole"]


@pytest.fixture
def terminal(tmp_path, environ):
    """IPython in a pseudo-terminal: gives what a line prints up to the next prompt."""
    options = ["-m", "IPython", "--simple-prompt", "--colors=NoColor", "--no-banner", "--no-confirm-exit"]
    child = pexpect.spawn(
        sys.executable, options, cwd=str(tmp_path), env={**environ, "TERM": "dumb"}, encoding="utf-8", timeout=60,
        dimensions=(50, 300),
    )  # fmt: skip
    child.expect_exact("In [1]: ")

    def type_in(*lines):
        for line in lines:
            child.sendline(line)
        child.expect(r"In \[\d+\]: ")
        return child.before

    type_in.child = child
    yield type_in
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()


def test_plain_ipython_in_a_terminal(terminal, tmp_path):
    terminal("%load_ext nbtrail")
    begun = terminal("%track start whole")
    terminal("lr = 0.5")
    shown = terminal("acc = lr / 2; acc")
    terminal.child.sendline("import time; print('be' + 'gun', flush=True); [time.sleep(0.1) for _ in range(600)]")
    terminal.child.expect_exact("begun\r\n")
    terminal.child.sendintr()
    terminal.child.expect(r"In \[\d+\]: ")
    interrupted = terminal.child.before
    failed = terminal("%%track own", "1 / 0", "", "")
    ended = terminal("%track stop")

    assert "nbtrail: whole · running" in begun
    assert "0.25" in shown
    assert "nbtrail" not in shown
    assert "KeyboardInterrupt" in interrupted
    assert "nbtrail: own · failed" in failed
    assert "whole · finished" in ended
    assert "Widget" not in begun + shown + failed + ended
    with reader(find_project(tmp_path, environ={})) as reading:
        whole, own = reading.store.run("whole"), reading.store.run("own")
        assert (whole.status, own.status, own.parent_id) == ("finished", "failed", whole.id)
        assert {one.key: one.last for one in reading.store.metrics([whole.id])} == {"acc": 0.25}
        cells = reading.store.executions(whole.id)
        assert [cell.status for cell in cells[:5]] == ["ok", "ok", "ok", "interrupted", "error"]
        assert {one.kind for one in reading.store.outputs([cell.id for cell in cells])} == {"error"}
