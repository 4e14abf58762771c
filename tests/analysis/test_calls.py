"""Settings that stand in calls, and those of what was fitted."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import linear_model
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbtrail.analysis.calls import find_call_params
from nbtrail.analysis.estimators import find_estimator_params
from nbtrail.analysis.facts import look_at
from nbtrail.settings import Settings

X, Y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])


class Net:
    def fit(self, *_data, **_settings):
        return self


def train(**_settings):
    """A user's own function, as a notebook has them."""


train.__module__ = Net.__module__ = "__main__"
NAMES = {
    "np": np, "pd": pd, "linear_model": linear_model, "RandomForestClassifier": RandomForestClassifier, "Path": Path,
    "LogisticRegression": LogisticRegression, "f1_score": f1_score, "train_test_split": train_test_split, "Net": Net,
    "net": Net(), "train": train, "frame": pd.DataFrame({"a": [1]}), "ValueError": ValueError,
}  # fmt: skip


def params(source, *, until=None, **settings):
    facts = look_at(ast.parse(source))
    found = find_call_params(facts.calls, NAMES, 3, Settings(**settings), until=until)
    return {one.name: one.value for one in found}


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [("m = RandomForestClassifier(n_estimators=200, n_jobs=2)", "RandomForestClassifier.n_estimators", 200),
     ("linear_model.Ridge(alpha=.5).fit(X, y)", "Ridge.alpha", 0.5),
     ("a, b = train_test_split(X, test_size=0.2)", "train_test_split.test_size", 0.2),
     ("net.fit(X, y, epochs=10, verbose=0)", "net.fit.epochs", 10),
     ("train(net, lr=0.1)", "train.lr", 0.1),
     ("Net(layers=[64, 64])", "Net.layers", [64, 64]),
     ("for i in y:\n    train(lr=-1e-3)", "train.lr", -1e-3),
     ("with x:\n    train(mode='fast')", "train.mode", "fast"),
     ("try:\n    train(lr=1)\nexcept E:\n    train(other=2)", "train.lr", 1),
     ("if __name__ == '__main__':\n    train(lr=1)", "train.lr", 1),
     ("np.random.seed(7)", "np.random.seed", 7),
     ("rng = np.random.default_rng(0)", "np.random.default_rng", 0)],
)  # fmt: skip
def test_keyword_literals_of_what_fits_and_splits_are_params(source, name, value):
    assert params(source) == {name: value}


@pytest.mark.parametrize(
    "source",
    ["pd.DataFrame(data=[1], columns=['a'])", "frame.sort_values(by='a', ascending=False)", "np.linspace(0, 1, num=50)",
     "Path('x').mkdir(exist_ok=True)", "print('x', end='')", "plt.plot(x, color='red')", "ax.set(title='x')",
     "f1_score(a, b, average='macro')", "train(lr=lr)", "train(**config)", "train(0.1)", "unknown(lr=0.1)",
     "train(text='" + "x" * 300 + "')", f"train(values={list(range(50))})", "raise ValueError(x=1)",
     "if a:\n    train(lr=1)\nelse:\n    train(lr=2)", "def f():\n    train(lr=1)", "f = lambda: train(lr=1)",
     "a = train(lr=1) if b else None", "[train(lr=1) for x in y if x]", "b and train(lr=1)",
     "try:\n    f()\n    train(lr=1)\nexcept E:\n    pass", "for i in []:\n    train(lr=1)",
     "while a:\n    train(lr=1)",
     "for i in y:\n    continue\n    train(lr=1)", "with suppress(E):\n    f()\n    train(lr=1)",
     "match a:\n    case 1:\n        train(lr=1)"],
)  # fmt: skip
def test_other_keywords_are_none_and_neither_are_calls_that_may_not_run(source):
    assert params(source) == {}


def test_different_values_for_the_same_keyword_are_all_kept_and_a_repeated_one_is_one():
    assert params("Net(p=0.2, k=3)\nNet(p=0.5, k=3)") == {"Net.p": [0.2, 0.5], "Net.k": 3}


def test_calls_below_the_line_that_failed_did_not_run():
    assert params("Net(p=0.2)\n1 / 0\nNet(k=3)", until=2) == {"Net.p": 0.2}


def test_ignored_ones_are_left_out():
    assert params("Net(p=0.2, k=3)", ignore=("Net.p",)) == {"Net.k": 3}


def fitted(value, **settings):
    found = find_estimator_params(["model"], {"model": value}, Settings(**settings))
    return {one.name: one.value for one in found}


def test_a_fitted_estimator_gives_what_differs_from_the_defaults():
    model = RandomForestClassifier(n_estimators=7, max_depth=None, n_jobs=1).fit(X, Y)
    assert fitted(model) == {"RandomForestClassifier.n_estimators": 7}
    assert fitted(model, ignore=("RandomForestClassifier.n_estimators",)) == {}


def test_an_estimator_that_keeps_its_settings_in_its_own_way_gives_what_can_be_seen():
    class Odd(LogisticRegression):
        def __init__(self, C=1.0, kind="a"):  # noqa: N803 - scikit-learn's name
            self.kept = kind
            super().__init__(C=C)

        def get_params(self, **_options):
            raise RuntimeError

    model = Odd(C=0.3, kind="b")
    model.coef_ = [1.0]
    assert fitted(model) == {"Odd.C": 0.3}


def test_an_estimator_that_is_not_fitted_gives_nothing():
    assert fitted(RandomForestClassifier(n_estimators=7)) == {}


def test_the_estimators_inside_of_a_pipeline_and_of_a_search_count():
    pipeline = make_pipeline(StandardScaler(with_mean=False), LogisticRegression(C=0.3)).fit(X, Y)
    assert fitted(pipeline) == {"StandardScaler.with_mean": False, "LogisticRegression.C": 0.3}
    votes = VotingClassifier([("a", LogisticRegression(C=2.0))], voting="soft").fit(X, Y)
    assert fitted(votes) == {"VotingClassifier.voting": "soft", "LogisticRegression.C": 2.0}
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X, Y)
    assert fitted(search) == {"GridSearchCV.param_grid": {"C": [0.1, 1.0]}, "GridSearchCV.cv": 2}


def test_what_is_no_estimator_gives_nothing():
    assert fitted(Net()) == fitted(3) == fitted(RandomForestClassifier) == {}
