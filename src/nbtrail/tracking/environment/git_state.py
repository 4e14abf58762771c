"""What git says of the folder in which a run runs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GIT_S: Final = 5.0
"""So long one question to git may take."""
DIFF_BYTES: Final = 4_000_000
_ALIEN: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF")
"""Variables that would turn git's eye to another repository; a hook of git sets them."""
_SCP: Final = re.compile(r"(?:[^@/:]+@)?[^/:@]{2,}:(?!//)")
_PLACE_OF_PATH: Final = {"1": 8, "2": 9, "u": 10}
"""Which word of a line of ``git status`` is the path, by the kind of line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitState:
    """A repository as it stands. Without a commit only the branch is known."""

    top: Path
    """The root of the work tree; for this process only, never recorded."""
    commit: str | None
    branch: str | None
    """``None`` where a commit is checked out that no branch is on."""
    remote: str | None
    changed: frozenset[str] = field(default_factory=frozenset)
    """Tracked files that differ from the commit, relative to ``top``, with forward slashes."""


class Git:
    """Asks git about the work tree around a folder.

    Parameters
    ----------
    folder
        Where the project is.
    timeout_s
        For each question.

    Raises
    ------
    GitSilentError
        From every method: git is not there, refuses, or takes too long.
    """

    def __init__(self, folder: Path, *, timeout_s: float = GIT_S) -> None:
        self._folder = folder
        self._timeout_s = timeout_s

    def state(self) -> GitState | None:
        """The state of the work tree; ``None`` outside of any."""
        top = work_tree(self._folder)
        if top is None:
            return None
        told = self._ask(
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--ignore-submodules=untracked"
        )
        commit, branch, changed = _read_status(told)
        return GitState(top=top, commit=commit, branch=branch, remote=self._remote(), changed=changed)

    def diff(self) -> bytes:
        """What differs from the commit, at most 4 MB, with a line at its end that says if it was cut."""
        arguments = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--src-prefix=a/")
        data = self._ask("diff", "HEAD", *arguments, "--dst-prefix=b/", most_bytes=DIFF_BYTES + 1)
        if len(data) <= DIFF_BYTES:
            return data
        return data[:DIFF_BYTES] + f"\n[cut here: the whole diff has more than {DIFF_BYTES:,} bytes]\n".encode()

    def tracked(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of these paths, relative to the folder, that git tracks."""
        if not paths:
            return frozenset()
        told = self._ask("ls-files", "-z", "--", *paths)
        return frozenset(os.fsdecode(one) for one in told.split(b"\0") if one)

    def _remote(self) -> str | None:
        """Where ``origin`` is fetched from, or the first remote."""
        remotes: dict[str, str] = {}
        for line in os.fsdecode(self._ask("remote", "-v")).splitlines():
            name, _, place = line.partition("\t")
            remotes.setdefault(name, place.rsplit(" (", 1)[0])
        address = remotes.get("origin") or next(iter(remotes.values()), None)
        return None if address is None else without_credentials(address)

    def _ask(self, *arguments: str, most_bytes: int | None = None) -> bytes:
        environ = {name: value for name, value in os.environ.items() if name not in _ALIEN}
        quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            process = subprocess.Popen(  # noqa: S603 - the arguments are this file's own, and paths behind ``--``
                ["git", "-C", str(self._folder), *arguments],  # noqa: S607 - the user's own git is the right one
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environ | quiet,
                start_new_session=True,  # an interrupt of the kernel is none of git's business
            )
        except OSError as error:
            raise GitSilentError(arguments[0]) from error
        return _answer(process, arguments[0], self._timeout_s, most_bytes)


class GitSilentError(Exception):
    """Git is not there, refuses, or takes too long; what it would have said stays unknown."""

    def __init__(self, question: str, *, is_slow: bool = False) -> None:
        self.is_slow = is_slow
        super().__init__(f"`git {question}` gave no answer")


def work_tree(folder: Path) -> Path | None:
    """The root of the work tree around a folder; git is not asked."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def without_credentials(address: str) -> str:
    """A remote's address with no password or token in it, and no path of this machine.

    Of web addresses everything before the ``@`` goes, since a token may stand alone there; of others the password. Of
    a repository on this machine only its name is left.
    """
    if "://" not in address:
        return mask_text(address) if _SCP.match(address) else _name_of(address)
    try:
        parts = urlsplit(address)
        place = parts.hostname or ""
        place = f"[{place}]" if ":" in place else place
        place += f":{parts.port}" if parts.port else ""
    except ValueError:
        return mask_text(address)
    if parts.scheme == "file":
        return _name_of(parts.path)
    if not parts.netloc:
        return mask_text(address)
    if parts.username and parts.scheme not in {"http", "https"}:
        place = f"{parts.username}@{place}"
    return mask_text(urlunsplit((parts.scheme, place, parts.path, "", "")))


def _name_of(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _read_status(told: bytes) -> tuple[str | None, str | None, frozenset[str]]:
    """Commit, branch and changed files of ``git status --porcelain=v2 --branch -z``."""
    heads: dict[str, str] = {}
    changed: set[str] = set()
    lines = iter(os.fsdecode(told).split("\0"))
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            heads[key] = value
        elif kind in _PLACE_OF_PATH:
            changed.add(line.split(" ", _PLACE_OF_PATH[kind])[-1])
            if kind == "2":  # the next one is the path before a renaming
                changed.add(next(lines, ""))
    commit, branch = heads.get("branch.oid"), heads.get("branch.head")
    return (
        None if commit in {None, "(initial)"} else commit,
        None if branch in {None, "(detached)"} else branch,
        frozenset(changed - {""}),
    )


def _answer(process: subprocess.Popen[bytes], question: str, timeout_s: float, most_bytes: int | None) -> bytes:
    assert process.stdout is not None
    late = threading.Event()

    def stop() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    timer.start()
    try:
        with process.stdout:
            data = process.stdout.read(-1 if most_bytes is None else most_bytes)
        is_cut = most_bytes is not None and len(data) == most_bytes
        if is_cut:
            _end(process)
        status = process.wait()
    finally:
        timer.cancel()
    if late.is_set() or (status != 0 and not is_cut):
        raise GitSilentError(question, is_slow=late.is_set())
    return data


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it started, which would hold the pipe open."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
