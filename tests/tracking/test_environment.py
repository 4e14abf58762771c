"""What of the surroundings a run keeps: git, imported files, packages, machine."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import nbtrail as nt
from nbtrail.tracking.environment.git_state import DIFF_BYTES, Git, GitSilentError, without_credentials
from nbtrail.tracking.environment.hardware import cpu_limit, cpu_name, hardware, memory_limit_bytes
from nbtrail.tracking.environment.look import Observer
from nbtrail.tracking.environment.modules import FILE_BYTES, imported_files
from nbtrail.tracking.environment.packages import installed_packages

pytest_plugins = ["tests.tracking.repositories"]


# --- git -------------------------------------------------------------------------------------------


def test_commit_branch_and_a_clean_tree_are_seen(repository):
    seen = repository.observer.look()

    assert (seen.git_commit, seen.git_branch) == (repository.git("rev-parse", "HEAD"), "main")
    assert (seen.git_dirty, seen.git_diff, seen.git_remote) == (False, None, None)


def test_what_is_not_committed_is_kept_as_a_diff_that_git_can_apply(repository):
    repository.write("train.py", "lr = 0.2\n")
    seen = repository.observer.look()
    diff = repository.blobs.read(seen.git_diff)
    repository.git("checkout", "--quiet", "train.py")
    repository.write("changes.diff", diff)
    repository.git("apply", "changes.diff")

    assert seen.git_dirty
    assert (repository.root / "train.py").read_text() == "lr = 0.2\n"


def test_the_diff_holds_no_credentials(repository):
    repository.write("train.py", 'api_key = "a1b2c3d4e5f6a7b8"\n')

    diff = repository.blobs.read(repository.observer.look().git_diff)

    assert b"api_key" in diff
    assert b"a1b2c3d4e5f6a7b8" not in diff


def test_a_binary_file_does_not_swell_the_diff(repository):
    repository.write("weights.bin", bytes(range(256)) * 100)
    repository.commit()
    repository.write("weights.bin", bytes(range(255, -1, -1)) * 100)

    diff = repository.blobs.read(repository.observer.look().git_diff)

    assert b"Binary files" in diff
    assert len(diff) < 1000


def test_a_huge_diff_is_cut_and_says_so(repository):
    repository.write("table.csv", "1,2\n" * 1_500_000)
    repository.git("add", "table.csv")

    diff = repository.blobs.read(repository.observer.look().git_diff)

    assert diff.endswith(b"\n[cut here: the whole diff has more than 4,000,000 bytes]\n")
    assert len(diff) < DIFF_BYTES + 100


def test_a_commit_that_no_branch_is_on_has_no_branch(repository):
    repository.git("checkout", "--quiet", "--detach")

    seen = repository.observer.look()

    assert (seen.git_commit, seen.git_branch) == (repository.git("rev-parse", "HEAD"), None)


def test_a_repository_without_a_commit_has_a_branch_only(folder):
    folder.git("init", "--quiet", "--initial-branch", "main")
    folder.write("train.py", "")
    folder.git("add", "train.py")

    seen = folder.observer.look()

    assert (seen.git_commit, seen.git_branch, seen.git_dirty, seen.git_diff) == (None, "main", False, None)


def test_a_linked_work_tree_has_its_own_branch(repository, tmp_path):
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "--quiet", "-b", "deeper", str(linked))

    assert Observer(linked, repository.blobs).look().git_branch == "deeper"


def test_a_submodule_at_another_commit_makes_the_tree_dirty(repository, tmp_path):
    other = tmp_path / "other"
    repository.git("clone", "--quiet", str(repository.root), str(other))
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "parts")
    repository.commit()
    assert not repository.observer.look().git_dirty
    repository.git("-C", "parts", "commit", "--quiet", "--allow-empty", "--message", "further")

    seen = repository.observer.look()

    assert seen.git_dirty
    assert b"Subproject commit" in repository.blobs.read(seen.git_diff)


def test_a_folder_outside_of_git_has_an_environment_all_the_same(folder):
    seen = folder.observer.look()

    assert (seen.git_commit, seen.git_branch, seen.git_dirty) == (None, None, False)
    assert seen.packages


def test_a_repository_that_git_refuses_as_anothers_is_as_none(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    assert repository.observer.look().git_commit is None


def test_a_machine_without_git_keeps_all_imported_files(repository, monkeypatch, load):
    load("train", repository.root)
    monkeypatch.setenv("PATH", str(repository.root))

    seen = repository.observer.look()

    assert seen.git_commit is None
    assert repository.texts(seen.modules) == {"train.py": "lr = 0.1\n"}


def test_a_git_that_hangs_is_left_alone_after_its_time(repository, monkeypatch):
    sleeper = repository.write("bin/git", "#!/bin/sh\necho x >> asked\nsleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{sleeper.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(repository.root)
    observer = Observer(repository.root, repository.blobs, git_timeout_s=0.2)

    assert [observer.look().git_commit for _ in range(3)] == [None, None, None]
    assert (repository.root / "asked").read_text() == "x\n"


def test_a_git_that_is_not_there_is_told_from_one_that_is_slow(repository, monkeypatch):
    monkeypatch.setenv("PATH", str(repository.root))

    with pytest.raises(GitSilentError) as caught:
        Git(repository.root).state()

    assert not caught.value.is_slow


def test_the_variables_of_a_git_hook_do_not_lead_to_another_repository(repository, tmp_path, monkeypatch):
    repository.git("init", "--quiet", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    seen = repository.observer.look()
    monkeypatch.delenv("GIT_DIR")

    assert seen.git_commit == repository.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://github.com/ada/heart.git", "https://github.com/ada/heart.git"),
        ("https://ada:s3cr3t@github.com/ada/heart.git", "https://github.com/ada/heart.git"),
        ("https://a1b2c3d4e5f6a7b8c9d0@github.com/ada/heart.git", "https://github.com/ada/heart.git"),
        ("https://git.example.org:8443/heart.git?token=a1b2", "https://git.example.org:8443/heart.git"),
        ("git@github.com:ada/heart.git", "git@github.com:ada/heart.git"),
        ("ssh://git@github.com/ada/heart.git", "ssh://git@github.com/ada/heart.git"),
        ("ssh://ada:s3cr3t@[fe80::1]:22/heart.git", "ssh://ada@[fe80::1]:22/heart.git"),
        ("/home/ada/repositories/heart.git", "heart.git"),
        ("file:///home/ada/repositories/heart.git", "heart.git"),
        ("C:\\Users\\ada\\heart.git", "heart.git"),
        ("../heart.git", "heart.git"),
    ],
)
def test_a_remote_is_kept_without_credentials_and_without_paths_of_this_machine(address, kept):
    assert without_credentials(address) == kept


def test_origin_is_the_remote_and_without_it_the_first_one(repository):
    repository.git("remote", "add", "backup", "https://example.org/backup.git")
    first = repository.observer.look().git_remote
    repository.git("remote", "add", "origin", "https://ada:s3cr3t@example.org/heart.git")

    assert (first, repository.observer.look().git_remote) == (
        "https://example.org/backup.git",
        "https://example.org/heart.git",
    )


# --- imported files --------------------------------------------------------------------------------


def test_an_edit_in_an_imported_local_module_is_not_lost(repository, load):
    """The text that ran is kept beside the diff, so that it can be read without applying anything."""
    repository.write("train.py", "lr = 0.2\n")
    load("train", repository.root)

    assert repository.texts(repository.observer.look().modules) == {"train.py": "lr = 0.2\n"}


def test_an_imported_module_that_git_does_not_know_is_kept(repository, load):
    repository.write("features/__init__.py", "")
    repository.write("features/ages.py", "LIMIT = 40\n")
    load("features.ages", repository.root)

    modules = repository.observer.look().modules

    assert repository.texts(modules) == {"features/__init__.py": "", "features/ages.py": "LIMIT = 40\n"}


def test_an_imported_module_that_git_ignores_is_kept(repository, load):
    repository.write("local_paths.py", "DATA = 'data'\n")
    load("local_paths", repository.root)

    assert repository.texts(repository.observer.look().modules) == {"local_paths.py": "DATA = 'data'\n"}


def test_an_imported_module_as_it_is_committed_is_not_kept_again(repository, load):
    load("train", repository.root)

    assert repository.observer.look().modules == {}


def test_files_that_are_not_imported_are_not_kept(repository):
    repository.write("scratch.py", "x = 1\n")

    assert repository.observer.look().modules == {}


def test_a_module_that_is_edited_after_its_import_is_kept_as_it_was_loaded(repository, load):
    """What runs is what was loaded, whatever the file says by now."""
    module = load("train", repository.root)
    assert repository.observer.look().modules == {}
    repository.write("train.py", "lr = 0.25  # not loaded\n")
    edited = repository.observer.look().modules
    importlib.reload(module)
    reloaded = repository.observer.look().modules

    assert repository.texts(edited) == {"train.py": "lr = 0.1\n"}
    assert repository.texts(reloaded) == {"train.py": "lr = 0.25  # not loaded\n"}


def test_a_file_beside_the_project_in_the_same_repository_is_kept_with_a_relative_path(repository, load):
    repository.write("src/shapes.py", "SIDES = 4\n")
    notebooks = repository.root / "notebooks"
    notebooks.mkdir()
    load("shapes", repository.root / "src")

    modules = Observer(notebooks, repository.blobs).look().modules

    assert list(modules) == ["../src/shapes.py"]


def test_installed_packages_environments_and_hidden_folders_are_not_the_projects(repository, load):
    for number, place in enumerate(["venv/lib/site-packages", ".cache", ".venv/lib", "mine"]):
        repository.write(f"{place}/part_{number}.py", "")
        load(f"part_{number}", repository.root / place)

    assert [path.name for path in imported_files(repository.root)] == ["part_3.py"]


def test_looking_for_imported_files_loads_no_lazy_module(repository, load):
    path = repository.write("slow.py", "raise RuntimeError('loaded')\n")
    spec = importlib.util.spec_from_file_location("slow", path)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules["slow"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["slow"])
    try:
        assert imported_files(repository.root)
    finally:
        del sys.modules["slow"]


def test_a_module_is_kept_without_its_credentials(folder, load):
    folder.write("access.py", 'password = "correct horse battery"\n')
    load("access", folder.root)

    (text,) = folder.texts(folder.observer.look().modules).values()

    assert text.startswith("password = ")
    assert "horse" not in text


def test_a_module_that_is_too_large_is_named_and_not_kept(folder, load):
    folder.write("table.py", "#" * (FILE_BYTES + 1))
    folder.write("usual.py", "x = 1\n")
    load("table", folder.root)
    load("usual", folder.root)

    modules = folder.observer.look().modules

    assert modules["table.py"] == ""
    assert folder.texts({"usual.py": modules["usual.py"]}) == {"usual.py": "x = 1\n"}


def test_a_module_that_is_imported_while_the_run_goes_on_is_kept(project, read, load):
    (project.root / "late.py").write_text("x = 1\n")
    with nt.start_run() as run:
        read(lambda store: store.run(run.id))
        load("late", project.root)

    environment = read(lambda store: store.environment(store.run(run.id).environment_id))
    assert list(environment.modules) == ["late.py"]
    assert environment.packages


def test_the_script_that_runs_is_kept(project, read):
    (project.root / "sweep.py").write_text("import nbtrail as nt\nwith nt.start_run('scripted'): pass\n")
    # It is over before anything in the background can have looked.
    os.spawnve(os.P_WAIT, sys.executable, [sys.executable, "sweep.py"], dict(os.environ) | _pythonpath())

    environment = read(lambda store: store.environment(store.run("scripted").environment_id))
    assert list(environment.modules) == ["sweep.py"]


def test_runs_in_quick_succession_all_get_their_environment(project, read):
    for _ in range(50):
        with nt.start_run():
            pass

    runs = nt.runs()["id"]
    assert len({read(lambda store, one=one: store.run(one).environment_id) for one in runs}) == 1
    assert read(lambda store: store.run(runs[49])).environment_id


# --- packages and machine --------------------------------------------------------------------------


def install(home: Path, name: str, version: str, **direct_url: object) -> None:
    folder = home / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct_url:
        (folder / "direct_url.json").write_text(json.dumps(direct_url))


def test_a_package_that_is_installed_between_two_runs_is_seen(tmp_path, monkeypatch):
    home = tmp_path / "site-packages"
    install(home, "hearts", "1.0")
    monkeypatch.syspath_prepend(home)
    before = installed_packages()
    install(home, "lungs", "2.0")
    os.utime(home, ns=(0, home.stat().st_mtime_ns + 1))  # clocks of file systems may be coarse

    assert (before["hearts"], "lungs" in before) == ("1.0", False)
    assert installed_packages()["lungs"] == "2.0"


def test_packages_that_come_from_nowhere_public_say_so_and_not_where_they_lie(tmp_path, monkeypatch):
    home = tmp_path / "site-packages"
    install(home, "edited", "1.0", url=f"file://{tmp_path}/edited", dir_info={"editable": True})
    install(home, "built", "1.0", url=f"file://{tmp_path}/built", dir_info={})
    install(home, "cloned", "1.0", url="https://x", vcs_info={"vcs": "git", "commit_id": "0123456789abcdef"})
    monkeypatch.syspath_prepend(home)

    found = installed_packages()

    assert [found[name] for name in ("edited", "built", "cloned")] == [
        "1.0 (editable)",
        "1.0 (local)",
        "1.0 (git 01234567)",
    ]


def test_a_broken_installation_hides_no_package(tmp_path, monkeypatch):
    home = tmp_path / "site-packages"
    (home / "broken-1.0.dist-info").mkdir(parents=True)
    install(home, "whole", "1.0", dir_info="nonsense")
    monkeypatch.syspath_prepend(home)

    assert installed_packages()["whole"] == "1.0"


def test_the_machine_is_described(project):
    found = hardware()

    assert {"machine", "cpu", "cpu_count", "memory_bytes", "os", "python_implementation"} <= found.keys()
    assert found["memory_bytes"] > 100_000_000
    assert json.loads(json.dumps(found)) == found


def test_the_processors_name_is_the_makers(tmp_path):
    told = tmp_path / "cpuinfo"
    told.write_text(
        "processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\n\nprocessor\t: 1\nmodel name\t: x\n"
    )

    assert cpu_name(told) == "AMD EPYC 7763 64-Core Processor"


def test_a_containers_limits_are_seen(tmp_path):
    """Version 2 of control groups; the narrowest of the groups around the process counts."""
    inner = tmp_path / "groups" / "pod" / "notebook"
    inner.mkdir(parents=True)
    (inner / "cpu.max").write_text("max 100000\n")
    (inner.parent / "cpu.max").write_text("50000 100000\n")
    (inner / "memory.max").write_text("2000000000\n")
    own = tmp_path / "own"
    own.write_text("0::/pod/notebook\n")

    assert cpu_limit(tmp_path / "groups", own) == 0.5
    assert memory_limit_bytes(8_000_000_000, tmp_path / "groups", own) == 2_000_000_000


def test_an_older_containers_limits_are_seen(tmp_path):
    """Version 1; in a container the path of its own group is the host's, and not to be found."""
    for folder, file, text in [("cpu", "cpu.cfs_quota_us", "25000"), ("cpu", "cpu.cfs_period_us", "100000")]:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / file).write_text(f"{text}\n")
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    own = tmp_path / "own"
    own.write_text("5:cpu,cpuacct:/docker/0a1b\n4:memory:/docker/0a1b\n0::/\n")

    assert cpu_limit(tmp_path, own) == 0.25
    assert memory_limit_bytes(8_000_000_000, tmp_path, own) is None


def test_an_environment_holds_no_absolute_path(repository, load):
    """A project that is moved, or read elsewhere, names no folder of the machine that it comes from."""
    repository.git("remote", "add", "origin", str(repository.root.parent / "heart.git"))
    repository.write("late.py", "")
    load("late", repository.root)

    text = json.dumps(asdict(repository.observer.look()))

    assert '"late.py"' in text
    assert [place for place in (str(repository.root), str(Path.home()), sys.prefix) if place in text] == []


def _pythonpath() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(nt.__file__).parents[1])}
