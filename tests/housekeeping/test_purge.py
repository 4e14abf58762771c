"""Purging frees what it says, never takes what is needed, and can be repeated after anything."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

import nbtrail as nt
from nbtrail.errors import InputError, RunNotFoundError
from nbtrail.housekeeping import list_trash, measure, move_to_trash, restore
from nbtrail.housekeeping.blob_sweep import sweep_blobs
from nbtrail.housekeeping.purge import plan_purge, purge
from nbtrail.store.protocol import RunQuery


def names(store):
    return sorted(run.name for run in store.runs(RunQuery()))


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_purging_frees_the_space_and_says_how_many_bytes(project, make_runs, size, purge_all, read):
    """What people miss elsewhere: deleting that frees nothing."""
    make_runs("otter", "heron", size=500_000)
    move_to_trash(project, ["otter"])
    before = size()

    purged = purge_all()

    assert purged.freed_bytes + purged.tidied_bytes == before - size()
    assert purged.freed_bytes > 1_500_000
    assert purged.counts.runs == 1
    assert (purged.files.waiting, purged.kept_bytes) == (0, 0)
    assert read(names) == ["heron"]


def test_the_plan_tells_about_what_the_purge_frees(project, make_runs, purge_all):
    make_runs("otter", "heron", size=500_000)
    move_to_trash(project, ["otter", "heron"])
    planned = plan_purge(project).frees_bytes
    assert purge_all().freed_bytes == pytest.approx(planned, rel=0.05)


def test_a_file_that_another_run_has_too_stays(project, make_runs, purge_all, read):
    make_runs("otter", "heron", shared=b"the same weights" * 1000)
    move_to_trash(project, ["otter"])
    purge_all()

    heron = read(lambda store: store.run("heron").id)
    kept = read(lambda store: {one.path: one.digest for one in store.artifacts(heron)})
    assert project.blobs.read(kept["shared.bin"]) == b"the same weights" * 1000


def test_a_missing_file_is_no_error(project, make_runs, purge_all, blob_files):
    """Where mlflow's collector crashes."""
    make_runs("otter", "heron")
    move_to_trash(project, ["otter"])
    for path in blob_files()[::2]:
        path.unlink()

    assert purge_all().counts.runs == 1
    assert purge_all().counts.runs == 0


def test_a_lost_run_is_purged_like_any_other(project, python, purge_all, read):
    """No lock is the truth, so none can be stuck."""
    script = python(
        "import os, nbtrail as nt\n"
        "run = nt.start_run('otter')\nrun.log({'loss': 1.0})\nrun.recorder.flush()\nos.kill(os.getpid(), 9)"
    )
    script.wait()
    assert read(lambda store: store.run("otter").status) == "lost"

    move_to_trash(project, ["otter"])
    assert purge_all().counts.runs == 1
    assert read(names) == []
    assert read(lambda store: store.sessions()) == []


def test_a_run_that_goes_on_is_left_in_the_trash_and_loses_nothing(project, make_runs, purge_all, read):
    make_runs("heron")
    with nt.start_run("otter") as run:
        run.log({"loss": 1.0})
        run.recorder.flush()
        move_to_trash(project, ["otter", "heron"])
        plan = plan_purge(project, ["otter", "heron"])
        assert [[one.name for one in group] for group in (plan.runs, plan.recorded)] == [["heron"], ["otter"]]
        assert purge_all().counts.runs == 1
        run.log({"loss": 0.5})
    restore(project, "otter")

    assert list(read(lambda store: store.series(run.id, "loss").values)) == [1.0, 0.5]


def test_what_a_running_run_takes_is_not_told_as_what_a_purge_frees(project, make_runs):
    make_runs("heron", size=50_000)
    with nt.start_run("otter") as run:
        run.log_artifact(os.urandom(500_000), name="model.bin")
        run.recorder.flush()
        move_to_trash(project, ["otter", "heron"])
        told = [plan_purge(project).frees_bytes, list_trash(project).frees_bytes, measure(project).trash_bytes]
        assert max(told) < 250_000
        assert measure(project).trashed_runs == 1


