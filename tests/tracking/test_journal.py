"""The journal gives back what was appended, whatever happened to its end."""

from __future__ import annotations

import math

import pytest

from nbtrail.changes import EnvironmentSeen, ParamSet, PointsLogged, RunStarted
from nbtrail.records import Environment
from nbtrail.tracking.codec import decode, encode
from nbtrail.tracking.journal import Journal, read_journal

POINTS = PointsLogged(run_id="r", at=1.5, points=(("loss", 3, 0.1), ("val/loss", -4, 1e-300)))
PARAM = ParamSet(run_id="r", key="größe", value={"layers": [64, None], "on": True}, at=2.0, origin="inferred")
STARTED = RunStarted(run_id="r", name="swift-otter", session_id="s", at=0.0)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "s.journal")
    yield journal
    journal.close(remove=False)


def test_what_was_appended_is_read_back_in_order_with_its_positions(journal):
    journal.append([STARTED, POINTS], end=2)
    journal.append([PARAM], end=3)

    assert [(entry.position, entry.change) for entry in read_journal(journal.path)] == [
        (1, STARTED),
        (2, POINTS),
        (3, PARAM),
    ]


@pytest.mark.parametrize("lost_bytes", [1, 5, 40])
def test_a_torn_tail_is_cut_and_the_whole_frames_before_it_are_kept(journal, lost_bytes):
    journal.append([STARTED, POINTS], end=2)
    data = journal.path.read_bytes()
    journal.path.write_bytes(data[:-lost_bytes])

    assert [entry.change for entry in read_journal(journal.path)] == [STARTED]


def test_a_flipped_bit_ends_the_reading_there(journal):
    journal.append([STARTED, POINTS, PARAM], end=3)
    data = bytearray(journal.path.read_bytes())
    data[len(data) // 2] ^= 1
    journal.path.write_bytes(bytes(data))

    changes = [entry.change for entry in read_journal(journal.path)]
    assert changes == [STARTED, POINTS, PARAM][: len(changes)]
    assert len(changes) < 3


def test_letting_go_keeps_the_first_frame_that_says_whose_journal_it_is(journal):
    journal.append([STARTED], end=1)
    journal.append([POINTS], end=2)

    assert journal.clear_if_at(2)
    assert [entry.change for entry in read_journal(journal.path)] == [STARTED]


def test_what_came_in_the_meantime_is_not_let_go(journal):
    journal.append([STARTED, POINTS], end=2)

    assert not journal.clear_if_at(1)
    assert len(list(read_journal(journal.path))) == 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.1, -0.0, 5e-324])
def test_every_float_survives_the_journal_exactly(value):
    change = decode(encode(PointsLogged(run_id="r", at=0.0, points=(("m", 0, value),))))

    assert repr(change.points[0][2]) == repr(value)


def test_a_change_that_only_a_newer_version_knows_is_passed_over(journal):
    assert decode(b'["Teleported",{"run_id":"r"}]') is None


def test_records_within_changes_come_back_as_records():
    environment = Environment(id="e", python="3.12.1", platform="Linux", packages={"numpy": "2.4"})
    change = EnvironmentSeen(environment=environment, run_ids=("a", "b"))

    assert decode(encode(change)) == change
