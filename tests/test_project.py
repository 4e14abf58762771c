"""Where a project is found, and what it remembers."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

import nbtrail as nt
from nbtrail.errors import FileMissingError, InputError, NbtrailError, NbtrailWarning
from nbtrail.project import find_project, named_project
from nbtrail.settings import Settings
from nbtrail.tracking.state import process


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "repo" / "deep" / "down").mkdir(parents=True)
    return tmp_path / "repo"


def test_the_nearest_folder_upward_with_a_store_is_the_project(folder):
    (folder / ".git").mkdir()
    (folder / "deep" / ".nbtrail").mkdir()

    assert find_project(folder / "deep" / "down" / "train.ipynb", environ={}).root == folder / "deep"


def test_without_one_it_is_the_root_of_the_git_repository(folder):
    (folder / ".git").mkdir()

    assert find_project(folder / "deep" / "down", environ={}).root == folder


def test_else_it_is_the_notebooks_own_folder_and_nothing_is_made(folder):
    project = find_project(folder / "deep" / "train.ipynb", environ={})

    assert project.root == folder / "deep"
    assert not project.exists
    assert not project.folder.exists()


@pytest.mark.parametrize(
    ("address", "store"),
    [
        ("{0}/elsewhere", "{0}/elsewhere/.nbtrail/store.db"),
        ("{0}/elsewhere/.nbtrail", "{0}/elsewhere/.nbtrail/store.db"),
        ("{0}/runs.db", "{0}/runs.db"),
        ("sqlite:///{0}/runs.db", "{0}/runs.db"),
        ("postgresql://db/runs", "postgresql://db/runs"),
    ],
)
def test_the_environment_can_name_another_store(tmp_path, address, store):
    project = find_project(tmp_path, environ={"NBTRAIL_STORE": address.format(tmp_path)})

    assert project.url == store.format(tmp_path)


def test_a_moved_project_keeps_its_runs(folder, tmp_path):
    (folder / ".nbtrail").mkdir()
    with nt.start_run("here", project=folder) as run:
        run.log({"acc": 0.9})
    process.recorders.pop(run.project.url).close()
    moved = folder.rename(tmp_path / "elsewhere")

    assert list(nt.runs(project=moved)["metrics.acc"]) == [0.9]


def test_paths_are_told_relative_to_the_project_and_none_outside_of_it(folder):
    project = find_project(folder, environ={})

    assert project.relative(folder / "deep" / "train.ipynb") == "deep/train.ipynb"
    assert project.relative(folder.parent / "other.ipynb") is None


def test_what_is_saved_is_read_back_and_the_users_comments_stay(folder):
    project = find_project(folder, environ={})
    project.create()
    path = project.folder / "settings.toml"
    path.write_text('# mine\n[metrics]\ndefault = "acc"  # for the list\n')
    settings = replace(project.settings(), watch_params=("lr",), directions={"gap": "min"})
    project.save_settings(settings)

    assert project.settings() == settings
    assert settings.metric == "acc"
    assert "# mine" in path.read_text()
    assert "# for the list" in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "[capture\n",
        'capture = "all"',
        '[metrics.directions]\nacc = "up"',
        "[table]\ncolumns = 3",
        "[metrics]\ndefault = 5",
        "[metrics]\ndefault = true",
        "[capture]\nignore = [1, 2]",
    ],
)
def test_settings_with_a_mistake_are_passed_over_with_a_warning_that_names_the_file(folder, text):
    project = find_project(folder, environ={})
    project.create()
    (project.folder / "settings.toml").write_text(text)

    with pytest.warns(NbtrailWarning, match=r"settings\.toml is passed over"):
        assert project.settings() == Settings()


@pytest.mark.parametrize(
    ("address", "hidden"),
    [("{0}", ".nbtrail"), ("{0}/.nbtrail", ".nbtrail"), ("{0}/stores/runs.db", "stores"), ("{0}/runs.db", None)],
)
def test_git_passes_over_the_projects_folder_and_never_over_one_of_the_users_own(folder, address, hidden):
    find_project(folder, environ={"NBTRAIL_STORE": address.format(folder)}).open(read_only=False).close()

    ignored = {path.parent.relative_to(folder).as_posix() for path in folder.rglob(".gitignore")}
    assert ignored == ({hidden} if hidden else set())


@pytest.fixture
def recorded(folder):
    """The store of a project with one run."""
    (folder / ".nbtrail").mkdir()
    with nt.start_run("here", project=folder) as run:
        run.log({"acc": 0.9})
    process.recorders.pop(run.project.url).close()
    return folder / ".nbtrail" / "store.db"


@pytest.mark.parametrize("name", ["copy.db", "copy.sqlite", "store.db.before-0007"])
def test_a_file_that_is_a_store_is_the_store_whatever_lies_around_it(folder, recorded, name):
    copy = folder / "deep" / name
    shutil.copy(recorded, copy)
    project = named_project(copy, environ={"NBTRAIL_STORE": str(folder / "another.db")})

    assert (project.url, project.folder) == (str(copy), folder / "deep")
    assert list(nt.runs(project=copy)["name"]) == ["here"]


def test_a_projects_own_store_is_the_project(folder, recorded):
    assert named_project(recorded, environ={}) == find_project(folder, environ={})


def test_a_lone_store_is_written_without_a_trace_in_the_folder_around_it(folder, recorded):
    copy = folder / "deep" / "copy.db"
    shutil.copy(recorded, copy)
    nt.housekeeping.move_to_trash(named_project(copy), "here")

    assert nt.runs(project=copy).empty
    assert {path.name for path in copy.parent.iterdir()} - {"copy.db-wal", "copy.db-shm"} == {"copy.db", "down"}


def test_a_packed_backup_is_no_project_and_how_to_unpack_it_is_said(folder, recorded):
    nt.housekeeping.back_up(find_project(folder, environ={}), folder / "deep" / "packed.zip")

    with pytest.raises(InputError, match=r'python -m zipfile -e ".*/packed\.zip" \.\)'):
        nt.runs(project=folder / "deep" / "packed.zip")


def test_a_notebook_a_script_or_any_other_file_means_the_project_around_it(folder, recorded):
    for name in ("train.ipynb", "train.py", "notes.txt"):
        (folder / "deep" / name).write_text("{}")
        assert named_project(folder / "deep" / name, environ={}).root == folder


def test_a_path_that_is_not_there_is_not_taken_for_the_project_above_it(folder, recorded):
    for name in ("down/typo", "other.db"):
        with pytest.raises(FileMissingError, match="to look for a project in"):
            nt.runs(project=folder / "deep" / name)
    with pytest.raises(FileMissingError):
        nt.start_run(project=str(folder / "typo"))


def test_a_run_may_begin_a_project_in_a_new_folder_that_lies_in_no_other(folder):
    with nt.start_run("first", project=folder / "new") as run:
        pass
    process.recorders.pop(run.project.url).close()

    assert list(nt.runs(project=folder / "new")["name"]) == ["first"]
    with pytest.raises(FileMissingError):
        nt.start_run(project=folder / "new.db")


def test_a_new_folder_in_a_repository_without_runs_is_a_project_of_its_own(folder):
    (folder / ".git").mkdir()

    assert named_project(folder / "new", may_be_new=True, environ={}).root == folder / "new"


@pytest.mark.parametrize("path", ["a\0b", "x" * 300])
def test_what_no_path_can_be_is_refused_in_words(folder, path):
    with pytest.raises(NbtrailError, match=r"cannot be the path of a project|no file"):
        named_project(folder / path, environ={})
