"""Which names are metrics, and which way is better."""

from __future__ import annotations

import pytest

from nbtrail.analysis.lexicon import call_reason, choose_metric, direction, metric_reason


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("acc", "acc"), ("val_loss", "loss"), ("testAcc", "acc"), ("AUC", "auc"), ("metrics/f1", "f1"), ("mse2", "mse"),
        ("r2", "r2"), ("train_time", "time"), ("map", "map"),
    ],
)  # fmt: skip
def test_a_name_is_a_metric_if_one_of_its_parts_is(name, word):
    assert metric_reason(name) == f"name matches '{word}'"


@pytest.mark.parametrize("name", ["lr", "n_estimators", "map_fn", "time_column", "classes", "x", "glossary", ""])
def test_other_names_are_not(name):
    assert metric_reason(name) is None


@pytest.mark.parametrize("call", ["model.score", "metrics.roc_auc_score", "mean_squared_error", "model.evaluate"])
def test_a_call_that_measures_gives_a_metric(call):
    assert call_reason(call) == f"from '{call}'"


@pytest.mark.parametrize("call", ["make_scorer", "plt.plot_loss", "roc_curve", "np.mean", "print", "fit"])
def test_other_calls_do_not(call):
    assert call_reason(call) is None


@pytest.mark.parametrize(
    ("name", "better"),
    [("loss", "min"), ("val_rmse", "min"), ("elapsed", "min"), ("acc", "max"), ("reward", "max"), ("anything", "max"),
     ("neg_log_loss", "max"), ("negative_log_likelihood", "min")],
)  # fmt: skip
def test_less_of_a_loss_is_better_and_more_of_all_else(name, better):
    assert direction(name) == better


def test_the_chosen_metric_is_the_one_of_most_runs_and_a_score_before_a_loss():
    assert choose_metric({"loss": 5, "acc": 3}) == "loss"
    assert choose_metric({"loss": 3, "acc": 3, "train_acc": 3, "epochs": 3}) == "acc"
    assert choose_metric({}) is None
