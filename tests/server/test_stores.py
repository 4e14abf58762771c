"""The stores that the server keeps open."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nbtrail.errors import StoreError
from nbtrail.project import find_project
from nbtrail.server.stores import StoreShelf
from tests.server.elsewhere import run_python

KILLED = """
import os
import nbtrail as nt
run = nt.start_run("killed")
run.log({"loss": 0.5}, step=0)
os._exit(9)
"""


@pytest.fixture
def shelf():
    opened = StoreShelf(most=2)
    yield opened
    opened.close()


@pytest.fixture
def projects(tmp_path):
    """Three projects, each with an empty store."""
    made = []
    for name in ("a", "b", "c"):
        (tmp_path / name / ".nbtrail").mkdir(parents=True)
        made.append(find_project(tmp_path / name, environ={}))
        made[-1].open(read_only=False).close()
    return made


def read(shelf, project):
    with shelf.reading(project) as lent:
        return lent and lent.store


def is_closed(store) -> bool:
    try:
        store.revision()
    except StoreError:
        return True
    return False


def test_a_store_stays_open_for_the_next_reader(shelf, projects):
    assert read(shelf, projects[0]) is read(shelf, projects[0])


def test_the_store_that_was_longest_unused_is_closed_for_another(shelf, projects):
    first, second = read(shelf, projects[0]), read(shelf, projects[1])
    read(shelf, projects[0])
    read(shelf, projects[2])

    assert (is_closed(first), is_closed(second)) == (False, True)


def test_a_store_is_not_closed_under_its_reader(shelf, projects):
    with shelf.reading(projects[0]) as lent:
        shelf.close()
        during = is_closed(lent.store)

    assert (during, is_closed(lent.store)) == (False, True)


def test_a_store_whose_file_was_replaced_is_opened_anew(shelf, projects):
    old = read(shelf, projects[0])
    Path(projects[1].url).replace(projects[0].url)

    assert read(shelf, projects[0]) is not old
    assert is_closed(old)


def test_a_store_whose_file_was_removed_is_closed_and_not_made_again(shelf, projects):
    old = read(shelf, projects[0])
    Path(projects[0].url).unlink()

    assert read(shelf, projects[0]) is None
    assert is_closed(old)
    assert not Path(projects[0].url).exists()


def test_a_store_that_failed_is_opened_anew(shelf, projects):
    def fail(store):
        store.close()
        store.revision()

    with pytest.raises(StoreError, match="closed"), shelf.reading(projects[0]) as lent:
        fail(lent.store)

    assert read(shelf, projects[0]) is not lent.store


async def test_what_a_killed_process_left_in_its_journal_is_shown(ask, jp_root_dir):
    (jp_root_dir / "killed").mkdir()
    returned = await asyncio.to_thread(run_python, KILLED, cwd=jp_root_dir / "killed")
    (run,) = (await ask("GET", "runs", path="killed")).body["runs"]

    assert returned == 9
    assert (run["name"], run["status"], run["metrics"]["loss"]["last"]) == ("killed", "lost", 0.5)
