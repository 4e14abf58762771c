"""Metrics that a cell has printed, and numbers that it has shown: proposed, never taken."""

from __future__ import annotations

import ast
import math
import subprocess
import sys

import numpy as np
import pytest

from nbtrail.analysis.facts import look_at
from nbtrail.analysis.metrics import find_shown
from nbtrail.analysis.printed import find_printed
from nbtrail.settings import Settings


def printed(text, **settings):
    return {one.name: one.value for one in find_printed(text, Settings(**settings))}


@pytest.mark.parametrize(
    ("text", "found"),
    [("Epoch 3/10 - loss: 0.123 - val_acc: 0.94", {"loss": 0.123, "val_acc": 0.94}),
     ("Test accuracy = 93.4%", {"test_accuracy": 93.4}), ("Accuracy (%): 93%", {"accuracy": 93.0}),
     ("R2: .97\nMean Squared Error: 1e-3", {"r2": 0.97, "mean_squared_error": 0.001}),
     ("loss=0.5 (best acc: 0.3)", {"loss": 0.5, "best_acc": 0.3}), ("score: -inf", {"score": -math.inf}),
     ("loss: 0.9\nloss: 0.4\n", {"loss": 0.4}), (f"loss{' ' * 20}= 0.3", {"loss": 0.3})],
)  # fmt: skip
def test_numbers_beside_a_metrics_name_are_found(text, found):
    assert printed(text) == found


@pytest.mark.parametrize(
    "text", ["time: 12:30", "error: 404 not found", "precision recall f1-score", "loss: tensor(0.3)", "rows: 1437.0",
             "loss: 1.2.3", "score 0.9", ""],
)  # fmt: skip
def test_other_numbers_are_not(text):
    assert printed(text) == {}


@pytest.mark.parametrize("piece", ["a", "a b ", "1", ": ", "aaaa bbbb cccc dddd" + " " * 480])
def test_no_printed_text_takes_long(piece):
    """Every cell's output passes through here; a pattern that backtracks would hold the kernel for minutes."""
    script = f"""
from nbtrail.analysis.printed import find_printed
from nbtrail.settings import Settings
line = ({piece!r} * 500)[:500] + chr(10)
print([one.name for one in find_printed(line * 10_000 + "loss: 0.5", Settings())])
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, timeout=120, capture_output=True, text=True)

    assert done.stdout == "['loss']\n"


def test_watched_names_count_whatever_the_lexicon_says_and_ignored_ones_never():
    assert printed("gap: 0.1, loss: 0.2", watch_metrics=("gap",), ignore=("loss",)) == {"gap": 0.1}


def shown(source, values, **settings):
    found = find_shown(look_at(ast.parse(source)), values, Settings(**settings))
    return {one.name: one.value for one in found}


@pytest.mark.parametrize("source", ["gap = f()\nprint(f'{gap:.2f}')", "gap = a - b\ngap", "gap = f()\ndisplay(gap)"])
def test_a_computed_float_that_is_shown_is_proposed(source):
    assert shown(source, {"gap": 0.25}) == {"gap": 0.25}
    assert shown(source, {"gap": np.float32(0.25)}) == {"gap": 0.25}


@pytest.mark.parametrize(
    ("source", "value"),
    [("gap = f()", 0.25), ("gap = 0.25\ngap", 0.25), ("gap = len(x)\ngap", 3), ("_gap = f()\n_gap", 0.25),
     ("gap = f()\ngap", "text"), ("gap = f()\ngap", True), ("for gap in x:\n    print(gap)", 0.25),
     ("loss = f()\nloss", 0.25)],
)  # fmt: skip
def test_literals_sizes_and_what_is_not_shown_are_not(source, value):
    """A name of the lexicon is taken, so it need not be proposed."""
    name = source.split()[1] if source.startswith("for") else source.split()[0]
    assert shown(source, {name: value}) == {}


def test_what_the_user_has_decided_is_not_proposed_again():
    for decided in ("ignore", "watch_params", "watch_metrics"):
        assert shown("gap = f()\ngap", {"gap": 0.25}, **{decided: ("gap",)}) == {}
