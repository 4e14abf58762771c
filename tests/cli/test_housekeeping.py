"""The commands that keep a project in order, as people type them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.tracking import reader
from nbtrail.tracking.state import process
from tests.projects import SOURCE


@pytest.fixture
def nbtrail(project):
    """Runs a command in the project; gives back its exit status and output."""

    def call(*arguments, answer=None):
        result = CliRunner().invoke(main, list(arguments), input=answer, catch_exceptions=False)
        return result.exit_code, result.output

    return call


@pytest.fixture
def three_runs(project):
    for name, acc in (("swift-otter", 0.934), ("calm-heron", 0.922), ("bold-lynx", 0.401)):
        with nt.start_run(name, params={"lr": acc}) as run:
            run.log({"acc": acc})
            run.log_artifact(os.urandom(50_000), name="model.bin")
    process.recorders.pop(project.url).close()


def names(project):
    with reader(project) as reading:
        from nbtrail.store.protocol import RunQuery

        return sorted(run.name for run in reading.store.runs(RunQuery()))


def test_runs_go_into_the_trash_and_come_back(nbtrail, three_runs, project):
    status, output = nbtrail("trash", "swift-otter", "bold-lynx")
    assert status == 0
    assert output.startswith("swift-otter, bold-lynx: in the trash.")
    assert names(project) == ["calm-heron"]

    assert nbtrail("restore", "bold-lynx") == (0, "bold-lynx: restored.\n")
    assert names(project) == ["bold-lynx", "calm-heron"]


def test_a_filter_chooses_what_goes_into_the_trash(nbtrail, three_runs, project):
    nbtrail("trash", "--filter", "metrics.acc < 0.5")
    assert names(project) == ["calm-heron", "swift-otter"]
    assert nbtrail("trash", "--filter", "metrics.acc < 0.5") == (0, "No run matches the filter.\n")


@pytest.mark.parametrize("command", ["trash", "restore"])
def test_names_and_a_filter_together_are_refused_as_export_does(nbtrail, three_runs, project, command):
    status, output = nbtrail(command, "bold-lynx", "--filter", "metrics.acc > 0.9")
    assert status == 1
    assert "runs are named, and there is a filter too. Leave out one of them." in output
    assert len(names(project)) == 3


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_filter_that_is_blank_moves_nothing(nbtrail, three_runs, project, blank):
    """What an unset variable of a shell leaves."""
    assert nbtrail("trash", "--filter", blank)[0] == 1
    assert len(names(project)) == 3


def test_a_mistake_in_a_filter_is_pointed_at(nbtrail, three_runs, project):
    status, output = nbtrail("trash", "--filter", "metrics.ac < 0.5")
    assert status == 1
    assert "Did you mean metrics.acc?" in output
    assert len(names(project)) == 3


def test_when_one_name_is_wrong_no_run_is_moved(nbtrail, three_runs, project):
    status, output = nbtrail("trash", "calm-heron", "swift-oter")
    assert status == 1
    assert "Did you mean 'swift-otter'?" in output
    assert len(names(project)) == 3


def test_the_trash_is_listed_with_what_purging_frees(nbtrail, three_runs):
    assert nbtrail("trash") == (0, "The trash is empty.\n")
    nbtrail("trash", "calm-heron")
    status, output = nbtrail("trash")
    assert status == 0
    for part in ("calm-heron", "finished", " s ago", "kB", "removes 1 run for good"):
        assert part in output


def test_restoring_what_is_in_no_trash_says_so(nbtrail, three_runs):
    assert nbtrail("restore", "calm-heron") == (0, "Nothing to do: not in the trash.\n")
    assert nbtrail("restore")[0] == 1


def test_purge_asks_before_and_no_is_no(nbtrail, three_runs):
    nbtrail("trash", "calm-heron")
    status, output = nbtrail("purge", answer="n\n")
    assert status == 0
    assert "1 run will go for good (calm-heron)" in output
    assert nbtrail("restore", "calm-heron") == (0, "calm-heron: restored.\n")


@pytest.fixture
def live_run(project):
    with nt.start_run("live") as run:
        run.log({"acc": 0.1})
        run.recorder.flush()
        yield run


def test_a_run_that_is_still_recorded_is_named_and_stays_in_the_trash(nbtrail, three_runs, live_run):
    status, output = nbtrail("trash", "live", "calm-heron")
    assert (status, "live: still being recorded." in output) == (0, True)
    assert "removes 1 run for good" in nbtrail("trash")[1]

    status, output = nbtrail("purge", answer="y\n")
    assert output.index("live: still being recorded, so left in the trash.") < output.index("Go on?")
    assert "purged 1 run " in output
    assert nbtrail("restore", "live") == (0, "live: restored.\n")


def test_a_run_that_is_still_recorded_is_purged_when_asked_for_and_the_question_says_what_that_means(
    nbtrail, three_runs, live_run
):
    nbtrail("trash", "live")
    output = nbtrail("purge", "live", "--running", answer="y\n")[1]
    assert output.index("The process goes on, and what it logs is dropped.") < output.index("Go on?")
    assert nbtrail("restore", "live")[0] == 1


def test_purge_prints_the_bytes_freed(nbtrail, three_runs):
    nbtrail("trash", "calm-heron")
    status, output = nbtrail("purge", answer="y\n")
    assert status == 0
    assert "purged 1 run with 1 point" in output
    freed = int(output.split(" on disk (")[1].split(" bytes")[0].replace(",", ""))
    assert 50_000 <= freed < 100_000
    assert nbtrail("show", "calm-heron")[0] == 1


def test_purge_can_be_run_again_and_again(nbtrail, three_runs):
    nbtrail("trash", "calm-heron")
    nbtrail("purge", "--yes")
    assert nbtrail("purge", "--yes") == (0, "No run in the trash to purge.\nnothing was left to remove\n")


def test_a_dry_run_changes_nothing(nbtrail, three_runs):
    nbtrail("trash", "calm-heron")
    status, output = nbtrail("purge", "--dry-run")
    assert status == 0
    assert "1 run would go for good (calm-heron)" in output
    assert nbtrail("restore", "calm-heron")[1] == "calm-heron: restored.\n"


def test_what_is_young_in_the_trash_stays_when_so_asked(nbtrail, three_runs):
    nbtrail("trash", "calm-heron")
    assert "No run in the trash to purge." in nbtrail("purge", "--older-than", "30d", "--yes")[1]
    assert "calm-heron" in nbtrail("trash")[1]


@pytest.mark.parametrize("age", ["30", "d", "-3d", "3 months", ""])
def test_what_is_no_age_is_refused(nbtrail, three_runs, age):
    status, output = nbtrail("purge", f"--older-than={age}")
    assert status == 2
    assert "30d" in output


def test_a_run_outside_the_trash_is_not_purged(nbtrail, three_runs, project):
    status, output = nbtrail("purge", "calm-heron", "--yes")
    assert status == 1
    assert "`nbtrail trash calm-heron` moves it there first" in output
    assert len(names(project)) == 3


def test_a_purge_that_is_stopped_says_what_is_left_and_goes_on_later(nbtrail, three_runs, project):
    nbtrail("trash", "calm-heron", "bold-lynx")
    script = (
        "import os, signal, sys\nfrom nbtrail.cli import main\n"
        "import nbtrail.housekeeping.purge\nmodule = sys.modules['nbtrail.housekeeping.purge']\n"
        "sweep = module.sweep_blobs\n"
        "def stopped(*given, **named):\n    os.kill(os.getpid(), signal.SIGINT)\n    return sweep(*given, **named)\n"
        "module.sweep_blobs = stopped\nmain(['purge', '--yes'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        cwd=project.root, capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130
    assert "Stopped. What was purged is gone, the rest is as it was" in done.stderr
    assert "Traceback" not in done.stderr

    status, output = nbtrail("purge", "--yes")
    assert status == 0
    assert "removed 2 files" in output


def test_du_tells_what_takes_how_much(nbtrail, three_runs):
    status, output = nbtrail("du")
    assert status == 0
    for part in ("store", "points", "params", "files", "artifacts", "150 kB", "together", "largest runs", "calm-heron"):
        assert part in output


def test_du_as_json_adds_up_to_the_folder(nbtrail, three_runs, project):
    told = json.loads(nbtrail("du", "--format", "json", "--runs", "2")[1])
    size = sum(path.stat().st_size for path in project.folder.rglob("*") if path.is_file())
    assert told["bytes"] == size == sum(part["bytes"] for part in told["parts"])
    assert len(told["runs"]) == 2
    assert told["runs"][0]["file_bytes"] == 50_000


def test_a_backup_is_made_and_none_is_replaced(nbtrail, three_runs, tmp_path):
    status, output = nbtrail("backup", str(tmp_path / "copy"))
    assert status == 0
    assert "3 runs, 3 files" in output
    status, output = nbtrail("backup", str(tmp_path / "copy"))
    assert status == 1
    assert "is there already" in output
    assert "swift-otter" in nbtrail("-p", str(tmp_path / "copy"), "runs")[1]


def test_the_doctor_mends_when_asked(nbtrail, three_runs, project):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(project.url, isolation_level=None)) as connection:
        connection.execute("UPDATE metrics SET min = 7")
    status, output = nbtrail("doctor")
    assert status == 1
    assert "`nbtrail doctor --fix` mends" in output

    status, output = nbtrail("doctor", "--fix")
    assert "+ worked out the summary of 'acc' of run 'calm-heron' again" in output
    assert "✗" not in output.replace("✗ the widgets were not built: install nbtrail again", "")


def test_the_doctor_salvages_into_a_new_store(nbtrail, three_runs, project):
    status, output = nbtrail("doctor", "--salvage", "new.db")
    assert status == 0
    assert "3 runs with 3 points" in output
    assert (project.root / "new.db").exists()
    status, output = nbtrail("doctor", "--salvage", "new.db")
    assert status == 1
    assert "is there already" in output


@pytest.mark.parametrize("command", [("trash",), ("purge", "--yes"), ("du",), ("doctor",)])
def test_in_a_project_without_runs_nothing_fails_and_nothing_is_made(nbtrail, project, command):
    assert nbtrail(*command)[0] in {0, 1 if command == ("doctor",) else 0}
    assert list(project.folder.iterdir()) == []


def test_trashing_in_a_project_without_runs_finds_no_run(nbtrail, project):
    assert nbtrail("trash", "otter")[0] == 1


def test_a_disk_that_cannot_be_written_is_one_message(nbtrail, three_runs, project):
    """The blobs' folder cannot hold the mark that tells the file system's time: it is a link into nowhere."""
    nbtrail("trash", "calm-heron")
    blobs = project.blobs.folder
    blobs.rename(project.root / "away")
    blobs.symlink_to("/proc/self/fdinfo")
    status, output = nbtrail("purge", "--yes")
    assert status == 1
    assert output.count("Error: ") == 1
    assert "`nbtrail purge` goes on from there" in output

    blobs.unlink()
    (project.root / "away").rename(blobs)
    assert "removed 1 file" in nbtrail("purge", "--yes")[1]
