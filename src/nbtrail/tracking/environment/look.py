"""Looking at the environment of this process: Python, packages, machine, git, and the project's imported files."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from nbtrail.records import Environment
from nbtrail.tracking.environment.git_state import GIT_S, Git, GitSilentError, work_tree
from nbtrail.tracking.environment.hardware import hardware
from nbtrail.tracking.environment.modules import ModuleTexts, imported_files
from nbtrail.tracking.environment.packages import installed_packages
from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbtrail.store.blobs import Blobs
    from nbtrail.tracking.environment.git_state import GitState

_Answer = TypeVar("_Answer")
_ID_LENGTH: Final = 32
_GIT_RESTS_S: Final = 300.0


class Observer:
    """Looks at the environment of this process, for one project.

    Parameters
    ----------
    root
        The project's root; recorded paths are relative to it.
    blobs
        Where the diff and the texts of modules go.
    script
        The file that this process runs, if one does.
    git_timeout_s
        How long one question to git may take. After one that took longer git is left alone for five minutes.
    """

    def __init__(self, root: Path, blobs: Blobs, *, script: str | None = None, git_timeout_s: float = GIT_S) -> None:
        self._root = Path(os.path.realpath(root))
        self._script = script
        self._blobs = blobs
        self._git = Git(self._root, timeout_s=git_timeout_s)
        self._git_rests_until_s = 0.0
        self._texts = ModuleTexts(blobs)
        self._loaded: dict[Path, int] = {}
        """What was imported at the last look, by the identity of its loading."""
        self._modules: dict[str, str] = {}

    def look(self) -> Environment:
        """The environment as it is now. What git does not tell is empty, and then all imported files are kept."""
        state = self._ask(self._git.state)
        self._look_at_modules(self._imported(), state)
        is_dirty = state is not None and state.commit is not None and bool(state.changed)
        return _with_id(
            Environment(
                id="",
                python=platform.python_version(),
                platform=platform.platform(),
                packages=installed_packages(),
                hardware=dict(hardware()),
                git_commit=state.commit if state else None,
                git_branch=state.branch if state else None,
                git_remote=state.remote if state else None,
                git_dirty=is_dirty,
                git_diff=self._keep_diff() if is_dirty else None,
                modules=self._modules,
            )
        )

    def look_again(self, before: Environment) -> Environment:
        """The environment of a run at its end: as it was, with the modules that were imported or reloaded since."""
        files = self._imported()
        if {path: id(loading) for path, loading in files.items()} != self._loaded:
            self._look_at_modules(files, self._ask(self._git.state))
        modules = {**before.modules, **self._modules}
        return before if modules == before.modules else _with_id(replace(before, modules=modules))

    def _imported(self) -> dict[Path, object]:
        return imported_files(work_tree(self._root) or self._root, script=self._script)

    def _look_at_modules(self, files: Mapping[Path, object], state: GitState | None) -> None:
        names = {path: _relative(path, self._root) for path in files}
        committed: set[Path] = set()
        if state is not None and state.commit is not None:
            tracked = self._ask(lambda: self._git.tracked(list(names.values()))) or frozenset()
            committed = {path for path in files if names[path] in tracked}
            committed -= {path for path in committed if _relative(path, state.top) in state.changed}
        digests = self._texts.look(files, set(files) - committed)
        self._loaded = {path: id(loading) for path, loading in files.items()}
        self._modules = {names[path]: digest for path, digest in digests.items()}

    def _keep_diff(self) -> str | None:
        data = self._ask(self._git.diff)
        if not data:
            return None
        text = mask_text(data.decode("utf-8", "surrogateescape"))
        return self._blobs.put_bytes(text.encode("utf-8", "surrogateescape"))

    def _ask(self, question: Callable[[], _Answer]) -> _Answer | None:
        if time.monotonic() < self._git_rests_until_s:
            return None
        try:
            return question()
        except GitSilentError as silence:
            if silence.is_slow:
                self._git_rests_until_s = time.monotonic() + _GIT_RESTS_S
            return None


def _relative(path: Path, folder: Path) -> str:
    """As seen from the folder, with forward slashes; a file beside the project begins with ``../``."""
    return Path(os.path.relpath(path, folder)).as_posix()


def _with_id(environment: Environment) -> Environment:
    fields = asdict(replace(environment, id=""))
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    return replace(environment, id=digest[:_ID_LENGTH])
