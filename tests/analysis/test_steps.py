"""The loop transformation, run without a kernel."""

from __future__ import annotations

import ast
import pickle
import sys

import pytest

from nbtrail.analysis.steps import StepTransformer
from nbtrail.analysis.ticks import KEPT_AT_ONCE, Following, enter_loop, follow


class Log:
    """A sink that keeps what it hears."""

    def __init__(self):
        self.steps, self.progresses, self.is_thinned, self.errors = [], [], False, []
        self.is_over = False

    def step(self, step, values):
        self.steps.append((step, dict(values)))

    def over(self):
        self.is_over = True

    def progress(self, done, total):
        self.progresses.append((done, total))

    def thinned(self):
        self.is_thinned = True

    def failed(self, error):
        self.errors.append(error)


def transformed(source, *wanted):
    transformer = StepTransformer("cell", wanted)
    return transformer, ast.fix_missing_locations(transformer.visit(ast.parse(source)))


def run(source, *wanted, clock=lambda: 0.0):
    """Run a cell whose loops are followed."""
    transformer, tree = transformed(source, *wanted)
    log, namespace = Log(), {"__name__": "__main__"}
    follow(Following(transformer.plans, log, clock=clock))
    try:
        exec(compile(tree, "<cell>", "exec"), namespace)
    finally:
        follow(None)
    assert log.errors == []
    return log


@pytest.mark.parametrize(
    ("loop", "steps"),
    [
        ("for i in range(4, 6)", [4, 5]),
        ("for i, x in enumerate('ab')", [0, 1]),
        ("for x in 'ab'", [0, 1]),
        ("for i in (7, 3)", [7, 3]),
        ("for i in (2.0, 2.5)", [2, 1]),
        ("for i in (True, False)", [0, 1]),
    ],
)
def test_the_step_is_the_loop_variable_if_it_is_a_whole_number_else_the_turn(loop, steps):
    assert [step for step, _ in run(f"n = 0\n{loop}:\n    n += 1\n    loss = n / 2").steps] == steps


def test_only_computed_names_that_look_like_metrics_are_taken_without_names():
    log = run("t = 0.5\nfor i in range(1):\n    acc = i / 2\n    old_acc = t\n    x = i / 2\n    loss = 0.5")

    assert log.steps == [(0, {"acc": 0.0})]


def test_the_names_given_are_taken_whatever_they_are():
    assert run("for i in range(2):\n    x = i / 2", "x").steps == [(0, {"x": 0.0}), (1, {"x": 0.5})]


def test_the_outermost_loop_is_followed_or_the_one_whose_target_is_named():
    source = "for i in range(2):\n    for j in range(2):\n        loss = (i + j) / 2"

    assert len(run(source, "loss").steps) == 2
    assert len(run(source, "j", "loss").steps) == 4


def test_loops_in_functions_of_the_cell_are_followed_and_compiled_ones_are_not():
    source = "def f():\n    for i in range(2):\n        loss = i / 2\nf()"

    assert len(run(source).steps) == 2
    assert run(f"def jit(f): return f\n@jit\n{source}").steps == []


def test_progress_knows_the_length_of_what_is_looped_over():
    assert run("for i in range(3):\n    pass").progresses == [(1, 3), (2, 3), (3, 3)]
    assert run("for i in enumerate([1]):\n    pass").progresses == [(1, 1)]
    assert run("for i in iter([1]):\n    pass").progresses == [(1, None)]


def test_a_list_that_only_gathers_a_recorded_number_is_no_second_series():
    log = run("losses = []\nfor i in range(2):\n    loss = i / 2\n    losses.append(loss)")

    assert log.steps == [(0, {"loss": 0.0}), (1, {"loss": 0.5})]


def test_turns_beyond_the_rate_are_left_out_but_never_the_last():
    log = run(f"for i in range({KEPT_AT_ONCE + 500}):\n    loss = i / 2")

    assert log.is_thinned
    assert len(log.steps) == KEPT_AT_ONCE + 1
    assert log.steps[-1] == (KEPT_AT_ONCE + 499, {"loss": (KEPT_AT_ONCE + 499) / 2})


def test_an_exception_that_is_being_handled_around_the_loop_is_none_of_its_own():
    log = run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    for i in range(2):\n        loss = i / 2")

    assert [step for step, _ in log.steps] == [0, 1]


def test_no_node_is_put_on_a_line_of_its_own():
    source = "for i in range(3):\n    loss = i / 2\nelse:\n    pass"
    _, tree = transformed(source)

    assert {node.lineno for node in ast.walk(tree) if hasattr(node, "lineno")} <= {1, 2, 3, 4}


def test_what_nobody_follows_is_a_plain_loop():
    _, tree = transformed("total = 0\nfor i in range(3):\n    loss = i / 2\n    total += i")
    namespace = {}
    exec(compile(tree, "<cell>", "exec"), namespace)

    assert namespace["total"] == 3
    assert enter_loop("cell.0") is None


