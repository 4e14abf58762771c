from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from nbtrail.store.liveness import process_is_alive, process_started, this_process
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
    deadline = time.monotonic() + 10
    while process_is_alive(other, now=NOW) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process_is_alive(other, now=NOW)


def test_a_process_that_got_the_id_of_an_older_one_is_another(sleeper):
    older = session(pid=sleeper.pid, process_started=process_started(sleeper.pid) - 60)
    assert not process_is_alive(older, now=NOW)


def test_nothing_survives_a_start_of_the_machine():
    assert not process_is_alive(session(boot_id="an earlier one"), now=NOW)


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
