"""Bringing the runs of another project: everything comes, again changes nothing, and kills leave both stores whole."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import nbtrail as nt
from nbtrail.changes import (
    ArtifactKept,
    ParamSet,
    PointsLogged,
    RunEdited,
    RunEnded,
    RunStarted,
    SessionStarted,
    TagsChanged,
)
from nbtrail.errors import FileMissingError, InputError, StoreTooNewError
from nbtrail.housekeeping.merge import merge
from nbtrail.project import find_project
from nbtrail.records import Artifact
from nbtrail.store.protocol import RunQuery
from tests.projects import SOURCE
from tests.store.conftest import START, session
from tests.store.versions.make import make, told

VERSIONS = Path(__file__).parents[1] / "store" / "versions"
OTTER, HERON = "01JOTTER", "01JHERON"


@pytest.fixture
def here(tmp_path, project):
    """A project to merge into."""
    return project


@pytest.fixture
def there(tmp_path):
    """A project to merge from."""
    (tmp_path / "there" / ".nbtrail").mkdir(parents=True)
    return find_project(tmp_path / "there", environ={})


def apply(project, *changes):
    with contextlib.closing(project.open(read_only=False)) as store:
        store.apply(changes)


def points(run_id, *values, first=0, key="loss"):
    return [
        PointsLogged.of(run_id=run_id, at=START + step, points=((key, step, value),))
        for step, value in enumerate(values, start=first)
    ]


def started(run_id, name, at=START):
    return [SessionStarted(session=session()), RunStarted(run_id=run_id, name=name, session_id="S1", at=at)]


def shown(project):
    with contextlib.closing(project.open()) as store:
        assert store.problems() == []
        return told(store)


def outcome(merged):
    counts = merged.counts
    return counts.new, counts.grown, counts.unchanged, counts.points


def state(project):
    """Everything that the tables hold."""
    with contextlib.closing(sqlite3.connect(project.url)) as connection:
        return list(connection.iterdump())


# --- everything comes ---


def test_every_part_of_a_run_comes(here, there):
    make(Path(there.url))

    assert outcome(merge(here, there.root)) == (3, 0, 0, 128)
    assert shown(here) == shown(there)


def test_merging_again_changes_nothing(here, there):
    make(Path(there.url))
    merge(here, there.root)
    before = state(here)

    assert outcome(merge(here, there.root)) == (0, 0, 3, 0)
    assert state(here) == before


def test_files_come_and_are_what_their_names_say(here, there, tmp_path):
    (tmp_path / "model.bin").write_bytes(b"weights" * 1000)
    with nt.start_run("otter", project=there.root) as run:
        run.log_artifact(tmp_path / "model.bin")
    merged = merge(here, there.root)

    with contextlib.closing(here.open()) as store:
        (artifact,) = store.artifacts(run.id)
    assert here.blobs.read(artifact.digest) == b"weights" * 1000
    assert (merged.blobs, merged.size, merged.missing) == (1, 7000, ())
    assert merge(here, there.root).blobs == 0


def test_a_file_that_is_missing_there_is_told_of_and_the_rest_comes(here, there):
    make(Path(there.url))
    merged = merge(here, there.root)
    assert merged.missing == ("ab" * 32,)
    assert merged.counts.new == 3


def test_a_folder_a_dot_folder_and_a_file_name_the_same_project(here, there):
    apply(there, *started(OTTER, "otter"))
    for path in (there.root, there.folder, Path(there.url)):
        merge(here, path)
    assert list(shown(here)) == ["otter"]


def test_a_run_in_the_trash_is_in_the_trash_here(here, there):
    apply(there, *started(OTTER, "otter"), RunEdited(run_id=OTTER, field="trashed", value=START))
    merge(here, there.root)
    with contextlib.closing(here.open()) as store:
        assert [run.name for run in store.runs(RunQuery(trashed=True))] == ["otter"]


def test_another_run_with_the_name_gets_a_number_and_is_reported(here, there):
    apply(here, *started(OTTER, "otter"))
    apply(there, *started(HERON, "otter"))

    assert merge(here, there.root).counts.renamed == (("otter", "otter-2"),)
    assert merge(here, there.root).counts.renamed == ()
    assert sorted(shown(here)) == ["otter", "otter-2"]


def test_viewers_notice_what_came_and_only_that(here, there):
    apply(here, *started(HERON, "heron"))
    apply(there, *started(OTTER, "otter"))
    with contextlib.closing(here.open()) as store:
        seen = store.revision()
        merge(here, there.root)
        assert store.changed_since(seen) == [OTTER]
        seen = store.revision()
        merge(here, there.root)
        assert store.changed_since(seen) == []


# --- runs that both know ---


@pytest.fixture
def copied(here, there):
    """A run that both have: a copy of the project went on, on its own."""
    values = [0.5, math.nan, 0.25]
    apply(there, *started(OTTER, "otter"), *points(OTTER, *values), ParamSet(run_id=OTTER, key="lr", value=1, at=START))
    merge(here, there.root)
    return here


def series(project, key="loss"):
    with contextlib.closing(project.open()) as store:
        return store.series(OTTER, key).values.tolist()


def test_points_of_a_run_that_went_on_are_appended(copied, there):
    apply(there, *points(OTTER, 0.1, 0.05, first=3), RunEnded(run_id=OTTER, status="finished", at=START + 9))

    assert outcome(merge(copied, there.root)) == (0, 1, 0, 2)
    assert shown(copied) == shown(there)
    assert outcome(merge(copied, there.root)) == (0, 0, 1, 0)


def test_points_that_are_ahead_here_stay(copied, there):
    apply(copied, *points(OTTER, 0.1, first=3))
    assert outcome(merge(copied, there.root)) == (0, 0, 1, 0)
    assert series(copied)[-1] == 0.1


def test_points_that_went_apart_are_united_once(copied, there):
    apply(copied, *points(OTTER, 0.125, first=3))
    apply(there, *points(OTTER, 8.0, first=3))

    assert outcome(merge(copied, there.root)) == (0, 1, 0, 1)
    assert outcome(merge(copied, there.root)) == (0, 0, 1, 0)
    assert [value for value in series(copied) if not math.isnan(value)] == [0.5, 0.25, 0.125, 8.0]
    with contextlib.closing(copied.open()) as store:
        (metric,) = store.metrics([OTTER])
    assert (metric.count, metric.nan_count, metric.max, metric.min, metric.last) == (5, 1, 8.0, 0.125, 8.0)


def test_the_latest_value_of_a_param_wins_whichever_store_has_it(copied, there):
    apply(copied, ParamSet(run_id=OTTER, key="lr", value=3, at=START + 3))
    apply(there, ParamSet(run_id=OTTER, key="lr", value=2, at=START + 2))
    merge(copied, there.root)
    again = merge(copied, there.root)

    with contextlib.closing(copied.open()) as store:
        (param,) = store.params([OTTER])
    assert (param.value, param.earlier) == (3, (1, 2))
    assert outcome(again) == (0, 0, 1, 0)


def test_tags_and_stars_are_united_and_names_stay(copied, there):
    apply(copied, TagsChanged(run_id=OTTER, added=("mine",)), RunEdited(run_id=OTTER, field="name", value="here"))
    apply(there, TagsChanged(run_id=OTTER, added=("theirs",)), RunEdited(run_id=OTTER, field="starred", value=True))
    merge(copied, there.root)

    with contextlib.closing(copied.open()) as store:
        run = store.run(OTTER)
    assert (run.name, run.tags, run.starred) == ("here", ("mine", "theirs"), True)


def test_a_note_fills_an_empty_one_and_replaces_none(copied, there):
    for note in ("first", "second"):
        apply(there, RunEdited(run_id=OTTER, field="note", value=note))
        merge(copied, there.root)
    assert shown(copied)["otter"]["run"]["note"] == "'first'"


def test_a_run_that_is_still_running_there_comes_as_it_stands(here, there):
    with nt.start_run("otter", project=there.root) as run:
        run.log({"loss": 1.0})
        run.recorder.flush()
        merged = merge(here, there.root)
        assert (merged.counts.new, merged.waiting) == (1, 1)
        assert shown(here)["otter"]["run"]["status"] == "'running'"
    merge(here, there.root)
    assert shown(here) == shown(there)


# --- the other project is left alone ---


@pytest.mark.parametrize("number", sorted(path.stem for path in VERSIONS.glob("*.db")))
def test_an_older_store_is_merged_from_a_copy_and_not_changed(here, there, number):
    shutil.copy(VERSIONS / f"{number}.db", there.url)
    before = Path(there.url).read_bytes()
    merge(here, there.root)

    assert Path(there.url).read_bytes() == before
    assert [path.name for path in there.folder.iterdir() if not path.name.endswith(("-wal", "-shm"))] == ["store.db"]
    assert sorted(shown(here)) == ["bold-lynx", "calm-heron", "swift-otter"]


def test_what_a_dead_process_left_in_its_journal_comes_and_stays_there(here, there):
    code = "import nbtrail as nt, os; r = nt.start_run('otter')"
    script = f"{code}\nfor i in range(100): r.log({{'loss': i}}, step=i)\nos.kill(os.getpid(), 9)"
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, "-c", script], cwd=there.root, env=environ, check=False)
    journals = sorted((there.folder / "journal").iterdir())
    assert journals

    assert outcome(merge(here, there.root))[3] == 100
    assert sorted((there.folder / "journal").iterdir()) == journals
    assert outcome(merge(here, there.root)) == (0, 0, 1, 0)


def test_a_newer_store_is_refused(here, there):
    apply(there, *started(OTTER, "otter"))
    with contextlib.closing(sqlite3.connect(there.url)) as connection, connection:
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('nbtrail', '9999_later')")
    with pytest.raises(StoreTooNewError):
        merge(here, there.root)


def test_what_is_no_other_project_is_said(here, there, tmp_path):
    apply(here, *started(OTTER, "otter"))
    with pytest.raises(FileMissingError):
        merge(here, tmp_path / "nowhere")
    with pytest.raises(InputError, match="no store in"):
        merge(here, there.root)
    (tmp_path / "packed.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match="Unpack a backup"):
        merge(here, str(tmp_path / "packed.zip"))
    with pytest.raises(InputError, match="this project itself"):
        merge(here, here.folder)


# --- while others write, and when it is killed ---


def test_a_notebook_goes_on_recording_while_runs_come(here, there):
    for number in range(30):
        apply(there, *started(f"01JRUN{number:03}", f"run-{number}"), *points(f"01JRUN{number:03}", *range(20)))
    with nt.start_run("live", project=here.root) as run:
        stop = threading.Event()

        def log():
            for step in range(100_000):
                run.log({"acc": step}, step=step)
                if stop.is_set():
                    return
                time.sleep(0.0005)

        writer = threading.Thread(target=log)
        writer.start()
        counts = merge(here, there.root).counts
        stop.set()
        writer.join()
    assert (counts.new, counts.points) == (30, 600)
    assert len(shown(here)) == 31


DIES = """
import os, signal, sys
from pathlib import Path
from nbtrail.housekeeping.merge import merge
from nbtrail.project import find_project
import nbtrail.housekeeping.merge as module
import nbtrail.store.sqlite

