"""A new store is there whole, or not at all."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

from nbtrail.changes import RunStarted
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery
from nbtrail.store.sqlite.new import make_store


def mode(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_a_new_store_is_one_file_that_can_be_read_at_once(tmp_path):
    make_store(tmp_path / "store.db", keeps_wal=True)

    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]
    assert mode(tmp_path / "store.db") == "wal"
    with closing(open_store(tmp_path, read_only=True)) as store:
        assert store.count(RunQuery()) == 0


def test_for_a_network_it_is_made_without_a_log(tmp_path):
    make_store(tmp_path / "store.db", keeps_wal=False)
    assert mode(tmp_path / "store.db") == "delete"


def test_a_store_that_another_process_made_meanwhile_is_left_alone(tmp_path):
    with closing(open_store(tmp_path / "store.db")) as store:
        store.apply([RunStarted(run_id="01J", name="otter", session_id="S1", at=0.0)])
        make_store(tmp_path / "store.db", keeps_wal=True)
        assert store.count(RunQuery()) == 1
    with closing(open_store(tmp_path, read_only=True)) as store:
        assert store.run("otter").name == "otter"


def test_what_a_killed_process_left_half_made_is_removed_in_time(tmp_path):
    old, young = tmp_path / ".store.db.1-1.new", tmp_path / ".store.db.2-1.new"
    for stray in (old, young):
        stray.touch()
    os.utime(old, (time.time() - 600,) * 2)

    make_store(tmp_path / "store.db", keeps_wal=True)

    assert not old.exists()
    assert young.exists()
