"""Word of runs that moved reaches whoever listens on Jupyter's events bus."""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbtrail.server.desk import DESK
from nbtrail.server.live import EVENT_ID, Live, Pace
from nbtrail.server.places import locate
from nbtrail.server.stores import StoreShelf
from nbtrail.server.watch import Seen
from tests.server.elsewhere import run_python
from tests.server.world import OTTER

STAR = """
import sys
from nbtrail.project import find_project
from nbtrail.changes import RunEdited
store = find_project(sys.argv[1]).open(read_only=False)
store.apply([RunEdited(run_id=sys.argv[2], field="note", value="from elsewhere")])
store.close()
"""


@pytest.fixture
def listen(jp_serverapp, jp_ws_fetch):
    """Listens as a browser does; what it gives waits for nbtrail's next event."""

    async def listen():
        socket = await jp_ws_fetch("api", "events", "subscribe")

        async def next_event():
            while True:
                event = json.loads(await asyncio.wait_for(socket.read_message(), 30))
                if event["schema_id"] == EVENT_ID:
                    return {key: event[key] for key in ("project", "revision", "runs")}

        return next_event

    return listen


async def test_a_viewer_hears_of_a_run_that_another_process_changed(ask, project, listen):
    next_event = await listen()
    await ask("GET", "runs")
    await asyncio.to_thread(run_python, STAR, project.root, OTTER)

    assert await next_event() == {"project": project.id, "revision": 6, "runs": [OTTER]}


async def test_a_viewer_of_an_empty_folder_hears_of_the_first_run(ask, jp_root_dir, listen):
    next_event = await listen()
    (jp_root_dir / "new").mkdir()
    shown = (await ask("GET", "runs", path="new/nb.ipynb")).body["project"]
    script = "import nbtrail as nt; nt.start_run('first').finish()"
    await asyncio.to_thread(run_python, script, cwd=jp_root_dir / "new")

    assert (shown["exists"], (await next_event())["project"]) == (False, shown["id"])
    assert (await ask("GET", "runs", path="new/nb.ipynb")).body["runs"][0]["name"] == "first"


async def test_another_viewer_hears_of_an_edit(ask, project, listen):
    next_event = await listen()
    await ask("GET", "runs")
    await ask("PATCH", f"runs/{OTTER}", {"note": "new"})

    assert (await next_event())["runs"] == [OTTER]


async def test_a_store_is_closed_when_the_server_stops(ask, project, jp_serverapp):
    await ask("GET", "runs")
    desk = jp_serverapp.web_app.settings[DESK]
    opened = [entry.store for entry in desk._shelf._opened.values()]
    await jp_serverapp.extension_manager.stop_all_extensions()

    assert [store._connection for store in opened] == [None]
    assert desk.live._tasks == {}


class ListenerError(Exception):
    """A listener's own trouble."""


@pytest.fixture
def shelf():
    opened = StoreShelf()
    yield opened
    opened.close()


@pytest.fixture
def make_live(shelf):
    """Makes live watches that look often."""
    with ThreadPoolExecutor(1) as threads:
        yield lambda emit, **pace: Live(shelf, threads, emit, logging.getLogger("test"), Pace(interval_s=0.01, **pace))


@pytest.fixture
def place(project):
    return locate(project.root.parent, "heart-disease")


def break_store(project):
    """Puts something else in the store's place; what it gives puts the store back."""
    store, aside = Path(project.url), Path(project.url + ".aside")
    store.rename(aside)
    store.write_bytes(b"no store at all, but long enough" * 100)
    return lambda: aside.replace(store)


async def settle(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of it
            await asyncio.sleep(0.01)


async def test_a_project_that_nobody_asks_for_any_more_is_let_go(make_live, shelf, place, project):
    live = make_live(print, patience_s=0.1)
    live.ask(place, Seen(None, 0))
    watched = list(live._tasks)
    await settle(lambda: not live._tasks)

    assert watched == [project.id]
    assert not shelf._opened


async def test_a_broken_store_is_logged_once_and_watched_on(make_live, place, project, caplog):
    events = []
    live = make_live(events.append)
    mend = break_store(project)
    live.ask(place, Seen(None, 0))
    await settle(lambda: events)
    await asyncio.sleep(0.1)
    mend()
    await settle(lambda: len(events) > 1)
    await live.stop()

    assert [event["runs"] for event in events] == [[], []]
    assert caplog.text.count("nbtrail cannot watch") == 1


async def test_a_listener_that_fails_does_not_end_the_watch(make_live, place, project, caplog):
    taken = []

    def emit(event):
        taken.append(event)
        if len(taken) == 1:
            raise ListenerError

    live = make_live(emit)
    live.ask(place, Seen(None, 0))
    await settle(lambda: taken)
    await asyncio.to_thread(run_python, STAR, project.root, OTTER)
    await settle(lambda: len(taken) > 1)
    await live.stop()

    assert taken[1]["runs"] == [OTTER]
    assert "cannot tell that runs have moved" in caplog.text
