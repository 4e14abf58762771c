"""A backup is a project with the same runs, whatever goes on meanwhile; what is not complete never looks so."""

from __future__ import annotations

import sqlite3
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

import nbtrail as nt
from nbtrail.changes import RunEdited
from nbtrail.errors import InputError, StoreError
from nbtrail.housekeeping import back_up, move_to_trash
from nbtrail.project import find_project
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader


def told(project):
    """All that can be told of the runs of a project."""
    with reader(project) as reading:
        store = reading.store
        runs = store.runs(RunQuery(sort=(("name", False),)))
        ids = [run.id for run in runs]
        files = {one.digest for run_id in ids for one in store.artifacts(run_id)}
        assert all(reading.project.blobs.path(digest).exists() for digest in store.blob_uses())
        return (
            runs,
            store.params(ids),
            store.metrics(ids),
            {digest: reading.project.blobs.read(digest) for digest in files},
        )


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "backups"
    place.mkdir()
    return place


def test_a_backup_opened_as_a_project_shows_the_same_runs(project, make_runs, place):
    make_runs("otter", "heron")
    (project.folder / "settings.toml").write_text('[metrics]\ndefault = "loss"\n')
    backup = back_up(project, place / "copy")

    copy = find_project(place / "copy")
    assert copy.root == place / "copy"
    assert told(copy) == told(project)
    assert copy.settings().metric == "loss"
    assert (backup.runs, backup.files, backup.missing) == (2, 6, ())
    assert [path.name for path in place.iterdir()] == ["copy"]


def test_a_zip_unpacks_to_a_project_with_the_same_runs(project, make_runs, place):
    make_runs("otter", "heron")
    backup = back_up(project, place / "copy.zip")

    with zipfile.ZipFile(place / "copy.zip") as archive:
        archive.extractall(place / "unpacked")
    assert told(find_project(place / "unpacked" / "copy")) == told(project)
    assert backup.size == (place / "copy.zip").stat().st_size
    assert sorted(path.name for path in place.iterdir()) == ["copy.zip", "unpacked"]


def test_files_are_copies_and_not_links(project, make_runs, place, blob_files):
    make_runs("otter")
    back_up(project, place / "copy")
    assert {path.stat().st_nlink for path in blob_files()} == {1}


def test_without_blobs_the_runs_are_there_and_the_files_are_not(project, make_runs, place):
    make_runs("otter")
    assert back_up(project, place / "copy", with_blobs=False).files == 0
    assert not (place / "copy" / ".nbtrail" / "blobs").exists()
    assert [run.name for run in nt.runs(project=place / "copy").itertuples()] == ["otter"]


def test_runs_in_the_trash_come_along(project, make_runs, place):
    make_runs("otter", "heron")
    move_to_trash(project, ["otter"])
    assert back_up(project, place / "copy").runs == 2


def test_sixteen_writers_go_on_while_a_backup_is_made(project, python, place):
    """The copy is of one moment: each run has all that its row says."""
    script = (
        "import nbtrail as nt, itertools, os, time\n"
        "print('ready', flush=True)\n"
        "for number in itertools.count():\n"
        "    with nt.start_run(f'run-{os.getpid()}-{number}', params={'n': number}) as run:\n"
        "        for step in range(20): run.log({'loss': 1.0 / (step + 1)}, step=step)\n"
        "        run.log_artifact(os.urandom(2000), name='w.bin')\n"
    )
    writers = [python(script) for _ in range(16)]
    for writer in writers:
        writer.stdout.readline()
    deadline = time.monotonic() + 60
    while len(nt.runs()) < 16 and time.monotonic() < deadline:
        time.sleep(0.2)
    backup = back_up(project, place / "copy")
    assert all(writer.poll() is None for writer in writers)
    for writer in writers:
        writer.kill()

    assert backup.missing == ()
    with reader(place / "copy") as reading:
        assert reading.store.problems(deep=True) == []
        runs = reading.store.runs(RunQuery())
        assert len(runs) >= backup.runs >= 16
        done = [run.id for run in runs if run.status == "finished"]
        assert {metric.count for metric in reading.store.metrics(done)} == {20}
        assert all(reading.project.blobs.path(digest).exists() for digest in reading.store.blob_uses())


