"""What filters find. Every engine keeps this contract."""

from __future__ import annotations

import math

import pytest

from nbtrail.changes import RunEdited
from tests.store.conftest import START


@pytest.fixture(autouse=True)
def runs(store, make_run):
    """Three runs that differ in everything."""
    otter = make_run(
        "otter", params={"lr": 0.1, "model": "forest", "layers": [64, 128], "flag": True, "acts": ["relu", "tanh"]},
        metrics={"acc": [0.5, 0.9], "val/loss": [0.3, 0.2]}, tags=["baseline", "sweep"], notebook="train.ipynb",
        status="finished", ended=START + 101,
    )  # fmt: skip
    make_run(
        "heron", params={"lr": 0.01, "model": "random forest", "layers": [], "flag": False, "seed": 2**60 + 1},
        metrics={"acc": math.nan}, tags=["sweep"], status="failed", ended=START + 12, parent_id=otter.id,
    )  # fmt: skip
    make_run("lynx", params={"lr": None, "model": 3, "odd name": math.nan}, metrics={"n.min": -math.inf})
    store.apply([RunEdited(run_id=otter.id, field="starred", value=True)])
    store.apply([RunEdited(run_id=otter.id, field="note", value="why it works")])


ALL = ["otter", "heron", "lynx"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ALL),
        # params
        ("params.lr > 0.05", ["otter"]),
        ("0.001 < params.lr <= 0.1", ["otter", "heron"]),
        ("0.05 > params.lr", ["heron"]),
        ("params.lr != 0.1", ["heron"]),
        ("params.lr == 0.1 or params.lr == 0.01", ["otter", "heron"]),
        ("params.lr in [0.1, 7]", ["otter"]),
        ("params.lr not in [0.1, 7]", ["heron"]),
        ("params.lr is None", ["lynx"]),
        ("params.lr is not None", ["otter", "heron"]),
        ("params.lr == None", ["lynx"]),
        ("params.flag", ["otter"]),
        ("params.flag == False", ["heron"]),
        ("params.flag == 1", ["otter"]),
        ("params.layers", ["otter"]),
        ("params.layers == [64, 128]", ["otter"]),
        ("params.layers != [64, 128]", ["heron"]),
        ("64 in params.layers", ["otter"]),
        ('"relu" in params.acts', ["otter"]),
        ('"rel" in params.acts', []),
        ('params.model == "forest"', ["otter"]),
        ('params.model != "forest"', ["heron", "lynx"]),
        ('params.model < "g"', ["otter"]),
        ('"forest" in params.model', ["otter", "heron"]),
        ('"forest" not in params.model', ["lynx"]),
        (f"params.seed == {2**60 + 1}", ["heron"]),
        (f"params.seed == {2**60}", []),
        (f"params.seed > {2**59}", ["heron"]),
        ('params["odd name"] is not None', ["lynx"]),
        # metrics
        ("metrics.acc > 0.8", ["otter"]),
        ("metrics.acc.last == 0.9 and metrics.acc.min == 0.5", ["otter"]),
        ("metrics.acc.max < 1 and metrics.acc.mean == 0.7", ["otter"]),
        ("metrics.acc.count == 2", ["otter"]),
        ("metrics.acc.step == 1", ["otter"]),
        ('metrics["val/loss"].min < 0.25', ["otter"]),
        ("metrics.acc is not None", ["otter", "heron"]),
        ('metrics["n.min"] == -inf', ["lynx"]),
        # no comparison with NaN, or with what is not there, is true
        ("metrics.acc != 0.5", ["otter"]),
        ("metrics.acc == nan", []),
        ("metrics.acc < inf", ["otter"]),
        ('params["odd name"] != 3', []),
        ('params["odd name"] != "a"', []),
        ("not metrics.acc > 0.8", ["heron", "lynx"]),
        # field against field
        ("metrics.acc.last > metrics.acc.min", ["otter"]),
        ("metrics.acc > params.lr", ["otter"]),
        ("ended > started", ["otter", "heron"]),
        ("params.model != name", ["otter", "heron"]),
        # the run itself
        ('name == "otter"', ["otter"]),
        ('name != "otter"', ["heron", "lynx"]),
        ('"e" in name', ["otter", "heron"]),
        ('name in ["otter", "lynx"]', ["otter", "lynx"]),
        ('notebook == "train.ipynb"', ["otter"]),
        ('notebook != "other.ipynb"', ["otter"]),
        ('"train" in notebook', ["otter"]),
        ("notebook is None", ["heron", "lynx"]),
        ('"works" in note', ["otter"]),
        ("note is None", ["heron", "lynx"]),
        ("note", ["otter"]),
        ("starred", ["otter"]),
        ("starred == False", ["heron", "lynx"]),
        ('parent == "otter"', ["heron"]),
        ('parent != "lynx"', ["heron"]),
        ("parent is not None", ["heron"]),
        ("duration == 100", ["otter"]),
        ("duration < 60", ["heron"]),
        ("ended is None", ["lynx"]),
        ("failed", ["heron"]),
        ("finished or failed", ["otter", "heron"]),
        ("not failed", ["otter", "lynx"]),
        ('status != "running"', ["otter", "heron"]),
        # times
        (f"started > {START + 1}", ["heron", "lynx"]),
        (f"started == {START + 1}", ["otter"]),
        ('started > "2 days ago"', ALL),
        ('started < "2 days ago"', []),
        # tags
        ('"baseline" in tags', ["otter"]),
        ('"baseline" not in tags', ["heron", "lynx"]),
        ('"base" in tags', []),
        ("tags", ["otter", "heron"]),
        ("not tags", ["lynx"]),
        ("tags is None", ["lynx"]),
        # together
        ('metrics.acc > 0.8 and (params.lr < 0.05 or "baseline" in tags) and not failed', ["otter"]),
    ],
)
def test_a_filter_finds(names_of, text, names):
    assert names_of(text) == names


def test_the_parent_is_found_by_its_id_as_well(store, names_of):
    assert names_of(f'parent == "{store.run("otter").id}"') == ["heron"]


def test_a_run_is_found_by_its_id(store, names_of):
    assert names_of(f'id == "{store.run("lynx").id}"') == ["lynx"]


def test_a_long_filter_is_no_deep_one(names_of):
    assert names_of(" or ".join(f"params.lr == {number}" for number in range(900))) == []
    assert names_of(f"params.lr in {[0.1, *range(900)]}") == ["otter"]


@pytest.mark.parametrize("text", ["'; DROP TABLE runs; --", 'x" OR 1=1 --', "\\", "%", "_", "\udcff"])
def test_what_stands_in_a_text_is_never_part_of_a_statement(names_of, text):
    assert names_of(f"name == {text!r}") == []
    assert names_of(f"params[{text!r}] == {text!r}") == []
    assert names_of(f"{text!r} in tags or {text!r} in params.model") == []
    assert names_of(sort=f"params[{text!r}]") == ["lynx", "heron", "otter"]
