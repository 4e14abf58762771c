"""Every row of the table of errors in ``docs/http.md``."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nbtrail import errors
from nbtrail.project import find_project
from nbtrail.server.desk import DESK
from nbtrail.server.statuses import status_of
from tests.server import world
from tests.server.world import OTTER

TOLD = {
    errors.FilterError("x", column=0, problem="p"): 400,
    errors.MagicError("x", problem="p"): 400,
    errors.ChartError("x"): 400,
    errors.SettingsError("x", reason="r"): 400,
    errors.SqlError("x"): 400,
    errors.UnstorableError("x"): 400,
    errors.FileTakenError("x"): 400,
    errors.RunNotFoundError("x", store="s"): 404,
    errors.MetricNotFoundError("x"): 404,
    errors.FileMissingError("x", purpose="p"): 404,
    errors.NameTakenError("x", holder="h"): 409,
    errors.StoreUnreadableError("x", reason="r"): 422,
    errors.PointsDamagedError("x", run="r", metric="m", reason="r"): 422,
    errors.StoreTooNewError("x", unknown=["0009"]): 422,
    errors.StoreUnsupportedError("x"): 422,
    errors.StoreReadOnlyError("x", reason="r"): 423,
    errors.StoreError("x"): 500,
    ValueError("x"): 500,
}


@pytest.mark.parametrize("error", TOLD, ids=lambda error: type(error).__name__)
def test_each_error_has_its_status(error):
    assert status_of(error) == TOLD[error]


def test_no_error_of_nbtrail_was_forgotten_above():
    def kinds(kind):
        return {kind}.union(*(kinds(child) for child in kind.__subclasses__()))

    told = {type(error) for error in TOLD} | {errors.NbtrailError, errors.InputError, errors.NotFoundError}
    own = {kind for kind in kinds(errors.NbtrailError) if kind.__module__ == "nbtrail.errors"}
    assert own == {kind for kind in told if issubclass(kind, errors.NbtrailError)}


async def test_an_unknown_run_is_not_found_and_a_like_one_is_named(ask, project):
    answer = await ask("GET", "runs/swift-oter")

    assert answer.status == 404
    assert answer.body["error"]["kind"] == "RunNotFoundError"
    assert "Did you mean 'swift-otter'?" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("GET", "runs/swift-otter", None),
        ("PATCH", "runs/swift-otter", {"note": "x"}),
        ("POST", "compare", {"runs": ["swift-otter"]}),
        ("POST", "export", {"runs": ["swift-otter"]}),
    ],
)
async def test_a_folder_without_a_project_has_no_such_run_and_stays_as_it_is(ask, jp_root_dir, method, route, body):
    (jp_root_dir / "empty").mkdir()
    answer = await ask(method, route, body, path="empty")

    assert (answer.status, answer.body["error"]["kind"]) == (404, "RunNotFoundError")
    assert list((jp_root_dir / "empty").iterdir()) == []


async def test_an_unknown_metric_is_not_found(ask, project):
    answer = await ask("POST", "compare", {"runs": [OTTER], "metric": "val_los"})

    assert answer.status == 404
    assert "Did you mean 'val_loss'?" in answer.body["error"]["message"]


@pytest.mark.parametrize("body", ["{", "", b"\xff\xfe\x00", "[" * 100_000])
async def test_a_body_that_is_no_json_is_refused(ask, project, body):
    answer = await ask("PATCH", f"runs/{OTTER}", body)

    assert (answer.status, answer.body["error"]["kind"]) == (400, "InputError")
    assert "JSON" in answer.body["error"]["message"]


@pytest.mark.parametrize("body", ["[]", "null", '"name"', "3"])
async def test_a_body_that_is_no_object_is_refused(ask, project, body):
    answer = await ask("PATCH", f"runs/{OTTER}", body)

    assert answer.status == 400
    assert "must be a JSON object" in answer.body["error"]["message"]


@pytest.mark.parametrize(("method", "route"), [("PATCH", "runs/swift-otter"), ("POST", "compare"), ("POST", "export")])
async def test_a_field_that_a_route_does_not_know_is_refused(ask, project, method, route):
    answer = await ask(method, route, {"runs": [OTTER], "naem": "x"} if method == "POST" else {"naem": "x"})

    assert answer.status == 400
    assert "unknown field 'naem'" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": 3},
        {"name": " "},
        {"name": "two\nlines"},
        {"note": None},
        {"starred": "yes"},
        {"trashed": 1},
        {"add_tags": "sweep"},
        {"add_tags": [3]},
        {"add_tags": [""]},
        {"baseline": None},
        {},
    ],
    ids=str,
)
async def test_an_edit_of_the_wrong_kind_is_refused_and_changes_nothing(ask, project, body):
    answer = await ask("PATCH", f"runs/{OTTER}", body)

    assert (answer.status, answer.body["error"]["kind"]) == (400, "InputError")
    assert (await ask("GET", "runs")).body["revision"] == 5


@pytest.mark.parametrize("body", [{}, {"runs": []}, {"runs": OTTER}, {"runs": [OTTER], "metric": 3}], ids=str)
async def test_a_comparison_of_nothing_is_refused(ask, project, body):
    assert (await ask("POST", "compare", body)).status == 400


async def test_a_taken_name_is_a_conflict_and_nothing_of_the_edit_is_kept(ask, project):
    answer = await ask("PATCH", f"runs/{OTTER}", {"name": "calm-heron", "note": "new"})

    assert (answer.status, answer.body["error"]["kind"]) == (409, "NameTakenError")
    assert (await ask("GET", f"runs/{OTTER}")).body["run"]["note"] == "why it works"


async def test_a_damaged_store_cannot_be_processed(ask, project):
    damage(project)
    answer = await ask("GET", "runs")

    assert (answer.status, answer.body["error"]["kind"]) == (422, "StoreUnreadableError")
    assert "nbtrail doctor" in answer.body["error"]["message"]


async def test_a_store_that_is_damaged_while_it_is_open_is_read_again_when_it_is_mended(ask, project, tmp_path):
    backup = tmp_path / "backup.db"
    shutil.copy(project.url, backup)
    await ask("GET", "runs")
    damage(project)
    broken = await ask("GET", "runs")
    backup.replace(project.url)

    assert broken.status == 422
    assert (await ask("GET", "runs")).body["total"] == 5


async def test_a_store_of_a_newer_nbtrail_cannot_be_processed(ask, project):
    with contextlib.closing(sqlite3.connect(project.url)) as connection, connection:
        connection.execute("UPDATE _sqlite_migrations SET name = '9999_later' WHERE name = '0001_runs'")

    answer = await ask("GET", "runs")
    assert (answer.status, answer.body["error"]["kind"]) == (422, "StoreTooNewError")


async def test_a_store_of_an_unknown_kind_cannot_be_processed(ask, project, monkeypatch):
    monkeypatch.setenv("NBTRAIL_STORE", "oracle://somewhere")

    answer = await ask("GET", "runs")
    assert (answer.status, answer.body["error"]["kind"]) == (422, "StoreUnsupportedError")


EDIT = """
import logging, os, sys, time
from pathlib import Path
import psutil, sqlite_utils
import nbtrail.store.sqlite
from nbtrail.errors import StoreError
from nbtrail.project import find_project
from nbtrail.server.corrections import Corrections
from nbtrail.server.edits import apply_edit
from nbtrail.server.requests import RunEdit
from nbtrail.server.statuses import status_of