def test_where_nbtrail_is_not_installed_the_loop_is_a_plain_one(monkeypatch):
    """A function that was shipped to another machine."""
    _, tree = transformed("def f():\n    for i in range(3):\n        loss = i / 2\n    return loss")
    namespace = {}
    exec(compile(tree, "<cell>", "exec"), namespace)
    monkeypatch.setitem(sys.modules, "nbtrail.analysis.ticks", None)

    assert namespace["f"]() == 1.0


def test_the_code_of_a_followed_function_names_nothing_that_cannot_be_shipped():
    _, tree = transformed("def f():\n    for i in range(3):\n        loss = i / 2")
    namespace = {}
    exec(compile(tree, "<cell>", "exec"), namespace)

    assert set(namespace["f"].__code__.co_names) <= {
        "nbtrail.analysis.ticks", "enter_loop", "Exception", "range", "over", "turn", "see", "keep", "end", "NameError",
    }  # fmt: skip
    assert pickle.dumps(namespace["f"].__code__.co_consts)


def test_the_frames_of_a_loop_are_not_kept_alive():
    loop = "    for i in range(2):\n        loss = i / 2\n"
    log = run(
        f"import weakref\nclass A: pass\ndef f():\n    a = A()\n{loop}    return weakref.ref(a)\nassert f()() is None"
    )

    assert len(log.steps) == 2


RETURNS = {
    "plain": "return loss",
    "in an if": "if loss:\n            return loss",
    "in a with": "with a:\n            return loss",
    "in a try": "try:\n            return loss\n        finally:\n            pass",
    "in an inner loop": "for j in range(2):\n            return j",
}


@pytest.mark.parametrize("place", RETURNS)
def test_a_return_out_of_a_loop_ends_it(place):
    loop = f"    for i in range(3, 9):\n        loss = i / 2\n        {RETURNS[place]}\n"
    source = f"import contextlib\na = contextlib.nullcontext()\ndef f():\n{loop}f()"
    assert run(source).steps == [(3, {"loss": 1.5})]


def test_a_return_of_a_function_inside_of_the_loop_does_not():
    log = run("for i in range(2):\n    def f():\n        return 1\n    f()\n    loss = i / 2")
    assert log.steps == [(0, {"loss": 0.0}), (1, {"loss": 0.5})]


def test_an_exception_on_its_way_out_passes_nothing_that_moves_the_line_of_its_frame():
    """IPython points at the line that the frame stands at, and a ``finally`` would move it."""
    _, tree = transformed("def f():\n    for i in range(3):\n        loss = i / 2\n        loss / 0")
    namespace = {}
    exec(compile(tree, "<cell>", "exec"), namespace)
    with pytest.raises(ZeroDivisionError) as caught:
        namespace["f"]()
    assert caught.tb.tb_next.tb_frame.f_lineno == 4


def test_the_loop_after_one_that_raised_tells_the_progress():
    raised = "try:\n    for i in range(5):\n        loss = 1 / (1 - i)\nexcept ZeroDivisionError:\n    pass\n"
    log = run(f"{raised}for i in range(3):\n    loss = i / 2")
    assert log.progresses[-1] == (3, 3)


def test_what_others_have_hung_onto_the_nodes_is_not_copied():
    """IPython's tracebacks hang a whole module onto the ``Load()`` that all trees share."""
    shared = ast.parse("x").body[0].value.ctx
    shared.parent = uncopied = Uncopied()
    try:
        transformer, _ = transformed("for i in range(3):\n    loss = i / 2")
    finally:
        del shared.parent
    assert transformer.plans
    assert uncopied.copies == 0


class Uncopied:
    copies = 0

    def __deepcopy__(self, memo):
        self.copies += 1
        return self


@pytest.mark.parametrize(
    "source",
    ["for i in range(3):\n    loss = i / 2\n    loss += 1\ni",
     "n = 0\nwhile n < 3:\n    n += 1\n    if n == 2:\n        continue\n    loss = n / 2\nn",
     "def f():\n    for i in range(3):\n        loss = i / 2\n    return loss\nf()"],
)  # fmt: skip
def test_a_debugger_steps_through_the_lines_as_before(source):
    _, tree = transformed(source)
    assert lines_of(compile(tree, "<cell>", "exec")) == lines_of(compile(source, "<cell>", "exec"))


def lines_of(code):
    """The lines that a debugger would stop at, in order."""
    lines = []

    def trace(frame, event, _):
        if frame.f_code.co_filename != "<cell>":
            return None
        if event == "line":
            lines.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(code, {"__name__": "__main__"})
    finally:
        sys.settrace(before)
    return lines


def test_a_function_that_looks_at_its_names_is_left_alone():
    function = "def f(n):\n    for i in range(n):\n        loss = i / 2\n    return sorted(locals())\n"
    log = run(f"{function}assert f(2) == ['i', 'loss', 'n']")
    assert log.steps == []
