"""Addresses, and SQLite files that are no store, not ours, damaged, old, new or read-only."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

import nbtrail
from nbtrail.changes import RunStarted, SessionStarted
from nbtrail.errors import (
    StoreError,
    StoreReadOnlyError,
    StoreTooNewError,
    StoreUnreadableError,
    StoreUnsupportedError,
)
from nbtrail.machine.mounts import Mount, is_on_network
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from nbtrail.store.sqlite import migrations as sqlite_migrations
from nbtrail.store.sqlite.schema import SCRIPTS
from nbtrail.store.sqlite.wal import leave_wal
from tests.store.conftest import START, session

SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""


@pytest.fixture
def path(tmp_path):
    """The file of a store with one run, closed."""
    path = tmp_path / "store.db"
    fill(path)
    return path


def fill(path):
    with contextlib.closing(open_store(path)) as store:
        started = RunStarted(run_id="01JOTTER", name="otter", session_id="S1", at=START)
        store.apply([SessionStarted(session=session()), started])


def names(address, **options):
    with contextlib.closing(open_store(address, **options)) as store:
        return [run.name for run in store.runs(RunQuery())]


def execute(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(statement).fetchall() for statement in statements]


# --- addresses ---


def test_a_store_is_opened_by_path_text_folder_and_url(path):
    for address in (path, str(path), path.parent, f"sqlite:///{path}"):
        assert names(address) == ["otter"]


def test_the_url_of_a_store_opens_it_again(path):
    with contextlib.closing(open_store(path)) as store:
        assert names(store.url) == ["otter"]


def test_a_missing_file_is_made_with_its_folder(tmp_path):
    assert names(tmp_path / "new" / ".nbtrail" / "store.db") == []
    assert (tmp_path / "new" / ".nbtrail" / "store.db").is_file()


@pytest.mark.parametrize("name", ["with space.db", "100%41.db", "a?mode=rw.db", "a#b.db", "ü.db"])
def test_a_path_may_hold_what_a_url_may_not(tmp_path, name):
    fill(tmp_path / name)
    assert [found.name for found in tmp_path.iterdir()] == [name]
    assert names(tmp_path / name, read_only=True) == ["otter"]


def test_a_store_in_memory_is_empty_and_can_be_written():
    with contextlib.closing(open_store(":memory:")) as store:
        assert store.runs(RunQuery()) == []
        store.apply([RunStarted(run_id="01J", name="otter", session_id="S1", at=START)])
        assert store.run("otter").name == "otter"


@pytest.mark.parametrize("url", ["postgresql://host/base", "mysql://x", "s3://bucket/store.db", "sqlite://", ""])
def test_an_address_that_no_engine_serves_is_an_error(url):
    with pytest.raises(StoreUnsupportedError, match="no engine serves"):
        open_store(url)


def test_opening_a_store_that_is_up_to_date_loads_no_pandas(path):
    """sqlite_utils, which makes and updates stores, loads pandas."""
    script = "import sys, nbtrail.store as s; s.open_store(sys.argv[1]).close(); print('pandas' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    found = subprocess.run(
        [sys.executable, "-c", script, str(path)], env=environ, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


# --- files that are no store ---


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "store.db"
    path.write_text("not a database, " * 100)
    for read_only in (False, True):
        with pytest.raises(StoreUnreadableError, match="not a database"):
            open_store(path, read_only=read_only)
    assert path.read_text() == "not a database, " * 100


def test_a_file_of_another_program_is_left_as_it_is(tmp_path):
    path = tmp_path / "store.db"
    execute(path, "CREATE TABLE films (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreUnreadableError, match="another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_damaged_store_is_an_error_when_the_damage_is_met(path):
    execute(path, "PRAGMA journal_mode = DELETE")
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(StoreUnreadableError):
        names(path)


def test_reading_what_is_not_there_is_an_error_and_makes_nothing(tmp_path):
    with pytest.raises(StoreUnreadableError, match="no such file"):
        open_store(tmp_path / "store.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_an_empty_store(tmp_path):
    """A process was killed while it made the store; viewers must not stumble over that."""
    path = tmp_path / "store.db"
    path.touch()
    assert names(path, read_only=True) == []
    fill(path)
    assert names(path, read_only=True) == ["otter"]


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path):
    (tmp_path / "store.db").mkdir()
    with pytest.raises(StoreUnreadableError, match="it is a folder"):
        open_store(tmp_path)


# --- versions ---


def test_a_store_of_a_newer_nbtrail_is_left_as_it_is(path):
    stamp = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('nbtrail', '9999_later', 'x')"
    execute(path, stamp, "PRAGMA journal_mode = DELETE")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreTooNewError, match="9999_later") as caught:
            open_store(path, read_only=read_only)
        assert caught.value.unknown == ("9999_later",)
    assert path.read_bytes() == before


@pytest.mark.parametrize("count", range(1, len(SCRIPTS)))
@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_of_an_older_nbtrail_is_brought_up_to_date(tmp_path, monkeypatch, count, read_only):
    path = tmp_path / "store.db"
    make_old_store(path, monkeypatch, count)
    execute(path, "INSERT INTO runs (id, name, status, started, utc_offset_s, session_id, revision)"
                  " VALUES ('01JOLD', 'old', 'finished', 1.0, 0, 'S1', 1)")  # fmt: skip

    assert names(path, read_only=read_only) == ["old"]

    (applied,) = execute(path, "SELECT name FROM _sqlite_migrations ORDER BY id")
    assert [name for (name,) in applied] == list(SCRIPTS)


def test_a_new_store_is_what_the_migrations_make_of_an_older_one(path, tmp_path, monkeypatch):
    """A new one is made without sqlite_utils, which costs half a second; the result must be the same."""
    make_old_store(tmp_path / "old.db", monkeypatch, 1)
    open_store(tmp_path / "old.db").close()
    query = "SELECT name, sql FROM sqlite_master ORDER BY name"
    assert execute(path, query) == execute(tmp_path / "old.db", query)


def test_a_new_store_is_made_without_loading_pandas(python, tmp_path):
    code = f"from nbtrail.store import open_store; open_store({str(tmp_path / 'store.db')!r}).close(); import sys"
    out, _ = python(f"{code}; print('pandas' in sys.modules, 'sqlite_utils' in sys.modules)").communicate()
    assert out == "False False\n"


def make_old_store(path, monkeypatch, count):
    """A store as it was when only so many migrations were known."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection, monkeypatch.context() as then:
        # What is taken last comes back first, and they must come back in their order.
        for name in reversed(list(SCRIPTS)[count:]):
            then.delitem(SCRIPTS, name)
        # What every version before had made by sqlite_utils.
        connection.execute("BEGIN")
        sqlite_migrations._update(connection)
        connection.execute("COMMIT")


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "store.db"
    make_old_store(path, monkeypatch, 2)
    before = execute(path, "SELECT sql FROM sqlite_master ORDER BY name")
    monkeypatch.setitem(SCRIPTS, "0004_files", "CREATE TABLE fine (a);\nCREATE TABLE runs (id);\n")

    with pytest.raises(StoreError, match="runs already exists"):
        open_store(path)

    assert execute(path, "SELECT sql FROM sqlite_master ORDER BY name") == before