def test_a_lost_run_whose_process_comes_back_before_the_purge_stays(project, purge_all, read):
    """A machine that slept while the question was waiting for its answer."""
    with nt.start_run("otter") as run:
        run.recorder.flush()
        move_to_trash(project, "otter")
        plan = plan_purge(project, running=True)
        plan = replace(plan, runs=tuple(replace(one, status="lost") for one in plan.runs))
        assert purge(project, plan).counts.runs == 0


def test_a_run_that_goes_on_can_be_purged_when_so_asked_and_its_process_goes_on(project, read):
    with nt.start_run("otter") as run:
        run.log({"loss": 1.0})
        run.recorder.flush()
        move_to_trash(project, ["otter"])
        assert purge(project, plan_purge(project, running=True)).counts.runs == 1
        run.log({"loss": 0.5})
        run.log_artifact(b"weights", name="w.bin")
    with nt.start_run("heron") as run:
        run.log({"loss": 0.25})

    assert read(names) == ["heron"]


def test_what_a_process_is_about_to_refer_to_stays(project, make_runs, purge_all):
    """A file is written before the row that speaks of it."""
    make_runs("otter")
    with nt.start_run("heron") as run:
        run.recorder.flush()
        digest = project.blobs.put_bytes(b"weights on their way")
        purged = purge_all()
        assert (purged.files.waiting, purged.is_recorded) == (1, True)
        assert project.blobs.path(digest).exists()

        age(project.blobs.path(digest), 2 * 3600)
        assert purge_all().files.removed == 1


def test_an_old_file_that_is_stored_again_stays(project, make_runs):
    make_runs("otter")
    with nt.start_run("heron") as run:
        run.recorder.flush()
        digest = project.blobs.put_bytes(b"weights of old")
        age(project.blobs.path(digest), 2 * 3600)
        project.blobs.put_bytes(b"weights of old")
        store = project.open(read_only=False)
        assert sweep_blobs(project, store).removed == 0
        store.close()


def test_what_a_journal_speaks_of_stays(project, make_runs):
    make_runs("otter")
    with nt.start_run("heron") as run:
        run.recorder.flush()
        digest = project.blobs.put_bytes(b"weights of old")
        age(project.blobs.path(digest), 2 * 3600)
        (project.journals / "other.journal").write_bytes(b"...artifact " + digest.encode() + b"...")
        store = project.open(read_only=False)
        assert sweep_blobs(project, store).removed == 0
        (project.journals / "other.journal").unlink()
        assert sweep_blobs(project, store).removed == 1
        store.close()


def test_strays_and_temporaries_of_crashes_go_when_nobody_records(project, make_runs, purge_all, blob_files):
    make_runs("otter")
    before = blob_files()
    project.blobs.put_bytes(b"nobody speaks of this")
    (project.blobs.folder / ".new-abc").write_bytes(b"half of it")
    time.sleep(0.02)

    assert purge_all().files.removed == 2
    assert blob_files() == before


def test_a_file_that_a_stopped_purge_had_set_aside_comes_back_if_it_is_needed(
    project, make_runs, purge_all, blob_files
):
    make_runs("otter")
    before = blob_files()
    digest = before[0].parent.name + before[0].name
    before[0].rename(project.blobs.folder / f".gone-{digest}")
    (project.blobs.folder / f".gone-{'ab' * 32}").write_bytes(b"of nobody")
    time.sleep(0.02)

    purge_all()
    assert blob_files() == before


def test_only_what_has_been_in_the_trash_for_long_is_purged_when_so_asked(project, make_runs):
    make_runs("otter")
    move_to_trash(project, ["otter"])
    assert plan_purge(project, older_than_s=3600).runs == ()
    assert [run.name for run in plan_purge(project, older_than_s=0).runs] == ["otter"]


def test_a_run_that_was_restored_after_the_plan_stays(project, make_runs, read):
    make_runs("otter", "heron")
    move_to_trash(project, ["otter", "heron"])
    plan = plan_purge(project)
    restore(project, ["otter"])

    assert purge(project, plan).counts.runs == 1
    assert read(names) == ["otter"]


