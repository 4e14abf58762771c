"""Mistakes in what is asked for are one clear message, not a page of traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("import nbtrail as nt\nnt.runs('metrics.acc >')", "FilterError: ", "  line 2: nt.runs('metrics.acc >')"),
        ("import nbtrail as nt\nnt.run('gone')", "RunNotFoundError: no run 'gone'", "  line 2: nt.run('gone')"),
        (
            "import nbtrail as nt\ndef show():\n    return nt.diff('gone', 'lost')\nshow()",
            "RunNotFoundError: no run 'gone'",
            "  line 3 in show: return nt.diff('gone', 'lost')",
        ),
    ],
)
def test_an_error_of_nbtrail_is_its_message_and_the_users_line(notebook, source, message, line):
    shown = notebook.run(source).error["traceback"]

    assert shown[0].startswith(message)
    assert shown[-1] == line
    assert len(shown) == 2


def test_in_a_script_the_traceback_is_whole(project):
    source = "import nbtrail as nt\nnt.runs('metrics.acc >')"
    done = subprocess.run([sys.executable, "-c", source], cwd=project.root, capture_output=True, text=True, check=False)

    assert "Traceback (most recent call last)" in done.stderr
    assert "frames.py" in done.stderr


def test_a_tracked_cell_below_a_comment_is_a_run_and_keeps_its_line_numbers(notebook):
    ran = notebook.run("# what this is about\n\n%%track a\n# more\nacc = 1 / 2\n1 / 0")

    assert ", line 6" in "".join(ran.error["traceback"])
    assert notebook.runs()[0].error.startswith("ZeroDivisionError")


def test_a_tracked_cell_below_code_is_refused_with_what_has_happened(notebook):
    error = notebook.run("x = 1\n%%track a\ny = 2").stderr

    assert "%%track a: code stands above it in its cell. Only comments may." in error
    assert notebook.run("(x, 'y' in globals())").result == "(1, False)"


def test_status_says_that_tracking_is_off(notebook):
    notebook.run("%track off")
    assert "tracking is off" in notebook.run("%track status").stdout

    notebook.run("%track")
    assert "tracking is off" not in notebook.run("%track status").stdout


HALF = "'\\ud800'"
"""Half of a surrogate pair, which no encoding has bytes for."""


def test_a_text_that_no_encoding_has_bytes_for_stands_on_the_card_with_a_question_mark(notebook):
    ran = notebook.run(f"%%track a\nname = {HALF}; y = name")

    assert ran.stderr == ""
    assert ran.reply["status"] == "ok"
    assert notebook.params("a")["name"].value == "?"
    assert "name=?" in "".join(ran.updates[-1]["text/plain"].split())


def test_an_error_that_no_encoding_has_bytes_for_is_the_error_of_its_run(notebook):
    plain = notebook.run(f"raise ValueError({HALF})")
    ran = notebook.run(f"%%track a\nraise ValueError({HALF})")
    after = notebook.run("%%track b\nprint('here')")

    assert (ran.stderr, after.stderr) == ("", "")
    assert ran.reply["ename"] == plain.reply["ename"]
    assert notebook.runs()[0].error == f"ValueError in [{ran.reply['execution_count']}]: ?"
    assert [one.text for one in notebook.outputs(notebook.executions("b")[0].id)] == ["here\n"]


ASK = "import nbtrail as nt\nimport pandas as pd\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("nt.sql('selec')", "  line 3: nt.sql('selec')"),
        ("def ask(query):\n    return nt.sql(query)\nask('selec')", "  line 4 in ask: return nt.sql(query)"),
        ("pd.Series(['selec']).map(nt.sql)", "  line 3: pd.Series(['selec']).map(nt.sql)"),
        ("list(map(lambda query: nt.sql(query), ['selec']))", "  line 3 in <lambda>: list(map("),
        ("import functools\nfunctools.partial(nt.sql, 'selec')()", "  line 4: functools.partial(nt.sql, 'selec')()"),
    ],
    ids=["context manager", "function", "pandas", "lambda", "functools"],
)
def test_an_error_names_the_users_line_and_none_of_python_or_a_library(notebook, source, line):
    shown = notebook.run(ASK + source).error["traceback"]

    assert shown[0].startswith("SqlError: ")
    assert shown[-1].startswith(line)
