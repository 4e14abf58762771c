"""The recorder: one process's way into one store."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from nbtrail.changes import PointsLogged, RunStarted, SessionBeat, SessionEnded, SessionStarted, positions_of
from nbtrail.errors import NbtrailError, StoreError, StoreReadOnlyError
from nbtrail.ids import new_id
from nbtrail.notices import announce
from nbtrail.records import Session
from nbtrail.tracking.backlog import MOST_WAITING, Backlog
from nbtrail.tracking.environment import EnvironmentRecord
from nbtrail.tracking.jobs import Jobs
from nbtrail.tracking.journal import POINTS, SUFFIX, Journal, journal_folders
from nbtrail.tracking.run_names import RunNames
from nbtrail.tracking.secrets import mask_change
from nbtrail.tracking.writer import BEAT_S, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbtrail.changes import Change, RunEnded
    from nbtrail.project import Project
    from nbtrail.store.blobs import Blobs
    from nbtrail.store.protocol import Store
    from nbtrail.tracking.rows import RowShape
    from nbtrail.tracking.run import Run


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
    beat_s
        How often a process with open runs gives a sign of life.
    """

    def __init__(
        self, project: Project, *, notebook: str | None = None, kernel_id: str | None = None, beat_s: float = BEAT_S
    ) -> None:
        self.project = project
        self.notebook = notebook
        self.kernel_id = kernel_id
        self.session_id = new_id()
        self.process_id = os.getpid()
        self.is_of_parent = False
        """Whether this process was forked from the one whose recorder it is."""
        self.execution_id: str | None = None
        """The execution of the cell that runs now; params and metrics bear it."""
        self.lock = threading.RLock()
        """Of the recorder, its writer and its runs together: a signal handler or a finalizer that logs may come at any
        moment, in any thread, and could wait for ever if it held one lock and wanted another."""
        self._coming: deque[tuple[Change, ...]] = deque()
        self._is_appending = False
        self._messages: deque[str] = deque()
        self._is_displaced = False
        """The user was told that the project cannot be written, and the writer has yet to notice."""
        self.is_over = False
        """Whether nothing more can be recorded here, because it was closed."""
        self._closed = False
        self._ending: list[tuple[int, Run]] = []
        """Runs whose end may not be in the store yet, each with the position of its end."""
        self._told_of_waiting = False
        self._journal = self._make_journal()
        self._make_store()
        self._backlog = Backlog(self._journal, self.lock)
        self._writer = Writer(self, self._backlog, self._journal, lock=self.lock, beat_s=beat_s)
        self._jobs = Jobs(self.hear, self.lock)
        self.names = RunNames(project)
        self.environment = EnvironmentRecord(self)
        self.session = self._make_session()
        """What is told of this process."""
        self.append(SessionStarted(session=self.session))

    @property
    def waiting_count(self) -> int:
        """How many changes wait in memory for the store."""
        return self._backlog.waiting_count

    @property
    def blobs(self) -> Blobs:
        """The project's content-addressed files."""
        return self.project.blobs

    def append(self, *changes: Change) -> None:
        """Take changes, without the credentials in them; when this returns they survive the process."""
        if self.is_over:
            self.successor().append(*changes)
            return
        changes = tuple(map(mask_change, changes))
        with self.lock:
            self._coming.append(changes)
            self._take_what_came()
        self.tell()

    def append_end(self, run: Run, end: RunEnded) -> None:
        """Take the end of a run. Until it is in the store, a store that takes the place of ours hears of the run."""
        with self.lock:
            self._ending = [(position, one) for position, one in self._ending if position > self._backlog.applied]
            self._coming.append((mask_change(end),))
            self._take_what_came()
            self._ending.append((self._backlog.position + len(self._coming), run))
        self.tell()

    def append_row(self, shape: RowShape, cells: Sequence[float]) -> bytes:
        """Take one row of points; called under the lock. When this returns it survives the process.

        Parameters
        ----------
        shape
            What it holds.
        cells
            Its time (UTC seconds), then the step and the value of each key.

        Returns
        -------
        bytes
            The row as ``shape`` packs it.

        Raises
        ------
        struct.error
            A step has no place in 64 bits; nothing was taken.
        """
        if self.is_over:
            self.successor().append(PointsLogged.in_rows(shape.layout, [cells]))
            return shape.pack(0, POINTS, 0, *cells)
        if self._is_appending:
            self._coming.append((PointsLogged.in_rows(shape.layout, [cells]),))
            return shape.pack(0, POINTS, 0, *cells)
        self._is_appending = True
        try:
            backlog = self._backlog
            position = backlog.position + 1
            if self._journal is None:
                row = shape.pack(position, POINTS, 0, *cells)
            else:
                row = self._journal.append_row(shape, cells, position)
            backlog.add_row(position, shape.layout, row)
            # Again and again, should an interrupt have come just before it once.
            if backlog.waiting_count & 1023 == 1:
                self._writer.wake()
        except OSError as error:
            if error.errno is None:
                raise  # a user's signal handler said "time is up"; the system's own errors have a number
            self._miss(error)
            row = shape.pack(position, POINTS, 0, *cells)
            backlog.add_row(position, shape.layout, row)
            self._writer.wake()
        finally:
            self._is_appending = False
        if self._coming:
            self._take_what_came()
        return row

    def tell(self) -> None:
        """Show the messages that have gathered; where the disk is slower than what is recorded, wait for it."""
        if self._backlog.waiting_count > MOST_WAITING:
            self._await_room()
        while self._messages:
            with suppress(IndexError):  # another thread was quicker
                announce(self._messages.popleft())

    def flush(self, timeout_s: float = 10.0, *, with_jobs: bool = True) -> bool:
        """Wait until all is in the store, and what background jobs add to it; says whether it is."""
        deadline_s = time.monotonic() + timeout_s
        done = not with_jobs or self._jobs.wait(timeout_s)
        done = self._writer.flush(deadline_s - time.monotonic()) and done
        self.tell()
        return done

    def run_later(self, job: Callable[[], None]) -> None:
        """Do something slow in the background."""
        self._jobs.add(job)

    def close(self, timeout_s: float = 10.0) -> None:
        """Say goodbye: move everything into the store and let the journal go. Calling it twice is harmless."""
        if self._closed or self.process_id != os.getpid():
            return
        self._jobs.wait(timeout_s)
        # Where all that was recorded has been deleted since, a goodbye alone would make the store anew.
        if self.project.exists or not self._backlog.is_empty:
            self.append(SessionEnded(session_id=self.session_id, at=time.time()))
        self._closed = True
        # Before the writer: the connection that closes last folds the write-ahead log into the store, if it may write.
        self.names.close()
        done = self._writer.close(timeout_s)
        self._jobs.close(timeout_s)
        if self._journal is not None:
            with self.lock:
                # A daemon thread may have logged since: then the journal stays, for whoever reads next.
                self._journal.close(remove=done and self._backlog.is_empty)
                self.is_over = True
        self.tell()

    # --- what the writer asks for ---

    def open_store(self) -> Store:
        """See ``Source``."""
        return self.project.open(read_only=False)

    def hear(self, message: str, error: Exception | None = None, /) -> None:
        """See ``Source``; what says again why the journal stands elsewhere is passed over."""
        if self._is_displaced and isinstance(error, StoreReadOnlyError):
            self._is_displaced = False
            return
        self._messages.append(message)

    def moved(self, changes: Sequence[Change], store: Store) -> None:
        """See ``Source``; another process may have taken a run's name at the same moment."""
        for change in changes:
            if isinstance(change, RunStarted) and store.id_of_name(change.name) not in {change.run_id, None}:
                for run in self._runs_in_hand():
                    if run.id == change.run_id:
                        run.name = store.run(run.id).name
                        self._messages.append(f"the name {change.name!r} is taken; this run is {run.name!r}.")

    def signs_of_life(self) -> Sequence[Change]:
        """See ``Source``."""
        if not self._open_runs():
            return ()
        return (SessionBeat(session_id=self.session_id, at=time.time()),)

    def begin_again(self) -> Sequence[Change]:
        """See ``Source``."""
        with self.lock:
            if self._journal is not None and not self._journal.is_there():
                self._renew(self._journal)
            self._messages.append(
                f"{self.project.url} or its journal was deleted or replaced. What is recorded from now on goes into"
                " what stands there now; what was in it before is gone with it."
            )
            runs = self._runs_in_hand()
            return [SessionStarted(session=self.session), *(change for run in runs for change in run.so_far())]

    def _renew(self, journal: Journal) -> None:
        """Write down again, in a new file, what the store does not have."""
        try:
            for folder in journal_folders(self.project):
                if folder.path == journal.path.parent:
                    folder.prepare()
            journal.renew()
            for position, change in self._backlog.changes():
                journal.append([change], end=position)
        except (NbtrailError, OSError) as error:
            self._miss(error)

    def _runs_in_hand(self) -> list[Run]:
        """The open runs, and those whose end is not in the store yet."""
        with self.lock:
            ending = [run for position, run in self._ending if position > self._backlog.applied]
            return list(dict.fromkeys([*ending, *self._open_runs()]))

    def successor(self) -> Recorder:
        """What takes changes after the goodbye, from a daemon thread or a late exit handler: their journal stays."""
        from nbtrail.tracking.state import recorder_for

        return recorder_for(self.project)

    def _open_runs(self) -> list[Run]:
        from nbtrail.tracking.state import process

        return [run for run in tuple(process.open_runs) if run.is_of(self)]

    # --- into the journal and the backlog ---

    def _take_what_came(self) -> None:
        # A handler that logs in the midst of this leaves its changes to the call that it interrupts.
        while self._coming and not self._is_appending:
            self._is_appending = True
            try:
                self._write_down(self._coming.popleft())
            finally:
                self._is_appending = False

    def _write_down(self, changes: tuple[Change, ...]) -> None:
        before, was_empty = self._backlog.position, not self._backlog.waiting_count
        if self._journal is not None:
            try:
                self._journal.append(changes, end=before + sum(map(positions_of, changes)))
            except (OSError, TypeError, ValueError) as error:
                self._miss(error)
        for change in changes:
            self._backlog.add_change(self._backlog.position + positions_of(change), change)
        if was_empty:
            self._writer.wake()

    def _miss(self, error: Exception) -> None:
        """The journal lacks something from here on: it waits in memory, and goes into the store in its place."""
        if self._backlog.is_in_journal:
            self._backlog.is_in_journal = False
            self._messages.append(f"the journal cannot be written ({error}); a crash before the store has it loses it.")

    def _await_room(self) -> None:
        while not self._writer.has_room():
            if not self._told_of_waiting:
                self._told_of_waiting = True
                announce(f"{self.project.url} takes longer to write than your code to record; recording waits for it.")
            self._writer.wait(1.0)

    def _make_session(self) -> Session:
        from nbtrail.machine.liveness import this_process

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

    def _make_store(self) -> None:
        # Here and not in the writer: it imports what cannot be imported any more while a short script is ending.
        with suppress(StoreError):
            if not self.project.exists:
                self.open_store().close()
