"""What survives when pages of a store are overwritten."""

from __future__ import annotations

import random

import pytest

from nbtrail.changes import ParamSet, PointsLogged, RunEdited, RunEnded, RunStarted, SessionStarted, TagsChanged
from nbtrail.errors import InputError
from nbtrail.housekeeping.salvage import salvage
from nbtrail.project import Project
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from tests.store.conftest import START, session

PAGE_BYTES = 4096
RUNS = 200
POINTS = 2_500


def run_id(number):
    return f"01JRUN{number:020d}".replace("U", "V")


@pytest.fixture(scope="module")
def whole_store(tmp_path_factory):
    """The bytes of a store with 200 runs of 2,500 points, 5 params and a tag each."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    store = open_store(path)
    values = random.Random(1)
    for number in range(RUNS):
        one = run_id(number)
        points = tuple(("loss", step, values.random()) for step in range(POINTS))
        store.apply(
            [
                SessionStarted(session=session("S1")),
                RunStarted(run_id=one, name=f"run-{number}x", session_id="S1", at=START + number),
                *(ParamSet(run_id=one, key=f"p{key}", value=number * key, at=START) for key in range(5)),
                TagsChanged(run_id=one, added=("kept",)),
                PointsLogged.of(run_id=one, at=START, points=points),
                RunEnded(run_id=one, status="finished", at=START + number + 60),
            ]
        )
    store.close()
    return path.read_bytes()


@pytest.fixture
def project(tmp_path):
    (tmp_path / ".nbtrail").mkdir()
    return Project(tmp_path, tmp_path / ".nbtrail", str(tmp_path / ".nbtrail" / "store.db"))


def save(project, data):
    (project.folder / "store.db").write_bytes(data)
    return salvage(project, project.root / "new.db")


def overwrite(data, pages):
    damaged = bytearray(data)
    noise = random.Random(2)
    for page in pages:
        damaged[page * PAGE_BYTES : (page + 1) * PAGE_BYTES] = noise.randbytes(PAGE_BYTES)
    return bytes(damaged)


def test_a_whole_store_is_copied_whole(project, whole_store):
    saved = save(project, whole_store)
    assert (saved.counts["runs"], saved.counts["points"]) == (RUNS, RUNS * POINTS)
    assert (saved.counts["params"], saved.counts["made up"]) == (RUNS * 5, 0)

    store, old = open_store(saved.path, read_only=True), open_store(project.url, read_only=True)
    assert store.runs(RunQuery()) == old.runs(RunQuery())
    assert store.metrics([run_id(7)]) == old.metrics([run_id(7)])
    assert store.series(run_id(7), "loss").values.tolist() == old.series(run_id(7), "loss").values.tolist()
    store.close()
    old.close()


@pytest.mark.parametrize("seed", range(5))
def test_of_a_store_with_damaged_pages_nearly_everything_survives(project, whole_store, seed):
    """A hundredth of the pages is noise: SQLite itself gives up at the first of them."""
    count = len(whole_store) // PAGE_BYTES
    damaged = overwrite(whole_store, random.Random(seed).sample(range(1, count), count // 100))
    saved = save(project, damaged)

    assert saved.counts["runs"] >= 0.99 * RUNS
    assert saved.counts["points"] >= 0.9 * RUNS * POINTS
    store = open_store(saved.path, read_only=True)
    assert store.problems(deep=True) == []
    store.close()


def test_a_store_whose_first_page_is_noise_survives(project, whole_store):
    """There stands what tells where each table begins; the pages are known by their shape."""
    saved = save(project, overwrite(whole_store, [0]))
    assert saved.counts["runs"] == RUNS
    assert saved.counts["points"] == RUNS * POINTS
    assert saved.counts["params"] == RUNS * 5


def test_a_store_that_was_cut_keeps_what_stands_before_the_cut(project, whole_store):
    saved = save(project, whole_store[: len(whole_store) // 2])
    assert saved.counts["points"] > 0.4 * RUNS * POINTS
    assert saved.counts["runs"] > 0.4 * RUNS


def test_points_of_a_run_whose_own_row_is_lost_get_a_run(project, whole_store):
    count = len(whole_store) // PAGE_BYTES
    own = [page for page in range(1, count) if b"run-77x" in whole_store[page * PAGE_BYTES : (page + 1) * PAGE_BYTES]]
    saved = save(project, overwrite(whole_store, own))

    assert saved.counts["made up"] > 0
    store = open_store(saved.path, read_only=True)
    run = store.run(run_id(77))
    assert run.name.startswith("salvaged-")
    assert len(store.series(run.id, "loss").values) == POINTS
    store.close()


def test_what_was_purged_does_not_come_back(project, whole_store):
    (project.folder / "store.db").write_bytes(whole_store)
    store = open_store(project.url)
    store.apply([RunEdited(run_id=run_id(number), field="trashed", value=START) for number in range(0, RUNS, 2)])
    store.purge([run_id(number) for number in range(RUNS)])
    store.close()

    saved = salvage(project, project.root / "new.db")
    assert (saved.counts["runs"], saved.counts["made up"]) == (RUNS // 2, 0)
    assert saved.counts["points"] == RUNS // 2 * POINTS


def test_what_stands_only_in_the_log_is_saved_too(project, whole_store):
    (project.folder / "store.db").write_bytes(whole_store)
    store = open_store(project.url)
    store.apply([RunStarted(run_id=run_id(999), name="late", session_id="S1", at=START)])
    saved = salvage(project, project.root / "new.db")
    store.close()
    assert saved.counts["runs"] == RUNS + 1


def test_the_damaged_file_is_not_changed_and_nothing_is_replaced(project, whole_store):
    damaged = overwrite(whole_store, range(3, 40))
    save(project, damaged)
    assert (project.folder / "store.db").read_bytes() == damaged
    with pytest.raises(InputError, match="is there already"):
        salvage(project, project.root / "new.db")
    assert sorted(path.name for path in project.root.iterdir()) == [".nbtrail", "new.db"]


@pytest.mark.parametrize("data", [b"nothing of the kind" * 1000, bytes(100_000), b"x"])
def test_a_file_that_is_no_store_gives_an_empty_one(project, data):
    assert save(project, data).counts["runs"] == 0


def test_an_empty_file_is_said_to_be_empty(project):
    with pytest.raises(InputError, match="nothing"):
        save(project, b"")