def test_the_tables_are_documented_by_themselves(path):
    """``sqlite3 store.db .schema`` is where a reader with another tool begins."""
    ((tables,),) = [execute(path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]
    assert {name for (name,) in tables} == {
        "_sqlite_migrations", "artifacts", "blobs", "datasets", "environments", "executions", "journals", "meta",
        "metrics", "outputs", "param_history", "params", "points", "run_datasets", "run_executions", "runs", "sessions",
        "sources", "tags",
    }  # fmt: skip
    ((schema,),) = execute(path, "SELECT sql FROM sqlite_master WHERE name = 'points'")
    assert "docs/chunk-format.md" in schema[0]


# --- read-only ---


def test_a_store_opened_for_reading_refuses_to_write(path):
    with contextlib.closing(open_store(path, read_only=True)) as store:
        with pytest.raises(StoreReadOnlyError, match="opened for reading"):
            store.apply([RunStarted(run_id="01J", name="x", session_id="S1", at=START)])
        assert store.count(RunQuery()) == 1


@pytest.fixture
def shared():
    """A folder that any user may reach, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="nbtrail-"))
    folder.chmod(0o755)
    yield folder
    for inner in (folder, *folder.rglob("*")):
        inner.chmod(0o755)
    shutil.rmtree(folder)


READ_AND_WRITE = """
    import json, os, sys
    import psutil, sqlite_utils
    import nbtrail.store.sqlite
    from nbtrail.errors import StoreError
    from nbtrail.store import open_store
    from nbtrail.store.protocol import RunQuery

    # Permissions do not bind root; and what was to be imported may lie where only root can read.
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    def tell(look):
        try:
            return look()
        except StoreError as error:
            return f"{type(error).__name__}: {error}"

    def read():
        return [run.name for run in open_store(sys.argv[1], read_only=True).runs(RunQuery())]

    print(json.dumps([tell(read), tell(lambda: open_store(sys.argv[1]).close())]))
"""


def read_and_write(path):
    """What an ordinary user reads, and what writing says."""
    command = [sys.executable, "-c", textwrap.dedent(READ_AND_WRITE), str(path)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    found = subprocess.run(command, env=environ, cwd="/", capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.parametrize("read_only_part", ["folder", "file"])
def test_a_store_that_may_not_be_written_is_read(shared, read_only_part):
    path = shared / "store.db"
    fill(path)
    path.chmod(0o444)
    shared.chmod(0o555 if read_only_part == "folder" else 0o777)

    read, write = read_and_write(path)

    assert read == ["otter"]
    assert write.startswith("StoreReadOnlyError")
    assert "read-only" in write


def test_changes_that_wait_in_the_log_of_a_read_only_folder_are_not_passed_over(shared):
    """Reading the file alone would show an old state as if it were the latest."""
    path = shared / "store.db"
    with contextlib.closing(open_store(path)) as store:
        fill(path)
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", shared / f"copy.db{suffix}")
        assert store.count(RunQuery()) == 1
    shared.chmod(0o555)

    read, _ = read_and_write(shared / "copy.db")

    assert "copy.db-wal" in read


def test_an_old_store_that_may_not_be_written_says_so(shared, monkeypatch):
    path = shared / "store.db"
    make_old_store(path, monkeypatch, 2)
    path.chmod(0o444)
    shared.chmod(0o555)

    read, _ = read_and_write(path)

    assert read.startswith("StoreUnreadableError")
    assert "cannot be brought up to date" in read


# --- modes ---


def test_a_local_store_keeps_a_write_ahead_log(path):
    assert execute(path, "PRAGMA journal_mode") == [[("wal",)]]


def test_a_store_on_a_network_keeps_none(path):
    leave_wal(path, timeout_s=1)
    assert execute(path, "PRAGMA journal_mode") == [[("delete",)]]
    assert names(path, read_only=True) == ["otter"]


@pytest.mark.parametrize(
    ("mounts", "network"),
    [
        ([("/", "ext4")], False),
        ([("/", "ext4"), ("/home", "nfs4")], True),
        ([("/", "ext4"), ("/home", "cifs")], True),
        ([("/", "ext4"), ("/home", "fuse.sshfs")], True),
        ([("/", "ext4"), ("/home", "fuseblk")], False),
        ([("/", "nfs4"), ("/home", "ext4")], False),
        ([("/home", "nfs4"), ("/home", "ext4")], False),
        ([("/home/adam", "nfs4"), ("/", "ext4")], False),
        ([], False),
    ],
)
def test_the_mount_nearest_to_the_file_decides_about_the_network(mounts, network):
    assert is_on_network(Path("/home/ada/project/.nbtrail/store.db"), [Mount(*mount) for mount in mounts]) is network


def test_this_machine_can_be_asked_for_its_mounts(tmp_path):
    assert is_on_network(tmp_path / "store.db") in {True, False}


# --- closing ---


def test_a_closed_store_says_so_and_may_be_closed_again(path):
    store = open_store(path)
    store.close()
    store.close()
    for look in (lambda: store.runs(RunQuery()), store.change_mark, store.revision):
        with pytest.raises(StoreError, match="was closed"):
            look()


def test_the_log_is_gone_once_everything_is_closed(path):
    assert [found.name for found in path.parent.iterdir()] == ["store.db"]