# Permissions do not bind root; and what was to be imported may lie where only root can read.
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    apply_edit(find_project(Path(sys.argv[1])), "swift-otter", RunEdit(note="new"), Corrections(), now=time.time())
except StoreError as error:
    print(status_of(error), error)
"""


@pytest.fixture
def locked_folder():
    """A project that any user may read, as those in pytest's folders are not, and that nobody may write."""
    root = Path(tempfile.mkdtemp(prefix="nbtrail-"))
    root.chmod(0o755)
    store = find_project(root, environ={}).open(read_only=False)
    world.fill(store)
    store.close()
    for part in (root, root / ".nbtrail"):
        part.chmod(0o555)
    yield root
    for part in (root, root / ".nbtrail"):
        part.chmod(0o755)
    shutil.rmtree(root)


def test_a_store_that_may_not_be_written_is_locked_for_edits(locked_folder):
    environ = {**os.environ, "PYTHONPATH": str(Path(errors.__file__).parent.parent)}
    environ.pop("NBTRAIL_STORE", None)
    command = [sys.executable, "-c", EDIT, str(locked_folder)]
    told = subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True, check=True).stdout

    assert told.startswith("423 ")
    assert "cannot be written" in told


async def test_a_failure_that_nobody_foresaw_is_told_without_details_and_logged(ask, project, jp_serverapp, caplog):
    jp_serverapp.web_app.settings[DESK].sparks = None
    answer = await ask("GET", "runs")

    assert (answer.status, answer.body["error"]["kind"]) == (500, "AttributeError")
    assert "log" in answer.body["error"]["message"]
    assert "Traceback" in caplog.text


async def test_a_method_that_a_route_does_not_have_is_told_in_the_same_shape(ask, project):
    answer = await ask("PUT", "runs", {})

    assert answer.status == 405
    assert answer.body["error"]["kind"] == "MethodNotAllowed"


def damage(project) -> None:
    """Puts something in the store's place that begins like SQLite's files."""
    folder = project.folder
    for leftover in folder.glob("store.db-*"):
        leftover.unlink()
    (folder / "broken").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (folder / "broken").replace(folder / "store.db")
