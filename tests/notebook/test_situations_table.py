"""The table of situations in the documents and the tests of situations are the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "docs" / "situations.md").read_text(encoding="utf-8")
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| Situation", "| ---"))]


def find_tests(pattern):
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob(pattern)]
    functions = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {name for name in functions if name.startswith("test_")}


def test_each_row_is_a_test():
    named = [re.findall(r"`(test_\w+)`", row.rsplit(" | ", 1)[1]) for row in ROWS]

    assert len(ROWS) > 50
    assert [row for row, names in zip(ROWS, named, strict=True) if not names] == []
    assert {name for names in named for name in names} - find_tests("test_*.py") == set()


def test_each_test_of_a_situation_is_a_row():
    assert find_tests("test_situations_[!t]*.py") - set(re.findall(r"`(test_\w+)`", TABLE)) == set()


def test_each_row_has_four_columns():
    assert [row for row in ROWS if row.count(" | ") != 3] == []
