"""Journals whose bytes have changed, or that are no journals: never a wrong point, never an exception."""

from __future__ import annotations

import os
import random
import time
import warnings

import pytest

from nbtrail.changes import ParamSet, PointsLogged, RunStarted
from nbtrail.errors import NbtrailWarning
from nbtrail.project import find_project
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from nbtrail.tracking.journal import Journal
from nbtrail.tracking.journal.reading import journals_in, read_journal

FLIPS = 25
SEED = 20260101


def points(step, loss):
    return PointsLogged.of(run_id="r", at=1.5, points=(("loss", step, loss),))


@pytest.fixture
def small(tmp_path):
    """The path of a journal of every kind of frame."""
    path = tmp_path / "small" / "J.journal"
    journal = Journal(path)
    journal.append([RunStarted(run_id="r", name="otter", session_id="s", at=0.0), points(0, 0.5)], end=2)
    journal.append([ParamSet(run_id="r", key="größe", value={"layers": [64]}, at=2.0)], end=3)
    for step in range(1, 4):
        journal.append([points(step, 1 / step)], end=3 + step)
    journal.close(remove=False)
    return path


def told(path):
    """What a journal says, row by row."""
    said = []
    for entry in read_journal([path]):
        change = entry.change
        rows = list(change.moments()) if isinstance(change, PointsLogged) else [change]
        said += [(entry.position - len(rows) + number, row) for number, row in enumerate(rows, start=1)]
    return said


def test_a_journal_with_any_one_byte_changed_says_only_what_was_written(small):
    data, whole = small.read_bytes(), told(small)
    luck = random.Random(SEED)
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= luck.randrange(1, 256)
        small.write_bytes(damaged)
        found = told(small)
        assert found == whole[: len(found)]
        assert len(found) < len(whole)


def test_a_journal_that_ends_anywhere_says_what_stands_before(small):
    data, whole = small.read_bytes(), told(small)
    for end in range(len(data)):
        small.write_bytes(data[:end])
        found = told(small)
        assert found == whole[: len(found)]


def test_a_journal_of_anything_says_nothing(small):
    luck = random.Random(SEED)
    for size in range(200):
        small.write_bytes(luck.randbytes(size * 7))
        assert told(small) == []


@pytest.fixture
def left(victims, root):
    """A project, and the journal of a process that was killed before anything of it was in the store."""
    victims.wait(victims.fork(root, "w", work="log_unseen"))
    (journal,) = journals_in(find_project(root).journals)
    return root, journal.paths[0]


def runs_of(root):
    with reader(root) as reading:
        return {run.name: reading.store.series(run.id, "loss").steps.tolist() for run in reading.store.runs(RunQuery())}


def test_damage_in_one_journal_holds_up_no_other_one_and_its_bytes_are_kept(left, victims):
    root, path = left
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    victims.wait(victims.fork(root, "other", work="log_unseen"))

    with pytest.warns(NbtrailWarning, match="damaged on the disk") as said:
        found = runs_of(root)

    assert len(said) == 1
    assert "other-0" in found
    assert path.with_name(path.name + ".damaged").read_bytes() == data
    assert runs_of(root) == found


def test_damage_anywhere_in_a_journal_never_brings_a_wrong_point_into_the_store(left):
    root, path = left
    data, store = path.read_bytes(), root / ".nbtrail" / "store.db"
    luck = random.Random(SEED)
    for _ in range(FLIPS):
        damaged = bytearray(data)
        damaged[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
        for old in (*path.parent.iterdir(), *store.parent.glob("store.db*")):
            old.unlink()
        path.write_bytes(damaged)
        os.utime(path, (time.time() - 600,) * 2)
        with warnings.catch_warnings():
            # A changed length of the last frame looks like one that was cut short, and nothing is said of that.
            warnings.simplefilter("ignore", NbtrailWarning)
            found = runs_of(root)
        assert all(steps == list(range(len(steps))) for steps in found.values())


def test_a_journal_that_cannot_be_read_is_said_once_and_the_rest_is_shown(left):
    """A folder in its place is what even root cannot read."""
    root, path = left
    (path.parent / "01JBROKEN.journal").mkdir()
    with pytest.warns(NbtrailWarning, match="cannot be read") as said:
        assert "w-0" in runs_of(root)
        runs_of(root)
    assert len(said) == 1


def test_a_tail_of_zeros_after_a_loss_of_power_is_no_damage(left):
    root, path = left
    path.write_bytes(path.read_bytes() + bytes(5000))

    assert "w-0" in runs_of(root)
    assert list(path.parent.iterdir()) == []