module._BATCH_RUNS = 3

def merge_until(folder, source, deadly):
    calls = 0

    def count(frame, event, call):
        nonlocal calls
        owner = type(getattr(call, '__self__', None)).__module__
        if event == 'c_call' and (owner == 'sqlite3' or call in (os.replace, os.fsync, os.utime)):
            calls += 1
            if calls == deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    merge(find_project(folder), Path(source))
    sys.setprofile(None)

source, folder = sys.argv[1:]
for deadly in range(1, 100_000, 29):
    target = f'{folder}/{deadly}'
    os.makedirs(target + '/.nbtrail')
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if not status:
            break
    else:
        merge_until(target, source, deadly)
        os._exit(0)
"""


def kept(project, content):
    digest = project.blobs.put_bytes(content)
    facts = {"size": len(content), "mime": "application/octet-stream", "metadata": {}, "at": START}
    return ArtifactKept(artifact=Artifact(run_id=OTTER, path=digest[:8], digest=digest, **facts))


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_killed_at_any_moment_both_are_whole_and_the_next_merge_finishes(there, tmp_path):
    for number in range(15):
        run_id = f"01JRUN{number:03}"
        apply(there, *started(run_id, f"run-{number}"), *points(run_id, *range(30)))
    apply(there, *started(OTTER, "files"), *(kept(there, bytes([number]) * 5000) for number in range(5)))
    expected, before = shown(there), Path(there.url).read_bytes()
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, "-c", DIES, str(there.root), str(tmp_path / "kills")], env=environ, check=True)
    partial = set()
    for folder in (tmp_path / "kills").iterdir():
        project = find_project(folder, environ={})
        found = shown(project) if project.exists else {}
        partial.add(len(found))
        assert found == {name: expected[name] for name in found}
        if "files" in found:
            with contextlib.closing(project.open()) as store:
                assert all(project.blobs.path(one.digest).exists() for one in store.artifacts(OTTER))
        merge(project, there.root)
        assert shown(project) == expected

    assert {0, 3, 6, 9, 12, 15, 16} <= partial
    assert Path(there.url).read_bytes() == before
