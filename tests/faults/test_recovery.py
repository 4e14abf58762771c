"""Journals of killed processes are brought in once, however many do it at once and however often it is broken off."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from tests.faults.kills import look, project_in, rest
from tests.faults.ledger import Ledger, points_of

MANY = 10_000


@pytest.fixture(scope="module")
def killed(victims, tmp_path_factory):
    """A project of a killed process whose points all wait in its journal: another program held the store."""
    root = project_in(tmp_path_factory.mktemp("killed") / "project")
    pid = victims.fork(root, "w", work="log_on", quiet=True)
    ledger_path, store = root / "w.ledger", root / ".nbtrail" / "store.db"
    deadline = time.monotonic() + 120
    while not ledger_path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    ledger = Ledger(ledger_path)
    while not ledger[points_of(0)] and time.monotonic() < deadline:
        time.sleep(0.01)
    with closing(sqlite3.connect(store, isolation_level=None, timeout=30)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        wanted = ledger[points_of(0)] + MANY
        while ledger[points_of(0)] < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        victims.wait(pid)
    return root


@pytest.fixture
def left(killed, root):
    """A copy of that project."""
    shutil.copytree(killed, root, dirs_exist_ok=True)
    return root


@pytest.mark.parametrize("count", [2, 8])
def test_processes_that_recover_the_same_journal_at_once_bring_it_in_once(victims, left, count):
    pids = [victims.fork(left, f"r{number}", work="recover_all") for number in range(count)]

    assert [victims.wait(pid) for pid in pids] == [0] * count
    assert look(left, "w").wrong == []
    assert rest(left) == []


@pytest.mark.parametrize(("function", "calls"), [("execute", (1, 5, 20)), ("apply", (1, 2, 3)), ("unlink", (1,))])
@pytest.mark.parametrize("after", [False, True])
def test_a_recovery_that_is_killed_is_taken_up_by_the_next_one(victims, left, function, calls, after):
    for call in calls:
        victims.wait(victims.fork(left, f"r{call}", work="recover_all", kill=[function, call, after]))

    assert look(left, "w").wrong == []
    assert rest(left) == []


def test_a_second_recovery_of_journals_that_were_brought_back_changes_nothing(victims, left, tmp_path):
    """A backup that was taken before the recovery is copied over the folder."""
    shutil.copytree(left / ".nbtrail" / "journal", tmp_path / "copy")
    first = look(left, "w")
    shutil.copytree(tmp_path / "copy", left / ".nbtrail" / "journal", dirs_exist_ok=True)

    assert first.wrong == []
    assert look(left, "w").wrong == []
    assert rest(left) == []
