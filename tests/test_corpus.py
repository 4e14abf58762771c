"""Tracking changes nothing: notebooks in the style of public ones show the same with and without it, to the byte."""

from __future__ import annotations

import pytest

from tests.corpus.docstrings import read_docstrings
from tests.corpus.notebook import CorpusNotebook, read_corpus
from tests.corpus.run import TRACKED, Mode, compare, open_kernel, run_in_modes

CORPUS = read_corpus()
EVERY = 16
"""Of so many examples one is run; ``python -m tests.corpus --examples`` runs all of them."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What every notebook shows, without tracking and with it."""
    return run_in_modes(CORPUS, tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def examples():
    """Examples of scikit-learn's documentation."""
    return read_docstrings()[::EVERY]


@pytest.fixture(scope="module")
def seen_examples(examples, tmp_path_factory):
    """What they show, without tracking and with it."""
    return run_in_modes(examples, tmp_path_factory.mktemp("examples"))


@pytest.mark.parametrize("mode", TRACKED)
@pytest.mark.parametrize("notebook", CORPUS, ids=lambda notebook: notebook.name)
def test_a_notebook_shows_the_same_with_tracking(notebook, mode, seen):
    """Texts, displays, pictures, warnings, exceptions and tracebacks, cell by cell."""
    differences = compare(notebook, mode, seen)

    assert not differences, "\n\n".join(map(str, differences))


@pytest.mark.parametrize("mode", TRACKED)
def test_the_examples_of_a_library_show_the_same_with_tracking(mode, examples, seen_examples):
    differences = [found for notebook in examples for found in compare(notebook, mode, seen_examples)]

    assert not differences, "\n\n".join(map(str, differences))


def test_the_corpus_is_seen_at_all(seen):
    """Pictures, errors, warnings and results are among what is compared."""
    parts = [part for (mode, _), cells in seen.items() if mode is Mode.PLAIN for shown in cells for part in shown]
    kinds = {part.partition(":")[0] for part in parts}

    assert kinds >= {"stdout", "stderr", "display_data", "execute_result", "clear_output", "error", "page"}
    assert sum("image/png" in part for part in parts) >= 15


def test_a_cell_that_shows_something_else_is_found():
    notebook = CorpusNotebook("curious", ("import sys", "print('nbtrail' in sys.modules)"))
    seen = {(Mode.PLAIN, "curious"): [(), ("stdout: False\n",)], (Mode.TRACK, "curious"): [(), ("stdout: True\n",)]}

    assert [difference.cell for difference in compare(notebook, Mode.TRACK, seen)] == [2]


def test_pandas_shows_as_many_columns_as_without_tracking(tmp_path):
    """It counts them when it is loaded, by whether it finds itself in a kernel."""
    with open_kernel(tmp_path) as kernel:
        kernel.run("%load_ext nbtrail")
        kernel.run("%%track\ndepth = 6")
        kernel.runs()

        assert kernel.run("import pandas; pandas.options.display.max_columns").result == "20"
