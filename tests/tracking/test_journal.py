"""The journal gives back what was appended, whatever happened to its end."""

from __future__ import annotations

import math

import pytest

from nbtrail.changes import EnvironmentSeen, ParamSet, PointsLogged, RunStarted, SessionStarted
from nbtrail.records import Environment
from nbtrail.tracking.journal import Journal
from nbtrail.tracking.journal.codec import decode, encode
from nbtrail.tracking.journal.reading import journals_in, read_journal
from nbtrail.tracking.rows import RowShape
from tests.store.conftest import session

POINTS = PointsLogged.of(run_id="r", at=1.5, points=(("loss", 3, 0.1), ("val/loss", -4, 1e-300)), reason="why")
PARAM = ParamSet(run_id="r", key="größe", value={"layers": [64, None], "on": True}, at=2.0, origin="inferred")
STARTED = RunStarted(run_id="r", name="swift-otter", session_id="s", at=0.0)
OWNER = SessionStarted(session=session("s"))


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "s.journal")
    yield journal
    journal.close(remove=False)


@pytest.fixture
def small(tmp_path):
    """A journal that begins a new segment after each call."""
    journal = Journal(tmp_path / "s.journal", segment_bytes=1)
    journal.append([OWNER], end=1)
    yield journal
    journal.close(remove=False)


def read(journal, **limits):
    return [(entry.position, entry.change) for entry in read_journal(journal.paths, **limits)]


def changes(journal):
    return [change for _, change in read(journal)]


def log(journal, *steps):
    """Log one metric as a run's loop does, row by row."""
    shape = RowShape(PointsLogged.of(run_id="r", at=0.0, points=(("loss", 0, 0.0),)).layout, ())
    for step in steps:
        journal.append_row(shape, [0.5, step, step / 7], journal.position + 1)


def logged(journal, **limits):
    """The steps of the points in it."""
    points = [change for _, change in read(journal, **limits) if isinstance(change, PointsLogged)]
    return [step for change in points for _, moment in change.moments() for _, step, _ in moment]


def test_what_was_appended_is_read_back_in_order_with_its_positions(journal):
    journal.append([STARTED, POINTS], end=2)
    journal.append([PARAM], end=3)

    assert read(journal) == [(1, STARTED), (2, POINTS), (3, PARAM)]


def test_the_rows_of_a_loop_come_back_as_one_change(journal):
    journal.append([STARTED], end=1)
    log(journal, 5, 6, 7)

    (_, first), (position, points) = read(journal)
    assert (first, position, len(points)) == (STARTED, 4, 3)
    assert list(points.moments())[1] == (0.5, (("loss", 6, 6 / 7),))


def test_rows_of_two_layouts_in_turn_keep_their_order(journal):
    other = PointsLogged.of(run_id="r", at=0.5, points=(("acc", 1, 1.0),))
    journal.append([POINTS, other, POINTS, POINTS], end=4)

    assert [(at, len(change)) for at, change in read(journal)] == [(1, 1), (2, 1), (4, 2)]


@pytest.mark.parametrize("lost_bytes", [1, 5, 40])
def test_a_torn_tail_is_cut_and_the_whole_frames_before_it_are_kept(journal, lost_bytes):
    journal.append([STARTED, PARAM], end=2)
    data = journal.path.read_bytes()
    journal.path.write_bytes(data[:-lost_bytes])

    assert changes(journal) == [STARTED]


def test_a_flipped_bit_ends_the_reading_there(journal):
    journal.append([STARTED, POINTS, PARAM], end=3)
    data = bytearray(journal.path.read_bytes())
    data[len(data) // 2] ^= 1
    journal.path.write_bytes(bytes(data))

    found = changes(journal)
    assert found == [STARTED, POINTS, PARAM][: len(found)]
    assert len(found) < 3


def test_of_positions_that_were_taken_twice_the_later_ones_count(journal):
    """A call that is interrupted has written its changes down, and the next one knows nothing of them."""
    journal.append([STARTED], end=1)
    journal.append([POINTS, POINTS, POINTS], end=4)
    journal.append([PARAM], end=2)

    assert read(journal) == [(1, STARTED), (2, PARAM)]


def test_letting_go_keeps_the_first_frame_that_says_whose_journal_it_is(journal):
    journal.append([STARTED], end=1)
    log(journal, 1, 2)

    journal.release(3)
    assert changes(journal) == [STARTED]


def test_what_came_in_the_meantime_is_not_let_go(journal):
    journal.append([STARTED, POINTS], end=2)

    journal.release(1)
    assert len(changes(journal)) == 2


def test_a_journal_that_was_let_go_takes_the_rows_that_follow(journal):
    journal.append([STARTED], end=1)
    log(journal, 1)
    journal.release(2)
    log(journal, 2)

    assert logged(journal) == [2]


# --- segments ---


def test_a_journal_of_several_segments_is_read_as_one(small):
    log(small, *range(5))

    assert len(small.paths) > 5
    assert changes(small)[0] == OWNER
    assert logged(small) == [0, 1, 2, 3, 4]
    assert logged(small, after=2, up_to=4) == [1, 2]


def test_a_segment_goes_once_the_store_has_it_while_the_journal_goes_on(small):
    log(small, *range(5))
    small.release(4)

    assert sorted(small.path.parent.iterdir()) == sorted(small.paths)
    assert len(small.paths) == 3
    assert logged(small) == [3, 4]
    log(small, 5)
    assert logged(small) == [3, 4, 5]


def test_each_segment_says_whose_it_is(small):
    log(small, 0)
    first, *_, last = small.paths
    first.unlink()

    (found,) = journals_in(last.parent)
    assert found.owner() == OWNER.session


def test_journals_of_a_folder_are_told_apart_and_their_segments_are_in_order(small, tmp_path):
    other = Journal(tmp_path / "a.journal")
    other.append([OWNER], end=1)
    log(small, *range(12))

    first, second = journals_in(tmp_path)
    assert (first.id, first.paths, second.id) == ("a", other.paths, "s")
    assert second.paths == small.paths
    other.close(remove=True)


def test_a_folder_that_is_not_there_has_no_journals(tmp_path):
    assert journals_in(tmp_path / "none") == []


def test_a_journal_that_was_deleted_notices_and_begins_again(journal):
    journal.append([OWNER], end=1)
    assert journal.is_there()
    journal.path.unlink()
    assert not journal.is_there()

    journal.renew()
    log(journal, 3)
    assert journal.is_there()
    assert (changes(journal)[0], logged(journal)) == (OWNER, [3])


# --- values ---


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.1, -0.0, 5e-324])
def test_every_float_survives_the_journal_exactly(journal, value):
    journal.append([PointsLogged.of(run_id="r", at=0.0, points=(("m", 0, value),))], end=1)

    ((_, ((_, _, found),)),) = changes(journal)[0].moments()
    assert repr(found) == repr(value)


def test_a_change_that_only_a_newer_version_knows_is_passed_over():
    assert decode(b'["Teleported",{"run_id":"r"}]') is None


def test_records_within_changes_come_back_as_records():
    environment = Environment(id="e", python="3.12.1", platform="Linux", packages={"numpy": "2.4"})
    change = EnvironmentSeen(environment=environment, run_ids=("a", "b"))

    assert decode(encode(change)) == change