def test_a_run_outside_the_trash_is_not_purged(project, make_runs):
    make_runs("otter")
    with pytest.raises(InputError, match="otter: not in the trash"):
        plan_purge(project, ["otter"])
    with pytest.raises(RunNotFoundError):
        plan_purge(project, ["oter"])


def test_purging_many_runs_tells_how_far_it_is(project, make_runs):
    make_runs("otter", "heron", "lynx")
    move_to_trash(project, where="params.lr == 0.1")
    heard = []
    purge(project, plan_purge(project), on_progress=lambda *what: heard.append(what))
    assert ("purging runs", 3, 3) in heard
    assert ("removing files", 9, 9) in heard


def test_the_trash_tells_what_each_run_would_free(project, make_runs):
    make_runs("otter", size=100_000, shared=os.urandom(50_000))
    make_runs("heron", size=10_000)
    move_to_trash(project, ["otter"])
    move_to_trash(project, ["heron"])

    trash = list_trash(project)
    assert [one.run.name for one in trash.runs] == ["heron", "otter"]
    assert 300_000 < trash.runs[1].frees_bytes < 370_000
    assert trash.frees_bytes == sum(one.frees_bytes for one in trash.runs)


def test_runs_that_share_a_file_free_it_only_together(project, make_runs):
    make_runs("otter", "heron", size=1000, shared=os.urandom(200_000))
    move_to_trash(project, ["otter", "heron"])
    trash = list_trash(project)
    assert all(one.frees_bytes < 50_000 for one in trash.runs)
    assert trash.frees_bytes > 200_000


def test_a_filter_moves_runs_into_the_trash_and_back(project, make_runs, read):
    make_runs("otter", "heron")
    assert {run.name for run in move_to_trash(project, where="metrics.loss < 0.5")} == {"otter", "heron"}
    assert read(names) == []
    assert move_to_trash(project, ["otter"]) == ()
    assert [run.name for run in restore(project, where='name == "otter"')] == ["otter"]
    assert read(names) == ["otter"]


def test_moving_nothing_is_a_mistake(project):
    with pytest.raises(InputError, match="no run was named"):
        move_to_trash(project)
    with pytest.raises(InputError, match="no run was named"):
        move_to_trash(project, where="  ")


@pytest.mark.parametrize("move", [move_to_trash, restore])
def test_names_and_a_filter_together_are_a_mistake_and_no_run_is_moved(project, make_runs, read, move):
    make_runs("otter", "heron")
    with pytest.raises(InputError, match="runs are named, and there is a filter too"):
        move(project, ["otter"], where="metrics.loss < 0.5")
    assert read(names) == ["heron", "otter"]


def test_a_single_text_is_one_run_and_so_is_a_run_object(project, make_runs, read):
    make_runs("otter", "heron", "lynx")
    (otter,) = move_to_trash(project, "otter")
    assert move_to_trash(project, nt.run("heron"))[0].name == "heron"
    assert restore(project, otter)[0].name == "otter"
    assert [run.name for run in plan_purge(project, "heron").runs] == ["heron"]
    assert read(names) == ["lynx", "otter"]
    with pytest.raises(InputError, match="3 is no run"):
        move_to_trash(project, [3])


def test_an_empty_choice_purges_nothing(project, make_runs):
    """A list that a script has worked out may be empty; all of the trash is not what it means."""
    make_runs("otter")
    move_to_trash(project, "otter")
    with pytest.raises(InputError, match="no run was named"):
        plan_purge(project, [])


def test_the_log_that_a_live_process_has_grown_does_not_count_as_freed(project, make_runs, purge_all):
    make_runs("otter", size=1000)
    move_to_trash(project, "otter")
    with nt.start_run("heron") as run:
        run.log_artifact(b"weights", name="model.bin")
        for step in range(20_000):
            run.log({"loss": step / 7}, step=step)
        run.recorder.flush()
        log = (project.folder / "store.db-wal").stat().st_size
        purged = purge_all()

    assert log > 100_000
    assert purged.freed_bytes < 50_000
    assert 0 < purged.tidied_bytes <= log
