"""``--each-step`` in a kernel: the loop does what it did, and its numbers are recorded."""

from __future__ import annotations

import re

import pytest

CELLS = {
    "break": "for i in range(9):\n    loss = 1 / (i + 1)\n    if i == 3:\n        break\nprint(i, loss)",
    "continue": "for i in range(4):\n    if i % 2:\n        continue\n    loss = i / 2\nprint(i, loss)",
    "else": "for i in range(3):\n    loss = i / 2\nelse:\n    print('else', i)\nloss",
    "caught": "try:\n  for i in range(3):\n    loss = 1 / (2 - i)\nexcept ZeroDivisionError as e:\n  print(e, i, loss)",
    "raised": "for i in range(3):\n    loss = 1 / (2 - i)",
    "raised in a function": "def f():\n    for i in range(3):\n        loss = 1 / (2 - i)\n    return loss\n\nf()",
    "while": "n = 0\nwhile n < 3:\n    n += 1\n    loss = n / 2\nprint(n)",
    "generator": "def f():\n    for i in range(3):\n        loss = i / 2\n        yield loss\nprint(list(f()))",
    "return": "def f():\n  for i in range(9):\n    loss = i / 2\n    if i == 2:\n      return loss\nf()",
    "nested": "for i in range(2):\n  for j in range(3):\n    if j == 1:\n      break\n  loss = i + j / 2\nprint(i, j)",
    "unpacked": "for i, (a, b) in enumerate([(1, 2), (3, 4)]):\n    loss = a / b\nprint(i, a, b)",
    "unbound": "for i in range(2):\n    if i == 5:\n        loss = 1.5\nprint('loss' in globals())",
    "deleted": "for i in range(2):\n    loss = i / 2\n    del loss\nprint('loss' in globals())",
    "async": "async def g():\n    for i in range(3):\n        yield i\nasync for i in g():\n    loss = i / 2\nprint(i)",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_does_prints_and_raises_the_same_with_and_without_tracking(notebook, name):
    source = CELLS[name]
    plain = notebook.run(f"# the magic's line\n{source}")
    notebook.run("globals().pop('loss', None)")
    tracked = notebook.run(f"%%track --each-step\n{source}")

    assert (tracked.stdout, tracked.result, tracked.stderr) == (plain.stdout, plain.result, plain.stderr)
    assert traceback(tracked) == traceback(plain)


def traceback(ran):
    """The traceback as it is shown, but for the cell's number and its first line."""
    lines = [] if ran.error is None else "\n".join(ran.error["traceback"]).splitlines()
    text = "\n".join(lines)
    text = re.sub(r"In\[\d+\]|In \[\d+\]|ipykernel_\d+/\d+", "In", re.sub(r"\x1b\[[0-9;]*m", "", text))
    return text.replace("# %%track --each-step", "# the magic's line")


def test_the_last_turn_of_a_loop_is_recorded_after_a_break_and_not_after_an_exception(notebook):
    notebook.run(f"%%track broken --each-step\n{CELLS['break']}")
    notebook.run(f"%%track raised --each-step\n{CELLS['raised']}")

    assert notebook.series("broken", "loss") == [(0, 1.0), (1, 1 / 2), (2, 1 / 3), (3, 1 / 4)]
    assert notebook.series("raised", "loss") == [(0, 0.5), (1, 1.0)]


def test_the_line_of_an_exception_in_a_loop_is_the_line_of_the_cell(notebook):
    loop = "try:\n  for i in range(3):\n    loss = 1 / (2 - i)\n"
    ran = notebook.run(f"%%track --each-step\n{loop}except ZeroDivisionError as e:\n  print(e.__traceback__.tb_lineno)")

    assert ran.stdout == "4\n"


def test_a_list_that_grows_is_a_series(notebook):
    notebook.run("%%track a --each-step\nhistory = {'loss': []}\nfor i in range(3):\n    history['loss'].append(i / 2)")

    assert notebook.series("a", "history.loss") == [(0, 0.0), (1, 0.5), (2, 1.0)]


def test_a_number_that_is_not_bound_again_is_not_recorded_again(notebook):
    notebook.run("%%track a --each-step loss\nfor i in range(5):\n    if i % 2 == 0:\n        loss = i / 4")

    assert notebook.series("a", "loss") == [(0, 0.0), (2, 0.5), (4, 1.0)]


def test_a_name_that_no_loop_binds_is_said_on_the_card(notebook):
    ran = notebook.run("%%track a --each-step val_los\nfor i in range(3):\n    val_loss = i / 2")

    assert "val_los: no loop of this cell bound it to a number" in ran.updates[-1]["text/html"]


def test_a_loop_that_is_too_fast_is_thinned_keeps_its_last_turn_and_says_so(notebook):
    ran = notebook.run("%%track a --each-step loss\nfor i in range(60_000):\n    loss = i / 2")
    series = notebook.series("a", "loss")

    assert 2000 <= len(series) < 60_000
    assert series[-1] == (59_999, 59_999 / 2)
    assert "some are left out" in ran.updates[-1]["text/html"]


def test_functions_of_a_tracked_cell_run_in_other_processes(notebook):
    source = "def fit(n):\n    for i in range(n):\n        loss = i / 2\n    return loss\n"
    notebook.run(f"%%track a --each-step\n{source}fit(3)")
    notebook.run("from multiprocessing import get_context")
    ran = notebook.run("with get_context('fork').Pool(1) as pool:\n    print(pool.map(fit, [4]))")

    assert ran.stdout == "[1.5]\n"
    assert [step for step, _ in notebook.series("a", "loss")] == [0, 1, 2]


def test_a_generator_that_outlives_its_cell_does_not_change_the_run_that_has_ended(notebook):
    source = "def turns():\n    for i in range(9):\n        loss = i / 2\n        yield loss\ng = turns()\n"
    notebook.run(f"%%track first --each-step\n{source}next(g), next(g), next(g)")
    notebook.run("%%track second --each-step\nfor x in g:\n    loss = x * 2")
    assert [value for _, value in notebook.series("first", "loss")] == [0.0, 0.5]
    assert len(notebook.series("second", "loss")) == 6


def test_nothing_is_left_in_the_namespace(notebook):
    notebook.run("before = set(globals())")
    notebook.run("%%track a --each-step\nfor i in range(3):\n    loss = i / 2")
    left = notebook.run("sorted(name for name in set(globals()) - before if not name.startswith(('_i', '_o')))").result

    assert left == "['before', 'i', 'loss']"
