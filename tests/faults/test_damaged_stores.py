"""A store whose bytes change on the disk: an error that says so, and never a number that was not logged."""

from __future__ import annotations

import contextlib
import csv
import random
import sqlite3
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import nbtrail as nt
from nbtrail.changes import ParamSet, PointsLogged, RunEnded, RunStarted
from nbtrail.errors import NbtrailWarning, PointsDamagedError, StoreError, StoreUnreadableError
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery

FLIPS = 120
SEED = 20260101
STEPS = 1500


def value(step):
    return (step + 1) / 7


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a store of two runs."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    with contextlib.closing(open_store(path)) as store:
        for run in ("01JOTTER", "01JHERON"):
            store.apply([RunStarted(run_id=run, name=run.lower(), session_id="S1", at=1.0)])
            store.apply([ParamSet(run_id=run, key=f"p{number}", value=number / 7, at=1.0) for number in range(20)])
            points = (PointsLogged.of(run_id=run, at=1.0, points=(("loss", s, value(s)),)) for s in range(STEPS))
            store.apply(points)
            store.apply([RunEnded(run_id=run, status="finished", at=2.0)])
    return path.read_bytes()


def read(path):
    """Everything that viewers ask for."""
    with contextlib.closing(open_store(path, read_only=True)) as store:
        ids = [run.id for run in store.runs(RunQuery())]
        store.params(ids)
        store.metrics(ids)
        store.param_columns(ids)
        store.metric_columns(ids)
        store.names()
        return [store.series(run, "loss") for run in ids]


def test_a_changed_bit_anywhere_is_an_error_or_changes_no_point(whole, tmp_path):
    luck, logged = random.Random(SEED), {value(step) for step in range(STEPS)}
    refused = 0
    for number in range(FLIPS):
        damaged = bytearray(whole)
        damaged[luck.randrange(len(whole))] ^= 1 << luck.randrange(8)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damaged)
        try:
            found = read(path)
        except StoreError:
            refused += 1
            continue
        assert all(logged.issuperset(series.values.tolist()) for series in found)
    assert 0 < refused < FLIPS


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.97])
def test_a_page_of_zeros_or_of_garbage_is_never_an_exception_of_another_kind(whole, tmp_path, part):
    luck = random.Random(SEED)
    at = int(len(whole) * part) // 4096 * 4096
    for name, page in (("zeros", bytes(4096)), ("garbage", luck.randbytes(4096))):
        path = tmp_path / f"{name}.db"
        path.write_bytes(whole[:at] + page + whole[at + 4096 :])
        with contextlib.suppress(StoreError):
            assert all(np.isin(series.values, [value(step) for step in range(STEPS)]).all() for series in read(path))


def test_a_store_that_was_cut_short_says_so(whole, tmp_path):
    path = tmp_path / "short.db"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreUnreadableError, match="malformed"):
        read(path)


# --- one damaged chunk ---


@pytest.fixture
def one_damaged(project):
    """Two runs of two metrics; the points of one metric of one of them are damaged."""
    for name in ("otter", "heron"):
        with nt.start_run(name) as run:
            for step in range(5):
                run.log({"loss": value(step), "acc": 0.5}, step=step)
    nt.runs()
    with contextlib.closing(sqlite3.connect(project.url)) as connection, connection:
        where = "key = 'loss' AND run_id = (SELECT id FROM runs WHERE name = 'otter')"
        connection.execute(f"UPDATE points SET \"values\" = x'00' WHERE {where}")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: nt.history(["heron", "otter"], "loss"),
        lambda: nt.compare("heron", "otter", metric="loss"),
        lambda: nt.export("otter.csv", ["otter"], metric="loss"),
    ],
    ids=["history", "compare", "export"],
)
def test_the_metric_and_the_run_whose_points_are_damaged_are_named(one_damaged, ask):
    with pytest.raises(PointsDamagedError, match="the points of 'loss' of run 'otter' are damaged") as caught:
        ask()

    assert (caught.value.run, caught.value.metric) == ("otter", "loss")
    assert "Everything else" in str(caught.value)
    assert "start afresh" not in str(caught.value)
    assert not Path("otter.csv").exists()


def test_everything_else_is_read(one_damaged):
    assert len(nt.runs()) == 2
    assert len(nt.history(["heron"], "loss")) == 5
    assert len(nt.history(["otter", "heron"], "acc")) == 10


def test_an_export_of_points_writes_the_rest_and_says_what_is_missing(one_damaged):
    with pytest.warns(NbtrailWarning, match="5 of 'loss' of run 'otter'. The rest is there"):
        nt.export("points.csv", points=True)
    with Path("points.csv").open(encoding="utf-8") as file:
        counts = Counter((row["run"], row["metric"]) for row in csv.DictReader(file))

    assert counts == {("heron", "acc"): 5, ("heron", "loss"): 5, ("otter", "acc"): 5}


def test_a_folder_is_written_with_what_is_whole(one_damaged):
    with pytest.warns(NbtrailWarning, match="'loss' of run 'otter'"):
        nt.export("all/", ["otter"])

    assert sorted(path.name for path in Path("all").iterdir()) == [
        "metrics.csv", "params.csv", "points.csv", "runs.csv", "tags.csv",
    ]  # fmt: skip
