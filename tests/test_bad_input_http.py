"""Bad input over HTTP: each fault is one message in one shape, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import nbtrail as nt
from nbtrail.project import find_project
from nbtrail.tracking.state import process
from tests.server import conftest as server
from tests.server import world
from tests.server.world import OTTER

# Fixtures.
ask, jp_server_config, make_project = server.ask, server.jp_server_config, server.make_project


@pytest.fixture
def served(make_project):
    """A project of five runs that the server serves."""
    return make_project()


def error(answer) -> tuple[int, str, str]:
    told = answer.body["error"]
    return answer.status, told["kind"], told["message"]


def spoil(project) -> None:
    for leftover in project.folder.glob("store.db*"):
        leftover.unlink()
    Path(project.url).write_bytes(NO_DATABASE)


def content_of(project) -> bytes:
    return Path(project.url).read_bytes()


NO_DATABASE = b"this is not a database at all" * 50
EVERYTHING = [
    ("GET", "runs", None),
    ("GET", "groups", None),
    ("GET", "runs/swift-otter", None),
    ("PATCH", "runs/swift-otter", {"note": "new"}),
    ("POST", "compare", {"runs": ["swift-otter"]}),
    ("POST", "export", {"runs": ["swift-otter"]}),
]


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("PATCH", "runs/swift-oter", {"note": "x"}),
        ("POST", "compare", {"runs": ["calm-heron", "swift-oter"]}),
        ("POST", "export", {"runs": ["calm-heron", "swift-oter"]}),
    ],
    ids=["edit", "compare", "export"],
)
async def test_an_unknown_run_is_named_with_the_one_that_was_meant(ask, served, method, route, body):
    status, kind, message = error(await ask(method, route, body))

    assert (status, kind) == (404, "RunNotFoundError")
    assert message.startswith("no run 'swift-oter'")
    assert "Did you mean 'swift-otter'?" in message
    assert not list(served.root.glob("*.ipynb"))


@pytest.mark.parametrize(
    ("query", "column", "hint"),
    [
        ({"filter": "metrics.ac > 0.9"}, 8, "Did you mean metrics.acc?"),
        ({"filter": "metrics.acc = 0.9"}, 12, "Write `==`."),
        ({"filter": "metrics.acc >"}, 13, "A whole condition is like"),
        ({"sort": "nosuch"}, 0, "Fields are id, name"),
    ],
    ids=["metric", "sign", "end", "sort"],
)
async def test_a_mistake_in_a_filter_or_sort_key_is_pointed_at(ask, served, query, column, hint):
    answer = await ask("GET", "runs", **query)

    status, kind, message = error(answer)
    assert (status, kind) == (400, "FilterError")
    assert answer.body["error"]["column"] == column
    assert hint in message
    assert message.splitlines()[1].strip() == next(iter(query.values()))


async def test_groups_point_at_a_mistake_in_their_filter(ask, served):
    answer = await ask("GET", "groups", by="status", filter="finishd")

    assert error(answer)[:2] == (400, "FilterError")


async def test_an_export_of_a_metric_that_no_run_has_names_those_that_exist(ask, served):
    status, kind, message = error(await ask("POST", "export", {"runs": [OTTER], "metric": "bleu"}))

    assert (status, kind) == (404, "MetricNotFoundError")
    assert message == "no metric 'bleu' in these runs. They have: acc, val_loss."
    assert not list(served.root.glob("*.ipynb"))


async def test_a_list_by_a_metric_that_no_run_has_shows_the_runs(ask, served):
    """A sidebar keeps its choice when the notebook beside it belongs to another project."""
    answer = await ask("GET", "runs", metric="bleu", sort="-metrics.bleu")

    assert (answer.status, answer.body["matched"]) == (200, 5)


@pytest.mark.parametrize(("method", "route", "body"), EVERYTHING)
async def test_a_store_that_is_no_database_is_said_by_every_route_and_left_alone(ask, served, method, route, body):
    spoil(served)
    status, kind, message = error(await ask(method, route, body, by="status"))

    assert (status, kind) == (422, "StoreUnreadableError")
    assert served.url in message
    assert "Move the file aside" in message
    assert content_of(served) == NO_DATABASE


@pytest.mark.parametrize(("method", "route", "body"), EVERYTHING)
async def test_settings_with_a_mistake_leave_every_route_as_it_is(ask, served, method, route, body):
    (served.folder / "settings.toml").write_text("[capture\n")

    assert (await ask(method, route, body, by="status")).status == 200


async def test_a_name_that_is_taken_but_for_blanks_is_taken(ask, served):
    status, kind, message = error(await ask("PATCH", f"runs/{OTTER}", {"name": " calm-heron "}))

    assert (status, kind) == (409, "NameTakenError")
    assert "'calm-heron' belongs to run" in message
    assert "Choose another" in message


async def test_a_param_that_is_no_json_comes_as_its_text_and_says_so(ask, served):
    with pytest.warns(nt.errors.NbtrailWarning, match="param 'model' is no JSON"):
        nt.start_run("odd", params={"model": {1, 2}}, project=served).finish()
    process.recorders.pop(served.url).close()
    (param,) = (await ask("GET", "runs/odd")).body["params"]

    assert (param["value"], param["reason"]) == ("{1, 2}", "the text of a set")


LOCKED = """
import os, sys
from pathlib import Path
import psutil, sqlite_utils
import nbtrail.reading.export, nbtrail.store.sqlite
from nbtrail.errors import NbtrailError
from nbtrail.server import comparisons, payloads, requests, sparks, statuses
from nbtrail.server.places import locate

# Permissions do not bind root; and what was to be imported may lie where only root can read.
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
place = locate(Path(sys.argv[1]), "")
store = place.project.open(read_only=True)
print(payloads.runs_page(store, place, requests.page_request({}), sparks.Sparks())["total"])
try:
    comparisons.export_payload(store, place, requests.ComparisonRequest(runs=("swift-otter",)))
except NbtrailError as error:
    print(int(statuses.status_of(error)), error)
"""


@pytest.fixture
def locked_folder():
    """A project that any user may read, as those in pytest's folders are not, and that nobody may write."""
    root = Path(tempfile.mkdtemp(prefix="nbtrail-"))
    store = find_project(root, environ={}).open(read_only=False)
    world.fill(store)
    store.close()
    for part in (root, root / ".nbtrail"):
        part.chmod(0o555)
    yield root
    for part in (root, root / ".nbtrail"):
        part.chmod(0o755)
    shutil.rmtree(root)


def test_a_read_only_folder_lists_its_runs_and_says_that_no_export_fits(locked_folder):
    """As an ordinary user, whom the folder's mode stops; what the routes call, without the server around it."""
    environ = {name: value for name, value in os.environ.items() if name != "NBTRAIL_STORE"}
    command = [sys.executable, "-c", LOCKED, str(locked_folder)]
    done = subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True, check=True)
    total, told = done.stdout.splitlines()

    assert total == "5"
    assert told.startswith("400 ")
    assert "comparison.ipynb' cannot be written: Permission denied. Choose another path." in told
