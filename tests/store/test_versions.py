"""Stores of every version that there ever was: opened, brought up to date, copied before, or refused unharmed."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbtrail.errors import StoreError, StoreTooNewError
from nbtrail.store import open_store
from nbtrail.store.sqlite.schema import SCRIPTS
from tests.projects import SOURCE
from tests.store.versions.make import told

VERSIONS = Path(__file__).parent / "versions"
NUMBERS = sorted(path.stem for path in VERSIONS.glob("*.db"))


@pytest.fixture(params=NUMBERS)
def old(request, tmp_path):
    """A copy of a store of an older version."""
    return Path(shutil.copy(VERSIONS / f"{request.param}.db", tmp_path / "store.db"))


def golden(number=NUMBERS[0]):
    """What the code of that version read from its store."""
    return json.loads((VERSIONS / f"{number}.json").read_text(encoding="utf-8"))


def shown(path, **options):
    with contextlib.closing(open_store(path, **options)) as store:
        assert store.problems() == []
        return told(store)


def applied(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm")))


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("number", NUMBERS)
def test_every_version_opens_and_shows_what_it_showed_then(tmp_path, number, read_only):
    path = Path(shutil.copy(VERSIONS / f"{number}.db", tmp_path / "store.db"))

    assert shown(path, read_only=read_only) == golden(number)
    assert applied(path) == list(SCRIPTS)


def test_every_version_but_the_present_one_has_a_store_here():
    assert [name.partition("_")[0] for name in SCRIPTS][3 : 3 + len(NUMBERS)] == NUMBERS
    assert len(SCRIPTS) - len(NUMBERS) <= 4


def test_a_store_is_copied_before_it_is_changed(old, capsys):
    count = len(applied(old))
    first = list(SCRIPTS)[count].partition("_")[0]
    before = applied(old)
    open_store(old).close()
    open_store(old).close()

    copy = old.with_name(f"store.db.before-{first}")
    assert names(old.parent) == ["store.db", copy.name]
    assert applied(copy) == before
    assert capsys.readouterr().err.count(copy.name) == 1
    assert shown(copy) == golden(f"{count:04}")


def test_a_copy_of_an_earlier_upgrade_is_not_replaced(old):
    wanted = f"store.db.before-{list(SCRIPTS)[len(applied(old))].partition('_')[0]}"
    old.with_name(wanted).write_text("kept")
    open_store(old).close()

    assert names(old.parent) == ["store.db", wanted, f"{wanted}-2"]
    assert old.with_name(wanted).read_text() == "kept"


def test_nothing_is_copied_where_nothing_is_changed(tmp_path):
    for read_only in (False, False, True):
        open_store(tmp_path / "store.db", read_only=read_only).close()
    assert names(tmp_path) == ["store.db"]


def test_several_that_open_it_at_once_change_it_once(old):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: open_store(old).close(), range(4)))
    assert len(names(old.parent)) == 2
    assert applied(old) == list(SCRIPTS)


DIES = """
import os, shutil, signal, sys
import sqlite_utils
from nbtrail.store import open_store

def upgrade(path, deadly):
    '''Open the store; at the call of SQLite with this number the process is killed.'''
    calls = 0

    def count(frame, event, call):
        nonlocal calls
        if event == 'c_call' and type(getattr(call, '__self__', None)).__module__ == 'sqlite3':
            calls += 1
            if calls == deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    open_store(path).close()
    sys.setprofile(None)

source, folder = sys.argv[1:]
import nbtrail.store.sqlite
for deadly in range(1, 1000):
    os.makedirs(f'{folder}/{deadly}')
    path = f'{folder}/{deadly}/store.db'
    shutil.copy(source, path)
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if not status:
            print(deadly)
            break
    else:
        sys.stderr = open(os.devnull, 'w')
        upgrade(path, deadly)
        os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_killed_at_any_moment_it_is_the_old_one_or_the_new_one_and_whole(tmp_path):
    command = [sys.executable, "-c", DIES, str(VERSIONS / f"{NUMBERS[0]}.db"), str(tmp_path)]
    environ = {"PYTHONPATH": str(SOURCE), "PATH": ""}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    moments = int(done.stdout)
    old = applied(VERSIONS / f"{NUMBERS[0]}.db")
    found = [applied(tmp_path / str(moment) / "store.db") for moment in range(1, moments + 1)]

    assert moments > 30
    assert found[0] == old
    assert found[-1] == list(SCRIPTS)
    assert all(one in (old, list(SCRIPTS)) for one in found)
    for moment in range(1, moments + 1, 5):
        assert shown(tmp_path / str(moment) / "store.db") == golden()
        assert not list((tmp_path / str(moment)).glob("*.part"))


CRAMPED = """
import resource, sys
from nbtrail.errors import StoreError
from nbtrail.store import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    open_store(sys.argv[1])
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes")
def test_a_disk_that_cannot_take_the_copy_leaves_everything_as_it_is(old):
    before = old.read_bytes()
    command = [sys.executable, "-c", CRAMPED, str(old)]
    environ = {"PYTHONPATH": str(SOURCE), "PATH": ""}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

    assert "the copy cannot be written" in done.stdout
    assert "Nothing was changed" in done.stdout
    assert old.read_bytes() == before
    assert names(old.parent) == ["store.db"]


# --- newer ones ---


@pytest.fixture
def newer(tmp_path):
    """A store of a newer nbtrail whose process died: its last changes stand in the log."""
    (tmp_path / "alive").mkdir()
    path = tmp_path / "alive" / "store.db"
    with contextlib.closing(open_store(path)), contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('nbtrail', '9999_later')")
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", tmp_path / f"store.db{suffix}")
    return tmp_path / "store.db"


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_store_is_refused_and_not_a_byte_of_it_changed(newer, read_only):
    files = [newer, newer.with_name("store.db-wal")]
    before = [file.read_bytes() for file in files]
    assert len(before[1]) > 0

    with pytest.raises(StoreTooNewError, match="9999_later"):
        open_store(newer, read_only=read_only)

    assert [file.read_bytes() for file in files] == before


def test_an_error_of_a_migration_leaves_no_copy(old, monkeypatch):
    before = applied(old)
    monkeypatch.setitem(SCRIPTS, "9998_wrong", "CREATE TABLE runs (id);\n")
    with pytest.raises(StoreError, match="runs already exists"):
        open_store(old)
    assert applied(old) == before
    assert names(old.parent) == ["store.db"]
