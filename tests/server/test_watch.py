"""What a look at a project finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbtrail.changes import RunEdited, SessionBeat, SessionStarted
from nbtrail.errors import StoreError, StoreUnreadableError
from nbtrail.project import FOLDER, find_project
from nbtrail.server.stores import StoreShelf
from nbtrail.server.watch import Moved, Seen, Watch
from tests.server.world import HERON, OTTER, T, session, started


@pytest.fixture
def shelf():
    opened = StoreShelf()
    yield opened
    opened.close()


@pytest.fixture
def watch(project, shelf) -> Watch:
    """A watch whose viewer was shown the store as it is."""
    return watch_of(project, shelf)


@pytest.fixture
def writer(project):
    opened = project.open(read_only=False)
    yield opened
    opened.close()


def watch_of(project, shelf, start: Path | None = None) -> Watch:
    with shelf.reading(project) as lent:
        watch = Watch(project, Seen(lent.stamp, lent.store.revision()) if lent else Seen(None, 0))
    watch.ask(start or project.root, now=0)
    return watch


def star(run_id: str) -> RunEdited:
    return RunEdited(run_id=run_id, field="starred", value=True)


def test_where_nothing_changed_nothing_moved(watch, shelf):
    assert [watch.look(shelf) for _ in range(3)] == [[], [], []]


def test_runs_that_changed_are_named_once(watch, shelf, writer, project):
    writer.apply([star(HERON), star(OTTER)])

    assert watch.look(shelf) == [Moved(project.id, 7, (HERON, OTTER))]
    assert watch.look(shelf) == []


def test_what_changed_between_the_request_and_the_first_look_is_not_missed(project, shelf, writer):
    watch = watch_of(project, shelf)
    writer.apply([star(HERON)])

    assert watch.look(shelf) == [Moved(project.id, 6, (HERON,))]


def test_a_heartbeat_moves_nothing(watch, shelf, writer):
    watch.look(shelf)
    writer.apply([SessionBeat(session_id=session().id, at=T)])

    assert watch.look(shelf) == []


def test_of_very_many_runs_the_latest_thousand_are_named(watch, shelf, writer):
    writer.apply([started(f"r{number}", f"r{number}", T) for number in range(1500)])
    (moved,) = watch.look(shelf)

    assert moved.run_ids == tuple(f"r{number}" for number in range(500, 1500))


def test_the_first_store_of_a_project_is_noticed(tmp_path, shelf):
    project = find_project(tmp_path, environ={})
    watch = watch_of(project, shelf)
    before = watch.look(shelf)
    store = project.open(read_only=False)
    store.apply([SessionStarted(session=session()), started("r1", "first", T)])
    store.close()

    assert (before, watch.look(shelf)) == ([], [Moved(project.id, 1)])
    assert watch.look(shelf) == []


def test_a_store_that_was_replaced_is_noticed(watch, shelf, project, tmp_path):
    (tmp_path / "other" / FOLDER).mkdir(parents=True)
    find_project(tmp_path / "other", environ={}).open(read_only=False).close()
    (tmp_path / "other" / FOLDER / "store.db").replace(project.url)

    assert watch.look(shelf) == [Moved(project.id, 0)]
    assert watch.look(shelf) == []


def test_a_store_that_was_removed_is_noticed(watch, shelf, project):
    Path(project.url).unlink()

    assert watch.look(shelf) == [Moved(project.id, 0)]


def test_a_project_nearer_to_the_notebook_is_noticed(project, shelf):
    """The viewer knows the old project's id, and asks again when it hears of it."""
    watch = watch_of(project, shelf, project.root / "deep" / "nb.ipynb")
    (project.root / "deep" / FOLDER).mkdir(parents=True)

    assert watch.look(shelf) == [Moved(project.id, 0)]
    assert not watch.is_wanted(since=0)


def test_viewers_hear_once_that_a_store_is_broken_and_once_that_it_is_mended(watch, shelf, project, tmp_path):
    store = Path(project.url)
    content = store.read_bytes()
    store.unlink()
    store.write_bytes(b"no store at all, but long enough" * 100)
    with pytest.raises(StoreUnreadableError) as broken:
        watch.look(shelf)
    told = [watch.fail(broken.value), watch.fail(broken.value)]
    store.unlink()
    store.write_bytes(content)

    assert told == [[Moved(project.id, 0)], []]
    assert watch.look(shelf) == [Moved(project.id, 5)]


def test_a_watch_is_wanted_while_somebody_asks(watch, project):
    watch.ask(project.root / "nb.ipynb", now=100.0)

    assert watch.is_wanted(since=99.0)
    assert not watch.is_wanted(since=101.0)


def test_a_failure_is_remembered_until_a_look_goes_well(watch, shelf):
    watch.fail(StoreError("held by another process"))
    trouble = watch.trouble
    watch.look(shelf)

    assert (trouble, watch.trouble) == ("held by another process", None)
