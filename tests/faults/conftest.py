"""One process that forks the victims of all tests of a file, and projects for them."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from tests.faults.kills import Killer, project_in, zygote


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The user's state folder of this file's processes."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def victims(state):
    """Starts processes in projects: ``victims.fork(root, name, work=…)``."""
    with zygote(state) as one:
        yield one


@pytest.fixture
def killer(victims):
    """Kills them, at moments that differ from one run of the tests to the next."""
    return Killer(victims, Random())


@pytest.fixture
def roots(tmp_path, state, monkeypatch):
    """New projects: ``roots(4)``."""
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.delenv("NBTRAIL_STORE", raising=False)
    numbers = itertools.count()
    return lambda count: [project_in(tmp_path / f"project-{number}") for number in itertools.islice(numbers, count)]


@pytest.fixture
def root(roots):
    """One new project."""
    return roots(1)[0]
