"""Which names are params, which are metrics, and why."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from nbtrail.analysis.facts import look_at
from nbtrail.analysis.metrics import find_metrics, find_shown_metric, scalar
from nbtrail.analysis.params import Literals, find_watched
from nbtrail.settings import Settings


def facts(source):
    return look_at(ast.parse(source))


def params(source, *earlier, namespace=None, settings=None):
    """The params of the last of some cells, each value with its reason."""
    literals, known = Literals(), dict(namespace or {})
    for number, cell in enumerate(earlier, start=1):
        literals.remember(facts(cell), number)
        known |= facts(cell).literals
    found, number = facts(source), len(earlier) + 1
    proposals = literals.params(found, found.names.reads, number, settings or Settings(), known)
    return {one.name: (one.value, one.reason) for one in proposals}


def test_literals_that_the_cell_reads_are_params_and_say_where_they_stand():
    assert params("fit(lr, depth)\nn = 3\nn", "lr, depth = 0.09, -6") == {
        "lr": (0.09, "literal in cell 1, read by cell 2"),
        "depth": (-6, "literal in cell 1, read by cell 2"),
        "n": (3, "literal in cell 2, which reads it"),
    }


def test_a_dict_written_as_a_call_is_a_literal_too():
    assert params("fit(**config)", "config = dict(lr=0.1, depth=3)")["config"][0] == {"lr": 0.1, "depth": 3}
    assert params("fit(**config)", "config = dict(lr=rate())") == {}


@pytest.mark.parametrize(
    ("source", "value"),
    [("x = [64, 64]", [64, 64]), ("x: int = 3", 3), ("(a, (x, b)) = 1, (2, 3)", 2), ("x = y = 'adam'", "adam"),
     ("x = True", True), ("x = -1e-3", -1e-3), ("x = None", None)],
)  # fmt: skip
def test_literals_of_every_kind_count(source, value):
    assert params("f(x)", source)["x"][0] == value


@pytest.mark.parametrize(
    "source",
    ["_x = 3\nf(_x)", "x = 3", "x = 3\nfor x in y:\n    f(x)", "x = 0\nx += f()\nx", "x = []\nx.append(f())\nx",
     "x = {'a': 1}\nf(x)", "x = f(3)\nx", "x = {1, 2}\nx", "x = 5\nx -= 1\nx", "x = [[1, 2], [3, 4]]\nf(x)",
     "x = 'a,b\\n1,2\\n3,4'\nf(x)", f"x = {'y' * 300!r}\nf(x)", f"x = {list(range(20))}\nf(x)",
     "x = ['see you at lunch today']\nf(x)", "scores = [0.1, 0.2]\nf(scores)"],
)  # fmt: skip
def test_hidden_unread_loop_and_starting_values_are_no_params(source):
    assert params(source) == {}


@pytest.mark.parametrize("source", ["x = {'a': 1}\nf(**x)", "grid = {'a': 1}\nf(grid)"])
def test_dicts_that_are_keywords_or_are_named_like_settings_are_params(source):
    assert len(params(source)) == 1


def test_a_name_that_was_computed_since_is_no_literal_any_more():
    assert params("f(lr)", "lr = 0.1", "lr = g()") == {}
    assert params("f(lr)", "lr = 0.1", namespace={"lr": 0.2}) == {"lr": (0.1, "literal in cell 1, read by cell 2")}


def test_what_is_ignored_is_left_out_and_what_is_watched_is_taken():
    settings = Settings(ignore=("lr",), watch_params=("_n", "size"))

    assert set(params("f(lr, _n)", "lr, _n = 0.1, 3", settings=settings)) == {"_n"}
    assert [one.value for one in find_watched(["size"], {"size": 7}, settings)] == [7]


def metrics(source, before=None, settings=None, *, completed=True, **after):
    found = find_metrics(facts(source), before or {}, after, settings or Settings(), completed=completed)
    return {one.name: (one.value, one.reason) for one in found}


def test_computed_numbers_are_metrics_by_their_name_or_by_the_call():
    source = "acc = f()\nb = roc_auc_score(y, p)\nn = g()\nl, a = m.evaluate(x)"
    assert metrics(source, acc=0.5, b=0.75, n=3.0, l=0.25, a=1) == {
        "acc": (0.5, "name matches 'acc'"),
        "b": (0.75, "from 'roc_auc_score'"),
        "l": (0.25, "from 'm.evaluate'"),
        "a": (1.0, "from 'm.evaluate'"),
    }


@pytest.mark.parametrize(
    "source", ["acc = 0.5", "for acc in f():\n    pass", "_acc = f()\nimport acc", "def acc(): f()"]
)
def test_literals_loop_targets_and_imports_are_no_metrics(source):
    assert metrics(source, acc=0.5, _acc=0.5) == {}


def test_a_cell_that_failed_bound_only_what_is_new():
    old, new = 0.5, 0.25
    assert metrics("acc = f()\nloss = g()", {"acc": old}, completed=False, acc=old, loss=new) == {
        "loss": (0.25, "name matches 'loss'")
    }


def test_watching_takes_any_number_and_ignoring_none():
    settings = Settings(watch_metrics=("n",), ignore=("acc",))
    assert metrics("n = f()\nacc = g()", settings=settings, n=3, acc=0.5) == {"n": (3.0, "watched")}


@pytest.mark.parametrize("source", ["model.score(x)", "await model.score(x)", "round(model.score(x), 3)"])
def test_a_number_shown_by_a_scoring_call_is_a_metric_named_by_it(source):
    found = find_shown_metric(facts(source), 0.5, Settings())

    assert (found.name, found.value, found.reason) == ("model.score", 0.5, "from 'model.score'")


@pytest.mark.parametrize(("source", "shown"), [("model.predict(x)", 0.5), ("model.score(x)", "text"), ("acc", 0.5)])
def test_other_shown_values_are_not(source, shown):
    assert find_shown_metric(facts(source), shown, Settings()) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), (0.5, 0.5), (np.float32(0.5), 0.5), (np.int64(3), 3.0), (np.array([0.5]), 0.5), (np.array(2), 2.0)],
)
def test_numbers_and_one_element_arrays_are_scalars(value, number):
    assert scalar(value) == number


@pytest.mark.parametrize("value", [True, np.True_, "1", None, 1j, [1], np.array([1, 2]), np.array([]), float, 10**400])
def test_other_values_are_not(value):
    assert scalar(value) is None


def test_a_starting_value_that_a_later_cell_computes_is_outdated():
    literals = Literals()
    literals.remember(facts("w = 0.0\nlr = 0.1\nmse(w, lr)"), 1)
    assert literals.outdated(facts("w = w - lr * 2\nlr = lr * 0.9")) == ("w",)
    assert literals.outdated(facts("count += 1")) == ("count",)


@pytest.mark.parametrize(
    ("source", "reason"),
    [("quality = search.best_score_", "from 'search.best_score_'"), ("r_squared = f()", "name matches 'r squared'"),
     ("adj_r_squared = 1 - f()", "name matches 'r squared'")],
)  # fmt: skip
def test_fitted_attributes_and_phrases_tell_a_metric(source, reason):
    name = source.split()[0]
    (one,) = find_metrics(facts(source), {}, {name: 0.5}, Settings(), completed=True)
    assert (one.name, one.reason) == (name, reason)


def test_a_fitted_attribute_that_is_shown_is_a_metric():
    assert find_shown_metric(facts("search.best_score_"), 0.9, Settings()).name == "search.best_score_"
    assert find_shown_metric(facts("search.n_features_in_"), 4, Settings()) is None
    assert find_shown_metric(facts("results.rsquared"), 0.9, Settings()).name == "results.rsquared"


@pytest.mark.parametrize(
    "source", ["if flag:\n    acc = f()", "for x in []:\n    acc = f()", "try:\n    acc = f()\nexcept E:\n    x = 1"]
)
def test_a_name_that_a_condition_has_kept_from_being_bound_is_no_metric(source):
    stale = float("0.9")
    assert list(find_metrics(facts(source), {"acc": stale}, {"acc": stale}, Settings(), completed=True)) == []
    (one,) = find_metrics(facts(source), {"acc": stale}, {"acc": 0.5}, Settings(), completed=True)
    assert one.value == 0.5


def test_a_number_that_lies_about_itself_is_none_and_no_code_of_a_subclass_is_run():
    class Odd:
        __class__ = int

    class Loud(float):
        def __float__(self):
            raise RuntimeError

    assert scalar(Odd()) is None
    assert scalar(Loud(0.5)) == 0.5
