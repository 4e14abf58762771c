"""In a real kernel: no secret of a notebook reaches the project's folder, in whatever way it goes about."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest

PASSWORD = "hunter2-" + "correct-horse"
HALVES = (PASSWORD[:8], PASSWORD[-8:])
ENVIRON = "e9X-battery-" + "staple/42"
FROM_DIALOG = "typed <in> & " + "kept 'secret'"

START = """
import nbtrail as nt
params = {"url": f"https://ada:{password}@db", "text": token, "db": {"password": "short"}}
run = nt.start_run(f"try {password}", tags=[password], note=token, params=params)
run.log({"acc": 0.5})
run.log_artifact(b"x", name=f"{password}.bin")
run.finish("failed", token)
"""


def run_all(notebook):
    """A notebook that sets, prints, shows, raises with and passes on three secrets."""
    cells = [
        f'password = "{PASSWORD}"\nlr = 0.1\nprint(lr)',
        "print('it is', password)",
        "password",
        f"%env MODEL_API_KEY={ENVIRON}",
        "import os, sys\nprint(os.environ['MODEL_API_KEY'])\nprint(dict(os.environ), file=sys.stderr)",
        f"token = bytes.fromhex('{FROM_DIALOG.encode().hex()}').decode()",
        "from IPython.display import HTML, JSON, display\nimport html",
        "display(HTML(f'<b>{html.escape(token)}</b>'), JSON({'header': {'authorization': password}, 'list': [token]}))",
        "import pandas as pd\npd.DataFrame({'who': ['ada'], 'said': [password]})",
        "raise ValueError(f'no entry for {password} and {token}')",
        "%%track inner --tag secret\nstep = {'nested': [password]}\nprint(step)\nassert password == 'x', password",
        START,
        "print('x' * 31_990, password, 'y' * 70_000)",
    ]
    notebook.run("%track start outer")
    return [notebook.run(cell) for cell in cells]


def found_in(folder, *secrets):
    """Files of a project in which a secret stands, in clear, as JSON or as HTML."""
    forms = {form for one in secrets for form in (one, json.dumps(one)[1:-1], base64.b64encode(one.encode()).decode())}
    forms |= {one.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for one in secrets}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "store.db" for path in files)
    return {
        (str(path.relative_to(folder)), form) for path in files for form in forms if form.encode() in path.read_bytes()
    }


def git(folder, *arguments):
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def in_git(own_notebook):
    """The notebook's folder is a repository; a line that was changed after the commit sets a secret."""
    git(own_notebook.root, "init")
    (own_notebook.root / "settings.py").write_text("db_password = None\n")
    git(own_notebook.root, "add", "settings.py")
    git(own_notebook.root, "commit", "-m", "first")
    git(own_notebook.root, "remote", "add", "origin", f"https://ada:{PASSWORD}@example.org/heart.git")
    (own_notebook.root / "settings.py").write_text(f'db_password = "{PASSWORD}"\n# and {PASSWORD}\n')
    return own_notebook


def test_no_secret_reaches_the_folder_while_the_kernel_runs_nor_when_it_has_ended(in_git):
    """The store, its log, the journal and the blobs are searched as they lie on the disk."""
    ran = run_all(in_git)
    assert PASSWORD in ran[1].stdout
    assert ENVIRON in ran[4].stdout
    folder = in_git.root / ".nbtrail"
    assert found_in(folder, PASSWORD, ENVIRON, FROM_DIALOG) == set()
    assert found_in(folder, *HALVES) == set()

    runs = in_git.runs()
    environment = in_git.read(lambda store: store.environment(runs[0].environment_id))
    in_git.close()

    assert [run.name for run in runs] == ["outer", "inner", "try ********"]
    assert environment.git_remote.endswith("example.org/heart.git")
    diff = folder / "blobs" / environment.git_diff[:2] / environment.git_diff[2:]
    assert '+db_password = "********"\n+# and ********' in diff.read_text()
    assert found_in(folder, PASSWORD, ENVIRON, FROM_DIALOG) == set()


def test_what_stands_around_a_secret_stays_readable(notebook):
    notebook.run("%track start readable")
    notebook.run(f'client = dict(api_key="{PASSWORD}", max_tokens=256, pad_token="<pad>")\nprint(client["api_key"], 1)')

    last = notebook.executions("readable")[-1]
    masked = 'client = dict(api_key="********", max_tokens=256, pad_token="<pad>")'
    assert last.source.splitlines()[0] == masked
    assert [one.text for one in notebook.outputs(last.id)] == ["******** 1\n"]


def test_a_param_with_the_value_of_a_secret_is_masked_under_any_name(notebook):
    notebook.run("%track start params")
    notebook.run(f"import os\nos.environ['SERVICE_TOKEN'] = '{ENVIRON}'")
    notebook.run(f"import nbtrail as nt\nnt.active_run().set_params({{'label': 'with {ENVIRON}'}})")

    assert notebook.params("params")["label"].value == "with ********"