def test_records_that_only_a_journal_has_are_in_the_backup(project, place, python):
    """Another process holds the store, so that nothing goes in."""
    script = python(
        "import nbtrail as nt, time\nrun = nt.start_run('otter')\n"
        "run.log({'loss': 1.0})\nrun.recorder.flush()\n"
        "print('held?', flush=True)\ntime.sleep(0.5)\nrun.log({'loss': 0.25})\n"
        "run.log_artifact(b'weights', name='w.bin')\nprint('logged', flush=True)\ntime.sleep(60)"
    )
    script.stdout.readline()
    with closing(sqlite3.connect(project.url, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        script.stdout.readline()
        back_up(project, place / "copy")
    script.kill()
    script.wait()

    with reader(place / "copy") as reading:
        (metric,) = reading.store.metrics([reading.store.run("otter").id])
        assert (metric.last, metric.count) == (0.25, 2)
        (artifact,) = reading.store.artifacts(metric.run_id)
        assert reading.project.blobs.read(artifact.digest) == b"weights"


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_nothing_is_replaced(project, make_runs, place, name):
    make_runs("otter")
    (place / name).write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        back_up(project, place / name)
    assert (place / name).read_text() == "mine"


def test_a_place_within_the_project_or_nowhere_is_refused(project, make_runs, place):
    make_runs("otter")
    with pytest.raises(InputError, match="lies in what is to be backed up"):
        back_up(project, project.folder / "copy")
    with pytest.raises(InputError, match="there is no folder"):
        back_up(project, place / "nowhere" / "copy")


def test_a_project_without_runs_is_not_backed_up(project, place):
    with pytest.raises(InputError, match="nothing was recorded"):
        back_up(project, place / "copy")


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
def test_a_backup_that_is_interrupted_leaves_nothing(project, make_runs, place, name):
    make_runs("otter")

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(project, place / name, on_progress=interrupt)
    assert list(place.iterdir()) == []


def test_files_that_the_project_lacks_or_has_damaged_are_named(project, make_runs, place, blob_files):
    make_runs("otter")
    lacking, damaged, _ = blob_files()
    lacking.unlink()
    damaged.write_bytes(b"other bytes")

    backup = back_up(project, place / "copy")
    assert set(backup.missing) == {path.parent.name + path.name for path in (lacking, damaged)}


def test_a_damaged_store_is_not_backed_up_as_if_it_were_whole(project, make_runs, place):
    make_runs("otter", "heron")
    with Path(project.url).open("r+b") as file:
        file.seek(4096 * 4)
        file.write(b"\xa5" * 4096 * 3)
    with pytest.raises(StoreError, match=r"damaged|cannot be read"):
        back_up(project, place / "copy")
    assert list(place.iterdir()) == []


def test_a_backup_can_be_written_to_like_any_project(project, make_runs, place):
    make_runs("otter")
    back_up(project, place / "copy")
    copy = find_project(place / "copy")
    with reader(copy) as reading:
        run_id = reading.store.run("otter").id
    store = copy.open(read_only=False)
    store.apply([RunEdited(run_id=run_id, field="note", value="from the copy")])
    store.close()
    with reader(project) as reading:
        assert reading.store.run("otter").note == ""


@pytest.mark.parametrize("name", ["copy.tar.gz", "copy.7z", "copy.TGZ", "copy.db"])
def test_a_name_that_promises_another_kind_of_archive_is_refused(project, make_runs, place, name):
    make_runs("otter")
    with pytest.raises(InputError, match=r"a backup is a folder, or an archive in \.zip"):
        back_up(project, place / name)
    assert list(place.iterdir()) == []


def test_a_date_in_the_name_of_a_folder_is_no_suffix(project, make_runs, place):
    make_runs("otter")
    assert back_up(project, place / "heart.2026.05").path.is_dir()
