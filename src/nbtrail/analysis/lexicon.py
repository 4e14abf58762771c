"""The words that tell a metric, and whether more of it is better."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbtrail.records import Direction

_TIMES: Final = frozenset({"time", "elapsed", "duration", "latency", "seconds", "runtime"})
_LOSSES: Final = frozenset({
    "loss", "losses", "err", "errs", "error", "errors", "rmse", "mse", "mae", "mape", "smape", "rmsle", "msle", "medae",
    "perplexity", "ppl", "cost", "costs", "kl", "nll", "bce", "bic", "aic", "aicc", "entropy", "deviance", "regret",
    "wer", "cer", "fid", "brier", "ece", "mre", "residual", "wape", "mase", "crps", "hamming", "inertia", "objective",
})  # fmt: skip
_SCORES: Final = frozenset({
    "acc", "accs", "accuracy", "accuracies", "score", "scores", "auc", "aucs", "auroc", "roc", "auprc", "prauc", "f1",
    "fbeta", "precision", "recall", "r2", "rsquared", "bleu", "rouge", "meteor", "iou", "miou", "dice", "jaccard",
    "map", "reward", "rewards", "return", "returns", "silhouette", "ndcg", "mrr", "corr", "correlation", "elbo", "ap",
    "likelihood", "loglik", "sensitivity", "specificity", "kappa", "mcc", "psnr", "ssim", "gini", "lift", "sharpe",
    "purity", "coverage", "ari", "nmi", "ami", "explained", "calinski", "tpr", "tnr", "npv", "ppv", "hits", "winrate",
})  # fmt: skip
_RATES_OF_FAULTS: Final = frozenset({"fpr", "fnr"})
_LOWER_IS_BETTER: Final = _LOSSES | _TIMES | _RATES_OF_FAULTS
_WORDS: Final = _SCORES | _LOWER_IS_BETTER
_PHRASES: Final = frozenset({
    ("r", "squared"), ("r", "sq"), ("f", "statistic"), ("t", "statistic"), ("explained", "variance"),
    ("durbin", "watson"), ("max", "drawdown"), ("false", "positives"), ("false", "negatives"), ("hit", "rate"),
    ("error", "rate"), ("win", "rate"), ("success", "rate"), ("p", "value"),
})  # fmt: skip
_AMBIGUOUS: Final = frozenset({
    "map", "return", "returns", "ap", "objective", "explained", "hits", "lift", "time", "seconds",
})  # fmt: skip
"""Words that are metrics only as the last part of a name: ``mean_return``, not ``map_fn`` or ``time_column``."""
_CALL_WORDS: Final = (
    "score", "accuracy", "error", "loss", "auc", "entropy", "metric", "evaluate", "perplexity", "precision", "recall",
    "silhouette", "kappa", "corrcoef", "likelihood", "ndcg", "rmse", "mse", "mae",
)  # fmt: skip
_NOT_MEASURING: Final = re.compile(r"(?i)(make_?scorer|scorers|plot|display|show|print|_curve$|get_|set_|function)")
_NEGATIONS: Final = frozenset({"neg", "negative", "minus"})
_TRAINING: Final = frozenset({"train", "training", "tr", "fit"})
_PARTS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")


def metric_reason(name: str) -> str | None:
    """Why a name is taken for a metric's, such as ``name matches 'acc'``; ``None`` if it is not.

    Names are looked at in parts: ``val_loss``, ``testAcc``, ``metrics/roc-auc``, ``mse2``.
    """
    word = _word(name) or _phrase(name)
    return None if word is None else f"name matches '{word}'"


def call_reason(call: str) -> str | None:
    """Why what a call gives is taken for a metric, such as ``from 'roc_auc_score'``; ``None`` if it is not.

    Parameters
    ----------
    call
        What is called, as it is written: ``model.score``, ``metrics.roc_auc_score``.
    """
    last = call.rpartition(".")[2]
    if _NOT_MEASURING.search(last) or not any(word in last.lower() for word in _CALL_WORDS):
        return None
    return f"from '{call}'"


def direction(name: str) -> Direction:
    """Whether less (``min``: losses, errors, times) or more (``max``: all else) of a metric is better."""
    parts = _parts(name)
    lower = any(part in _LOWER_IS_BETTER for part in parts)
    if any(part in _NEGATIONS for part in parts) and any(part in _WORDS for part in parts):
        lower = not lower
    return "min" if lower else "max"


def choose_metric(counts: Mapping[str, int]) -> str | None:
    """The metric that a list of runs shows where nobody chose one.

    Parameters
    ----------
    counts
        Each metric's name and how many runs have it.

    Returns
    -------
    str or None
        The one of most runs; among equals a score before a loss, a loss before other names, times last; one of
        test or validation data before one of training data; then by name. ``None`` where there are no metrics.
    """
    return min(counts, key=lambda name: (-counts[name], _rank(name), _is_of_training(name), name), default=None)


def _word(name: str) -> str | None:
    parts = _parts(name)
    for position, part in reversed(list(enumerate(parts))):
        if part in _WORDS and (part not in _AMBIGUOUS or position == len(parts) - 1):
            return part
    return None


def _phrase(name: str) -> str | None:
    """Two words that are a metric together: ``r_squared``, ``f_statistic``."""
    parts = _parts(name)
    return next((f"{one} {two}" for one, two in pairwise(parts) if (one, two) in _PHRASES), None)


def _parts(name: str) -> list[str]:
    parts = [part.lower() for part in _PARTS.findall(name)]
    return [part if part in _WORDS else part.rstrip("0123456789") or part for part in parts]


def _rank(name: str) -> int:
    parts = set(_parts(name))
    if parts & _TIMES:
        return 3
    if _word(name) is None:
        return 2
    return 0 if direction(name) == "max" else 1


def _is_of_training(name: str) -> bool:
    return bool(_TRAINING.intersection(_parts(name)))
