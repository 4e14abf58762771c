"""What takes how much: the sums are those of the folder, to the byte."""

from __future__ import annotations

import nbtrail as nt
from nbtrail.housekeeping import measure, move_to_trash


def folder_size(project):
    return sum(path.stat().st_size for path in project.folder.rglob("*") if path.is_file())


def test_the_parts_add_up_to_the_size_of_the_folder(project, make_runs):
    make_runs("otter", "heron", size=30_000)
    (project.folder / "notes.txt").write_text("mine")
    usage = measure(project)

    assert usage.size == folder_size(project) == sum(part.size for part in usage.parts)
    for part in usage.parts:
        assert not part.parts or sum(inner.size for inner in part.parts) == part.size
    assert {"store", "files", "other files"} <= {part.name for part in usage.parts}
    assert usage.allotted >= usage.size


def test_the_parts_add_up_while_a_run_is_written(project, make_runs):
    make_runs("otter")
    with nt.start_run("heron") as run:
        for step in range(5000):
            run.log({"loss": step / 7}, step=step)
        run.recorder.flush()
        usage = measure(project)
        assert usage.size == sum(part.size for part in usage.parts) == folder_size(project)
        store = next(part for part in usage.parts if part.name == "store")
        assert sum(inner.size for inner in store.parts) == store.size


def test_files_are_told_by_what_they_are_for(project, make_runs):
    make_runs("otter", "heron", size=30_000)
    (project.blobs.folder / "ab").mkdir(exist_ok=True)
    (project.blobs.folder / "ab" / ("c" * 62)).write_bytes(b"stray")
    files = next(part for part in measure(project).parts if part.name == "files")

    kinds = {part.name: (part.size, part.files) for part in files.parts}
    assert kinds["artifacts"] == kinds["outputs of cells"] == (60_000, 2)
    assert kinds["code"][1] >= 2
    assert kinds["strays"] == (5, 1)


def test_the_largest_runs_come_first(project, make_runs):
    make_runs("small", size=1000)
    make_runs("large", size=100_000)
    make_runs("middle", size=10_000)
    move_to_trash(project, ["middle"])
    usage = measure(project, runs=2)

    assert [one.run.name for one in usage.runs] == ["large", "middle"]
    assert usage.runs[0].size > 300_000
    assert usage.trashed_runs == 1
    assert 30_000 < usage.trash_bytes < 50_000


def test_a_project_without_runs_takes_nothing(project):
    usage = measure(project)
    assert (usage.size, usage.runs) == (0, ())


def test_around_a_store_that_is_a_file_only_its_own_files_count(tmp_path, monkeypatch):
    """``NBTRAIL_STORE=/home/me/runs.db`` does not make the home folder a part of the project."""
    (tmp_path / "film.mkv").write_bytes(bytes(100_000))
    monkeypatch.setenv("NBTRAIL_STORE", str(tmp_path / "runs.db"))
    from nbtrail.project import find_project
    from nbtrail.tracking.state import process

    with nt.start_run("otter") as run:
        run.log({"loss": 1.0})
    process.recorders.pop(find_project(tmp_path).url).close()
    usage = measure(find_project(tmp_path))
    assert 50_000 < usage.size == sum(part.size for part in usage.parts)
    assert "other files" not in {part.name for part in usage.parts}
