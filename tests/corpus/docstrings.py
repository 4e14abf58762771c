"""The examples in the documentation of scikit-learn's estimators, as notebooks: each statement is a cell."""

from __future__ import annotations

from doctest import DocTestParser

from tests.corpus.notebook import CorpusNotebook

_AS_TEXT = "import sklearn; sklearn.set_config(display='text')"
"""Estimators are shown as the documentation shows them; their HTML holds addresses and times."""


def read_docstrings() -> list[CorpusNotebook]:
    """The examples of all estimators of the installed scikit-learn, by name; those that it skips are left out."""
    from sklearn.utils.discovery import all_estimators

    found = []
    for name, estimator in all_estimators():
        examples = DocTestParser().get_examples(estimator.__doc__ or "", name)
        cells = tuple(example.source.rstrip("\n") for example in examples if "+SKIP" not in example.source)
        if cells:
            found.append(CorpusNotebook(f"{estimator.__module__}.{name}", (_AS_TEXT, *cells)))
    return found
