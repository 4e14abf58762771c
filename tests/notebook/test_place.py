"""Which notebook a command line runs."""

from __future__ import annotations

import pytest

from nbtrail.notebook.place import find_notebook_word, notebook_path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python -m papermill in.ipynb out.ipynb -p lr 0.1", "in.ipynb"),
        ("/env/bin/python /env/bin/papermill work/in.ipynb out.ipynb", "work/in.ipynb"),
        ("/env/bin/python /env/bin/jupyter-execute train.ipynb", "train.ipynb"),
        ("python /env/bin/jupyter-nbconvert --execute train.ipynb --output out.ipynb", "train.ipynb"),
        ("python /env/bin/jupyter-execute one.ipynb two.ipynb", None),
        ("python /env/bin/jupyter-lab train.ipynb", None),
        ("python sweep.py papermill in.ipynb", None),
        ("python", None),
    ],
)
def test_the_notebook_stands_on_the_command_line_of_programs_that_run_one(line, expected):
    assert find_notebook_word(line.split()) == expected


def test_outside_of_a_kernel_nothing_is_asked():
    environ = {"COLAB_JUPYTER_IP": "127.0.0.1", "KMP_TARGET_PORT": "1"}
    assert notebook_path({}, environ=environ) is None
