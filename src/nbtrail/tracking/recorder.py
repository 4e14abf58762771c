"""The recorder: one process's way into one store."""

from __future__ import annotations

import os
import platform
import random
import threading
import time
from collections import deque
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from ulid import ULID

from nbtrail.changes import SessionBeat, SessionEnded, SessionStarted
from nbtrail.errors import NbtrailError, RunNotFoundError, StoreError, StoreReadOnlyError
from nbtrail.notices import announce, encodable
from nbtrail.records import Session
from nbtrail.tracking.environment import EnvironmentRecord
from nbtrail.tracking.journal import SUFFIX, Journal, journal_folders
from nbtrail.tracking.secrets import mask_change
from nbtrail.tracking.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from coolname import RandomGenerator
    from coolname.types import CoolnameConfigT

    from nbtrail.changes import Change
    from nbtrail.project import Project
    from nbtrail.store.blobs import Blobs
    from nbtrail.store.protocol import Store

_NAME_LENGTH = 16
"""Names that nbtrail makes up are short enough for a row of the sidebar."""
_UNKIND = frozenset({"kickass", "heretic", "girlish", "naughty", "unkind", "nasty", "fat", "ugly", "dirty", "godlike"})
"""Words that nobody wants to read out in a meeting."""
_BEAT_S = 15.0
"""How often a busy process gives a sign of life; only other machines rely on it."""


