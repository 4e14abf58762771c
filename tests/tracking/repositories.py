"""Git repositories and modules that tests make for themselves."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nbtrail.store.blobs import Blobs
from nbtrail.tracking.environment.look import Observer

if TYPE_CHECKING:
    from pathlib import Path

_PERSON = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """A work tree, the modules that are imported from it, and what nbtrail sees of it."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self.root = root
        self.blobs = Blobs(root / ".nbtrail" / "blobs")
        self.observer = Observer(folder or root, self.blobs, git_timeout_s=20)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", self.root, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def commit(self, **files: str) -> str:
        """Commit files, ``.py`` each; the commit."""
        for name, text in files.items():
            self.write(f"{name}.py", text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a state")
        return self.git("rev-parse", "HEAD")

    def texts(self, modules: dict[str, str]) -> dict[str, str]:
        return {path: self.blobs.read(digest).decode() for path, digest in modules.items()}


@pytest.fixture
def load(monkeypatch):
    """Imports a module from a folder; afterwards it was never there."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)

    def load_(name: str, folder: Path):
        monkeypatch.syspath_prepend(folder)
        return importlib.import_module(name)

    yield load_
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and "heart-disease" in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project folder that is no repository."""
    for name, value in _PERSON.items():
        monkeypatch.setenv(name, value)
    root = tmp_path / "heart-disease"
    root.mkdir()
    return Repository(root)


@pytest.fixture
def repository(folder):
    """A new repository on the branch ``main``, with one commit of one file."""
    folder.git("init", "--quiet", "--initial-branch", "main")
    folder.write(".gitignore", ".nbtrail\nlocal_paths.py\n")
    folder.commit(train="lr = 0.1\n")
    return folder
