"""Everything for which ``log`` returned is there after ``kill -9``, at whatever moment it came."""

from __future__ import annotations

import pytest

from tests.faults.kills import Tally, census, project_in, rest
from tests.faults.watching import TOUCHING

LANES = 4


def left_in(projects):
    return [wrong for project in projects for wrong in rest(project)]


def test_two_hundred_kills_at_random_moments_lose_no_point_and_leave_whole_stores(killer, roots):
    """Each finds the store as those before it left it."""
    projects, tally = roots(LANES), Tally()
    for number in range(200 // LANES):
        tally.add(killer.volley(projects, f"r{number}", work="log_many", longest_s=0.12))

    assert tally.kills == 200
    assert tally.points > 1000
    assert tally.wrong == []
    assert left_in(projects) == []


def test_kills_while_the_store_is_made_lose_nothing(killer, roots):
    tally = Tally()
    for _ in range(6):
        projects = roots(LANES)
        tally.add(killer.volley(projects, "new", work="log_many", longest_s=0.03))
        tally.wrong += left_in(projects)

    assert tally.wrong == []


def test_kills_while_a_journal_goes_from_segment_to_segment_lose_nothing(killer, roots):
    """Rows of 3,000 metrics: sixteen megabytes are full in half a second."""
    projects, tally = roots(2), Tally()
    for number in range(4):
        tally.add(killer.volley(projects, f"r{number}", work="log_large", longest_s=1.2))

    assert tally.wrong == []
    assert left_in(projects) == []


@pytest.fixture(scope="module")
def calls(victims, tmp_path_factory):
    """How often a short piece of work calls each function that changes the disk or speaks to SQLite."""
    return census(victims, project_in(tmp_path_factory.mktemp("census") / "project"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_step_on_the_way_to_the_disk_loses_nothing(killer, roots, calls, when):
    """The writer, the commit, the cutting of the journal, the making of the store: each call in its turn."""
    tally = Tally()
    for name, count in calls.items():
        for call in {1, 2, count // 2, count} - {0}:
            (project,) = projects = roots(1)
            tally.add(killer.stop(project, name, call, after=when == "after"))
            tally.wrong += left_in(projects)

    assert tally.wrong == []
    assert calls.keys() & TOUCHING >= {"open", "connect", "execute", "write", "fsync", "close"}
    assert tally.kills > len(calls)