class Recorder:
    """Takes the changes of this process: into the journal at once, into the store soon.

    No method raises because the store is in trouble; the user is told once.

    Parameters
    ----------
    project
        Whose store is written.
    notebook
        The notebook's path, relative to the project's root.
    kernel_id
        Jupyter's id of the kernel.
    """

    def __init__(self, project: Project, *, notebook: str | None = None, kernel_id: str | None = None) -> None:
        self.project = project
        self.notebook = notebook
        self.kernel_id = kernel_id
        self.session_id = str(ULID())
        self.process_id = os.getpid()
        self.execution_id: str | None = None
        """The execution of the cell that runs now; params and metrics bear it."""
        self.lock = threading.RLock()
        """Of the recorder, its writer and its runs together: a signal handler or a finalizer that logs may come at any
        moment, in any thread, and could wait for ever if it held one lock and wanted another."""
        self._coming: deque[tuple[Change, ...]] = deque()
        self._is_appending = False
        # Apart from the lock of ``append``: looking a name up may have to wait for the store, and logging must not.
        self._names_lock = threading.RLock()
        self._names: set[str] = set()
        self._reader: Store | None = None
        self._messages: list[str] = []
        self._is_displaced = False
        """The user was told that the project cannot be written, and the writer has yet to notice."""
        self._last_beat_s = time.monotonic()
        self._closed = False
        self._journal = self._make_journal()
        self._make_store()
        self._writer = Writer(self._open_store, self._journal, on_trouble=self._hear, lock=self.lock)
        self.environment = EnvironmentRecord(self)
        self.append(SessionStarted(session=self._session()))

    @property
    def blobs(self) -> Blobs:
        """The project's content-addressed files."""
        return self.project.blobs

    def append(self, *changes: Change) -> None:
        """Take changes, without the credentials in them; when this returns they survive the process."""
        changes = tuple(map(mask_change, changes))
        if time.monotonic() - self._last_beat_s > _BEAT_S:
            self._last_beat_s = time.monotonic()
            changes = (*changes, SessionBeat(session_id=self.session_id, at=time.time()))
        with self.lock:
            self._coming.append(changes)
            # A handler that logs in the midst of this leaves its changes to the call that it interrupts.
            while self._coming and not self._is_appending:
                self._is_appending = True
                try:
                    self._take_what_came()
                finally:
                    self._is_appending = False
        self._tell()

    def flush(self, timeout_s: float = 10.0, *, with_jobs: bool = True) -> bool:
        """Wait until all is in the store, and what background jobs add to it; says whether it is."""
        done = self._writer.flush(timeout_s, with_jobs=with_jobs)
        self._tell()
        return done

    def run_later(self, job: Callable[[], None]) -> None:
        """Do something slow in the background."""
        self._writer.run_later(job)

    def claim_name(self, wanted: str | None) -> str:
        """A name for a new run that no other run of the project has.

        ``wanted`` itself if it is free, else with the first free suffix (``-2``, …); without one, an adjective and an
        animal.
        """
        with self._names_lock:
            name = _free_name(wanted and encodable(wanted), self._is_taken)
            self._names.add(name)
            return name

    def close(self, timeout_s: float = 10.0) -> None:
        """Say goodbye: move everything into the store and let the journal go. Calling it twice is harmless."""
        if self._closed or self.process_id != os.getpid():
            return
        self.append(SessionEnded(session_id=self.session_id, at=time.time()))
        self._closed = True
        # Before the writer: the connection that closes last folds the write-ahead log into the store, if it may write.
        if self._reader is not None:
            self._reader.close()
        done = self._writer.close(timeout_s)
        if self._journal is not None:
            self._journal.close(remove=done)
        self._tell()

    def _take_what_came(self) -> None:
        while self._coming:
            changes = self._coming.popleft()
            # The writer alone counts: an interrupt between these two lines must not set two counts apart for good.
            self._write_down(changes, end=self._writer.count() + len(changes))
            self._writer.add(changes)

    def _write_down(self, changes: tuple[Change, ...], *, end: int) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(changes, end=end)
        except (OSError, TypeError, ValueError) as error:
            # What a journal misses it must go on missing: the writer holds the changes and brings them in order.
            self._messages.append(f"the journal cannot be written ({error}); a crash before the store has it loses it.")

    def _session(self) -> Session:
        from nbtrail.store.liveness import this_process

        process = this_process()
        now = time.time()
        return Session(
            id=self.session_id,
            host=process.host,
            boot_id=process.boot_id,
            pid=process.pid,
            process_started=process.process_started,
            kernel_id=self.kernel_id,
            notebook=self.notebook,
            python=platform.python_version(),
            started=now,
            heartbeat=now,
        )

    def _make_journal(self) -> Journal | None:
        reasons: list[str] = []
        for folder in journal_folders(self.project):
            try:
                folder.prepare()
                journal = Journal(folder.path / f"{self.session_id}{SUFFIX}")
            except NbtrailError as error:
                reasons.append(str(error))
                continue
            except OSError as error:
                reasons.append(str(StoreReadOnlyError(folder.path, reason=error.strerror or str(error))))
                continue
            if reasons:
                self._messages.append(f"{reasons[0]} Until then, what is recorded is kept in {folder.path}.")
                self._is_displaced = True
            return journal
        self._messages.append(f"{reasons[0]} Until then, what is recorded is kept in memory only.")
        self._is_displaced = True
        return None

    def _hear(self, message: str, error: Exception | None = None) -> None:
        """Take a message of the writer, unless it says again what made the journal stand elsewhere."""
        if self._is_displaced and isinstance(error, StoreReadOnlyError):
            self._is_displaced = False
            return
        self._messages.append(message)

    def _make_store(self) -> None:
        # Here and not in the writer: it imports what cannot be imported any more while a short script is ending.
        with suppress(StoreError):
            if not self.project.exists:
                self._open_store().close()

    def _open_store(self) -> Store:
        return self.project.open(read_only=False)

    def _is_taken(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            if self._reader is None:
                if not self.project.exists:
                    return False
                self._reader = self.project.open(read_only=True)
            return self._reader.run(name).name == name
        except (RunNotFoundError, StoreError):
            # A store in trouble takes the name when it is back, with a suffix if need be.
            return False

    def _tell(self) -> None:
        while self._messages:
            announce(self._messages.pop(0))


def _free_name(wanted: str | None, is_taken: Callable[[str], bool]) -> str:
    if wanted is None:
        name = _two_words()
        while len(name) > _NAME_LENGTH or not _UNKIND.isdisjoint(name.split("-")) or is_taken(name):
            name = _two_words()
        return name
    name, suffix = wanted, 1
    while is_taken(name):
        suffix += 1
        name = f"{wanted}-{suffix}"
    return name


def _two_words() -> str:
    return str(_names().generate_slug(2))


@cache
def _names() -> RandomGenerator:
    """A source of names apart from the global random numbers, which users seed and want for themselves."""
    from coolname import RandomGenerator
    from coolname.data import config

    # What checks the words draws from the global numbers as well.
    words: dict[str, Any] = config
    unchecked = {**words, "all": {**words["all"], "__nocheck": True}}
    return RandomGenerator(cast("CoolnameConfigT", unchecked), random.SystemRandom())
