from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from nbtrail.machine.identity import host, machine_id
from nbtrail.machine.liveness import is_certain, is_same_start, process_is_alive, process_started, this_process
from tests.store.conftest import session

NOW = 1_790_000_000.0


@pytest.fixture
def sleeper():
    """Another process."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_this_process_is_alive():
    assert process_is_alive(session(heartbeat=0.0), now=NOW)


def test_another_process_is_alive_until_it_is_killed(sleeper):
    other = session(pid=sleeper.pid, process_started=process_started(sleeper.pid))
    assert process_is_alive(other, now=NOW)
    sleeper.kill()
    sleeper.wait()
    assert not process_is_alive(other, now=NOW)


def test_a_killed_process_that_nobody_has_waited_for_is_gone(sleeper):
    other = session(pid=sleeper.pid, process_started=process_started(sleeper.pid))
    sleeper.kill()
    deadline = time.monotonic() + 120
    while process_is_alive(other, now=NOW) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process_is_alive(other, now=NOW)


def test_a_process_that_got_the_id_of_an_older_one_is_another(sleeper):
    older = session(pid=sleeper.pid, process_started=process_started(sleeper.pid) - 60)
    assert not process_is_alive(older, now=NOW)


def test_nothing_survives_a_start_of_the_machine():
    earlier = session(boot_id=f"an earlier one@{machine_id()}", heartbeat=NOW if machine_id() else 0.0)
    assert not process_is_alive(earlier, now=NOW)


def test_a_process_is_there_whatever_its_machine_was_called_when_it_began():
    """A laptop gets another name in another network."""
    space = host().partition(" ")[2]
    renamed = session(host=f"elsewhere {space}".strip(), heartbeat=0.0)
    assert process_is_alive(renamed, now=NOW)
    assert is_certain(renamed)
    assert not process_is_alive(replace(renamed, process_started=renamed.process_started - 60), now=NOW)


@pytest.mark.parametrize("facts", [{"boot_id": "theirs@0123456789ab"}, {"host": "localhost", "boot_id": "theirs@"}])
def test_a_stranger_is_not_taken_for_an_earlier_start_of_this_machine(facts):
    """Two machines may be called localhost, and copies of one image share their id: their hearts may beat."""
    stranger = session(pid=1, heartbeat=NOW - 10, **facts)
    assert process_is_alive(stranger, now=NOW)
    assert not is_certain(stranger)


def test_process_ids_of_another_container_mean_nothing_here():
    inside = session(host="jupyter pid:[4026539999]", pid=2**22 - 1, heartbeat=NOW - 10)
    assert process_is_alive(inside, now=NOW)
    assert not is_certain(inside)


def test_a_heartbeat_from_a_far_future_is_no_sign_of_life():
    """A clock that was wrong by years must not keep a dead run running for years."""
    there = session(host="elsewhere", boot_id="another", pid=1, heartbeat=NOW + 3600)
    assert process_is_alive(there, now=NOW)
    assert not process_is_alive(replace(there, heartbeat=NOW + 10 * 365 * 86_400.0), now=NOW)


@pytest.mark.parametrize(
    ("theirs", "same"),
    [("boot-29833333", True), ("boot-29833334@0123456789ab", True), ("boot-29833340", False), ("boot-", False)],
)
def test_starts_that_are_computed_from_the_clock_may_be_a_minute_apart(theirs, same):
    """Where the system has no id for its start, two processes round the same moment."""
    assert is_same_start(theirs, "boot-29833333@0123456789ab") is same


@pytest.mark.parametrize(("silent_s", "alive"), [(0, True), (89, True), (91, False)])
def test_a_process_of_another_machine_is_alive_while_its_heart_beats(silent_s, alive):
    there = session(host="elsewhere", boot_id="another", pid=1, heartbeat=NOW - silent_s)
    assert process_is_alive(there, now=NOW) is alive


def test_the_facts_of_a_process_are_its_own(sleeper):
    facts = this_process()
    assert facts.pid == os.getpid()
    assert facts.host
    assert facts.boot_id
    assert facts.process_started <= process_started(sleeper.pid)
    assert this_process() == facts


def test_there_is_no_start_of_a_process_that_is_not_there(sleeper):
    sleeper.kill()
    sleeper.wait()
    assert process_started(sleeper.pid) is None
