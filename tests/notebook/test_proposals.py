"""What inference takes, proposes and takes back, in a real kernel."""

from __future__ import annotations


def test_settings_of_calls_and_of_fitted_estimators_become_params(notebook):
    notebook.run("%track start fit")
    notebook.run("import numpy as np\nfrom sklearn.linear_model import LogisticRegression as Model\nc = 0.3")
    notebook.run("np.random.seed(7)\nX = np.random.normal(size=(40, 2))\ny = (X[:, 0] > 0).astype(int)")
    notebook.run("model = Model(C=c, max_iter=50)\nmodel.fit(X, y)")
    params = notebook.params("fit")
    assert {name: param.value for name, param in params.items()} == {
        "c": 0.3, "np.random.seed": 7, "LogisticRegression.max_iter": 50, "LogisticRegression.C": 0.3,
    }  # fmt: skip
    assert params["LogisticRegression.max_iter"].reason == "keyword of a call in cell 5"
    assert params["LogisticRegression.C"].reason == "setting of model, which is fitted"


def test_the_settings_of_calls_below_a_failure_are_not_taken(notebook):
    notebook.run("class Net:\n    def __init__(self, **settings): pass")
    notebook.run("%%track broken\nNet(width=3)\n1 / 0\nNet(depth=5)")
    assert set(notebook.params("broken")) == {"Net.width"}


def test_shown_and_printed_numbers_are_proposed_and_taken_when_watched(notebook):
    notebook.run("%track start first")
    notebook.run("gap = 0.5 - 0.25\nprint(gap)\nprint('Final score: 0.75')")
    status = notebook.run("%track status").stdout
    assert "maybe    gap = 0.25  (a computed number that the cell shows; `%track watch gap` takes it)" in status
    assert "maybe    final_score = 0.75  (printed as 0.75" in status
    assert notebook.metrics("first") == {}

    notebook.run("%track watch gap final_score")

    assert {key: one.last for key, one in notebook.metrics("first").items()} == {"gap": 0.25, "final_score": 0.75}
    assert "maybe" not in notebook.run("%track status").stdout
    notebook.run("%%track second\ngap = 1 / 8\nprint('Final score: 0.5')")
    assert {key: one.last for key, one in notebook.metrics("second").items()} == {"gap": 0.125, "final_score": 0.5}


def test_what_is_ignored_is_taken_back_from_the_run_that_goes_on_and_what_was_logged_stays(notebook):
    notebook.run("%track start first")
    notebook.run("lr = 0.1\nloss = lr * 2\nacc = lr * 3")
    notebook.run("%track log acc=0.5")
    assert set(notebook.metrics("first")) == {"loss", "acc"}

    notebook.run("%track ignore lr loss acc")

    assert notebook.params("first") == {}
    assert {key: one.last for key, one in notebook.metrics("first").items()} == {"acc": 0.5}
    notebook.run("lr = 0.2\nloss = lr * 2")
    assert (notebook.params("first"), set(notebook.metrics("first"))) == ({}, {"acc"})


def test_what_another_program_writes_into_the_settings_is_heeded_by_the_run_that_goes_on(notebook):
    """A click on a card changes the settings through the server."""
    notebook.run("%track start first")
    notebook.run("lr = 0.1\ngap = lr * 2\nprint(gap)")
    (notebook.root / ".nbtrail" / "settings.toml").write_text('[capture]\nignore = ["lr"]\nwatch_metrics = ["gap"]\n')
    notebook.run("x = 1")
    assert notebook.params("first") == {}
    assert {key: one.last for key, one in notebook.metrics("first").items()} == {"gap": 0.2}


def test_a_number_that_is_set_back_and_measured_again_keeps_its_points(notebook):
    notebook.run("%track start first")
    for value in ("0.5", "0.75"):
        notebook.run("acc = 0\nacc")
        notebook.run(f"acc = float({value!r})")
    notebook.run("acc -= 0.25")
    assert [value for _, value in notebook.series("first", "acc")] == [0.5, 0.75, 0.5]
    assert notebook.params("first") == {}


def test_what_nbtrail_itself_prints_is_not_proposed(notebook):
    notebook.run("%track start first")
    notebook.run("%track log loss=0.25")
    notebook.run("%track status")
    assert "maybe" not in notebook.run("%track status").stdout
