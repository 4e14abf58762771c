"""A store whose bytes change on the disk: an error that says so, and never a number that was not logged."""

from __future__ import annotations

import contextlib
import random

import numpy as np
import pytest

from nbtrail.changes import ParamSet, PointsLogged, RunEnded, RunStarted
from nbtrail.errors import StoreError, StoreUnreadableError
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
