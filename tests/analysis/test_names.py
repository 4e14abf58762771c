"""What a cell reads and writes."""

from __future__ import annotations

import ast

import pytest

from nbtrail.analysis.names import FunctionReads, cell_names, parse_cell


def names(source):
    found = cell_names(ast.parse(source))
    return set(found.reads), set(found.writes)


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("y = x + 1", {"x"}, {"y"}),
        ("x += 1", {"x"}, {"x"}),
        ("a.b = c", {"a", "c"}, set()),
        ("print(len(x))", {"x"}, set()),
        ("max = 3\nmax", {"max"}, {"max"}),
        ("import numpy as np, os.path", set(), {"np", "os"}),
        ("for i in xs:\n    pass", {"xs"}, {"i"}),
        ("[i * k for i in xs if i]", {"xs", "k"}, set()),
        ("[(last := i) for i in xs]", {"xs"}, {"last"}),
        ("def f(a, b=d):\n    c = a\n    return c + g", {"d", "g"}, {"f"}),
        ("def f():\n    global n\n    n = m", {"m"}, {"f", "n"}),
        ("lambda a: a + b", {"b"}, set()),
        ("class C(Base):\n    lr = x\n    def f(self):\n        return lr", {"Base", "x", "lr"}, {"C"}),
        ("try:\n    f()\nexcept E as e:\n    e", {"f", "E", "e"}, {"e"}),
        ("with open(p) as f:\n    pass", {"p"}, {"f"}),
        ("match p:\n    case {'a': a, **rest}:\n        a", {"p", "a"}, {"a", "rest"}),
        ("x = await f()", {"f"}, {"x"}),
        ("del x", set(), {"x"}),
    ],
)
def test_reads_and_writes(source, reads, writes):
    assert names(source) == (reads, writes)


def test_the_python_inside_a_timed_cell_counts():
    tree = parse_cell("get_ipython().run_cell_magic('time', '', 'y = x\\n')")

    assert cell_names(tree).writes == ("y",)


def test_what_is_no_python_has_no_tree():
    assert parse_cell("for for") is None


def test_functions_read_through_functions_and_classes_of_the_notebook():
    namespace = {"__name__": "__main__"}
    exec("lr = 1\ndepth = 2\ndef inner():\n    return lr", namespace)
    exec("class Model:\n    def fit(self):\n        return inner(), depth", namespace)

    assert set(FunctionReads().through(["Model"], namespace)) == {"Model", "inner", "lr", "depth"}


def test_functions_that_call_each_other_end():
    namespace = {"__name__": "__main__"}
    exec("def a():\n    return b()\ndef b():\n    return a()", namespace)

    assert set(FunctionReads().through(["a"], namespace)) == {"a", "b"}
