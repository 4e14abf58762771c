"""Messages stand at the user's own line, and are never an error in their code."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings

import pytest

from nbtrail.errors import NbtrailWarning
from nbtrail.notices import announce


def in_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_message_is_a_warning_at_the_users_line():
    with pytest.warns(NbtrailWarning, match="mind this") as seen:
        announce("mind this")

    assert seen[0].filename == __file__


def test_python_and_libraries_between_the_user_and_nbtrail_are_passed_over():
    import pandas as pd

    with pytest.warns(NbtrailWarning) as seen:
        pd.Series(["mind this"]).map(announce)

    assert seen[0].filename == __file__


def test_a_message_of_a_background_thread_is_a_warning_that_filters_catch():
    with pytest.warns(NbtrailWarning, match="mind this"):
        in_thread(lambda: announce("mind this"))


def test_where_no_line_is_the_users_the_script_is_named_and_nothing_quoted(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "import threading\nfrom nbtrail.notices import announce\n"
        "thread = threading.Thread(target=announce, args=('mind this',))\nthread.start()\nthread.join()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert done.stderr == f"{script}:0: NbtrailWarning: mind this\n"


def test_where_warnings_are_made_to_raise_a_thread_writes_its_message(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        in_thread(lambda: announce("mind this"))

    assert capsys.readouterr().err == "nbtrail: mind this\n"
