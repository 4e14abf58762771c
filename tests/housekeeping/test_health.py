"""What the doctor finds, what it mends, and what it leaves to people."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

import nbtrail as nt
from nbtrail.errors import StoreError
from nbtrail.housekeeping import examine, repair
from nbtrail.tracking.journal import journal_folders


@pytest.fixture
def change(project):
    """Writes to the store's file behind its back."""

    def execute(sql):
        with closing(sqlite3.connect(project.url, isolation_level=None)) as connection:
            connection.execute(sql)

    return execute


def bad(project, **options):
    return [finding.text for finding in examine(project, **options) if finding.is_bad]


def notes(project):
    return [finding.text for finding in examine(project) if finding.level == "note"]


def test_a_project_that_is_well_has_nothing_bad(project, make_runs):
    make_runs("otter", "heron")
    findings = list(examine(project, deep=True))
    assert [finding.text for finding in findings if finding.level == "bad"] == []
    texts = "\n".join(finding.text for finding in findings)
    assert "the store is whole: 2 runs" in texts
    assert "all files are there (6) and whole" in texts


def test_a_contradiction_is_mended(project, make_runs, change):
    make_runs("otter")
    change("UPDATE metrics SET max = 99")
    (finding,) = [finding for finding in examine(project) if finding.is_bad]
    assert finding.is_mendable

    assert "worked out the summary of 'loss' of run 'otter' again" in list(repair(project))
    assert bad(project) == []
    assert list(repair(project)) == []


def test_cells_of_no_run_are_dropped(project, make_runs, change):
    make_runs("otter")
    change("DELETE FROM run_executions")
    (line,) = repair(project)
    assert line.startswith("dropped what belonged to no run: 1 × cell, 1 × cell's text")


def test_a_missing_file_is_named(project, make_runs, blob_files):
    make_runs("otter")
    blob_files()[0].unlink()
    (text,) = bad(project)
    assert text.startswith("1 file that the store speaks of")
    assert "backup" in text


def test_a_file_that_was_changed_is_found_by_a_deep_look(project, make_runs, blob_files):
    make_runs("otter")
    blob_files()[0].write_bytes(b"other bytes")
    assert bad(project) == []
    (text,) = bad(project, deep=True)
    assert str(blob_files()[0]) in text


def test_files_that_nothing_uses_are_a_note(project, make_runs):
    make_runs("otter")
    project.blobs.put_bytes(b"stray")
    assert any("1 file (0.0 MB) that nothing uses" in text for text in notes(project))


def test_lost_runs_are_named(project, python):
    script = python(
        "import os, nbtrail as nt\nrun = nt.start_run('otter')\nrun.recorder.flush()\nos.kill(os.getpid(), 9)"
    )
    script.wait()
    assert any("1 lost run," in text and "otter" in text for text in notes(project))


def test_a_damaged_journal_is_kept_with_every_byte_and_what_is_whole_goes_in(project, python, read):
    script = python(
        "import os, nbtrail as nt, sqlite3\n"
        "run = nt.start_run('otter')\nrun.recorder.flush()\n"
        "hold = sqlite3.connect(run.project.url, isolation_level=None)\nhold.execute('BEGIN IMMEDIATE')\n"
        "run.set_params({'first': 1})\nrun.set_params({'second': 2})\nrun.set_params({'third': 3})\n"
        "os.kill(os.getpid(), 9)"
    )
    script.wait()
    (journal,) = project.journals.glob("*.journal")
    data = bytearray(journal.read_bytes())
    data[data.index(b"second")] ^= 0xFF
    journal.write_bytes(data)

    texts = bad(project)
    assert "is damaged from byte" in texts[0]
    assert journal.name + ".damaged keeps every byte" in texts[1]
    assert journal.with_name(journal.name + ".damaged").read_bytes() == data
    assert read(lambda store: [param.key for param in store.params([store.run("otter").id])]) == ["first"]
    assert bad(project) == []


def test_journals_of_projects_that_are_gone_are_named(project, make_runs):
    make_runs("otter")
    own = next(folder.path for folder in journal_folders(project) if folder.is_fallback)
    stray = own.parent / "0123abcd"
    stray.mkdir(parents=True)
    (stray / "project.txt").write_text("/gone/away/.nbtrail/store.db\n")
    (stray / "01J.journal").write_bytes(b"x" * 40)

    (text,) = [text for text in notes(project) if "/gone/away" in text]
    assert "has 1 journal (40 bytes) of /gone/away/.nbtrail/store.db" in text
    (stray / "01J.journal").unlink()
    assert f"removed the empty {stray}" in list(repair(project))
    assert not stray.exists()


def test_a_damaged_store_is_left_alone_and_the_way_out_is_said(project, make_runs):
    make_runs("otter")
    path = project.folder / "store.db"
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 8] = b"\xa5" * 4096 * 5
    path.write_bytes(data)

    texts = [finding.text for finding in examine(project)]
    assert any("--salvage" in text for text in texts)
    assert bad(project)
    with pytest.raises(StoreError):
        list(repair(project))


def test_left_over_files_are_a_note(project, make_runs):
    make_runs("otter")
    (project.folder / "store.db.old").write_bytes(b"x")
    assert any("store.db.old" in text and "left over" in text for text in notes(project))


def test_without_a_store_there_is_nothing_to_say(project):
    assert bad(project) == []
    assert list(repair(project)) == []


def test_a_store_of_a_newer_version_is_said_and_left(project, make_runs, change):
    make_runs("otter")
    change("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('nbtrail', '9999_future')")
    texts = bad(project)
    assert any("newer nbtrail" in text for text in texts)


def test_examining_while_a_run_goes_on_finds_nothing_bad(project):
    with nt.start_run("otter") as run:
        for step in range(2000):
            run.log({"loss": step}, step=step)
        assert bad(project, deep=True) == []
