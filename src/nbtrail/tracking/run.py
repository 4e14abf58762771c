"""Runs: log to one, and finish it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Self

from nbtrail.changes import PointsLogged, RunEdited, RunEnded, SessionStarted, TagsChanged, ValuesWithdrawn
from nbtrail.errors import NbtrailError
from nbtrail.notices import announce
from nbtrail.tracking.metric_log import MetricLog
from nbtrail.tracking.param_log import ParamLog, param_set
from nbtrail.tracking.secrets import mask_text
from nbtrail.tracking.state import entered_run, forget_bare, process, recorder_for
from nbtrail.tracking.summary import Proposed, Snapshot
from nbtrail.tracking.values import describe, tag_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextvars import Token
    from types import TracebackType

    from nbtrail.changes import Change, RunStarted
    from nbtrail.project import Project
    from nbtrail.records import Origin, RunStatus
    from nbtrail.tracking.recorder import Recorder

EndStatus = Literal["finished", "failed", "interrupted"]


class Run:
    """A run of this process. Use it as a context manager, or call ``finish``.

    Nothing here raises because the store is in trouble or a value cannot be kept: a message is shown once, and your
    code goes on. All methods may be called from any thread.
    """

    def __init__(self, recorder: Recorder, began: RunStarted) -> None:
        self.id = began.run_id
        """A ULID: unique across machines, sortable by start."""
        self.name = began.name
        """Unique within the project."""
        self.project: Project = recorder.project
        self.status: RunStatus = "running"
        self.error: str | None = None
        self.started = began.at
        self.ended: float | None = None
        self.changes = 0
        """How often something of the run has changed, for those who show it in this process."""
        self._began = began
        self._session_began = SessionStarted(session=recorder.session)
        self._recorder = recorder
        self._owner_id = recorder.process_id
        self._params = ParamLog(self.id, self._refuse)
        self._metrics = MetricLog(self.id, self._refuse)
        self._tags: list[str] = []
        self._note = ""
        self._progress: tuple[int | None, int | None] = (None, None)
        self._refused: set[str] = set()
        self._token: Token[Run | None] | None = None

    @property
    def recorder(self) -> Recorder:
        """The way of this process into the store; after a fork, the child's own."""
        if self._recorder.is_of_parent:
            recorder = recorder_for(self.project)
            # The parent's own word of the run may still be on its way, and what belongs to no run is passed over.
            recorder.append(self._session_began, self._began)
            self._recorder = recorder
        return self._recorder

    def log(
        self,
        metrics: Mapping[str, object],
        step: int | None = None,
        *,
        origin: Origin = "logged",
        reason: str = "",
    ) -> None:
        """Record one point of each metric.

        Parameters
        ----------
        metrics
            Names and numbers; NaN and ±inf are kept. numpy and torch scalars and one-element arrays count as numbers.
            What is no number is left out, with one message a name.
        step
            Where on the x axis, a whole number of 64 bits. If left out, each metric goes on from its own last step; the
            first is 0. Steps may repeat and go back: every point is kept, also of a run that has ended.
        origin, reason
            How the value came; shown beside it.
        """
        if type(metrics) is not dict and not self._is_named("log", metrics, "{'loss': 0.5}"):
            return
        recorder = self.recorder
        self._metrics.log(recorder, metrics, step, origin, reason)
        self.changes += 1
        recorder.tell()

    def log_turns(
        self,
        turns: Sequence[tuple[int, Mapping[str, float]]],
        *,
        origin: Origin = "logged",
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        """Record what several turns of a loop gave, as one.

        Parameters
        ----------
        turns
            Each turn's step and its metrics, in order.
        origin, reasons
            How the values came, and why each metric was taken; shown beside it.
        """
        recorder = self.recorder
        with self._recorder.lock:
            self._metrics.log_turns(recorder, turns, origin, reasons or {})
        self.changes += bool(turns)

    def log_system(self, metrics: Mapping[str, float], step: int, *, reason: str) -> None:
        """Record what the machine did while the run went on; the card, and a run that has ended, stay as they are."""
        recorder = self.recorder
        with self._recorder.lock:
            if self.status == "running" and metrics:
                points = [(key, step, value) for key, value in metrics.items()]
                recorder.append(
                    PointsLogged.of(run_id=self.id, at=time.time(), points=points, origin="system", reason=reason)
                )

    def set_params(
        self, params: Mapping[str, object], *, origin: Origin = "logged", reasons: Mapping[str, str] | None = None
    ) -> None:
        """Record inputs of the run. Setting one again is normal: the last value wins and the earlier ones are kept.

        Parameters
        ----------
        params
            Names and JSON values; numpy scalars, enums, paths and dataclasses are converted. A value that is no JSON is
            kept as its text and marked, with a message. What looks like a credential is masked.
        origin, reasons
            How the values came, and why each was taken; shown beside it.
        """
        if not self._is_named("set_params", params, "{'lr': 0.01}"):
            return
        self.changes += self._params.set(self.recorder, params, origin, reasons or {})

    def propose(self, key: str, value: float, reason: str) -> None:
        """Offer a number that may be a metric: the card and ``%track status`` show it until it is taken or refused."""
        with self._recorder.lock:
            self.changes += self._metrics.propose(Proposed(key, value, reason))

    def param_origins(self) -> dict[str, Origin]:
        """How each param came; unlike ``snapshot`` it costs next to nothing."""
        with self._recorder.lock:
            return self._params.origins()

    def metric_origins(self) -> dict[str, Origin]:
        """How each metric came first; unlike ``snapshot`` it costs next to nothing."""
        with self._recorder.lock:
            return self._metrics.origins()

    @property
    def proposed(self) -> tuple[Proposed, ...]:
        """Numbers that may be metrics, neither taken nor refused yet."""
        return self._metrics.proposed

    def withdraw(self, *keys: str) -> None:
        """Take back what was inferred or proposed under these names, with all its points; what was logged stays."""
        recorder = self.recorder
        with self._recorder.lock:
            metrics, had_proposed = self._metrics.withdraw(keys)
            params = self._params.withdraw(keys)
            self.changes += bool(params or metrics or had_proposed)
            if params or metrics:
                recorder.append(ValuesWithdrawn(run_id=self.id, keys=tuple(dict.fromkeys((*params, *metrics)))))

    def add_tags(self, *tags: str | Iterable[str]) -> None:
        """Add tags; one that is there already stays. A list counts as the tags that are in it."""
        recorder = self.recorder
        with self._recorder.lock:
            new = tuple(tag for tag in tag_texts(tags) if tag not in self._tags)
            self._tags.extend(new)
            if new:
                self.changes += 1
                recorder.append(TagsChanged(run_id=self.id, added=new))

    def remove_tags(self, *tags: str | Iterable[str]) -> None:
        """Take tags away; one that is not there is passed over."""
        recorder = self.recorder
        with self._recorder.lock:
            gone = tag_texts(tags)
            self._tags = [tag for tag in self._tags if tag not in gone]
            self.changes += 1
            recorder.append(TagsChanged(run_id=self.id, removed=gone))

    def note(self, text: str) -> None:
        """Set the run's note, in place of the one before."""
        self._note = mask_text(str(text))
        self.changes += 1
        self.recorder.append(RunEdited(run_id=self.id, field="note", value=self._note))

    def log_artifact(self, content: object, name: str | None = None) -> None:
        """Keep a file, a folder or an object with the run; equal content is stored once.

        Parameters
        ----------
        content
            A path (``str`` or ``Path``) of a file or folder, without the project's own ``.nbtrail`` in it; ``bytes``; a
            matplotlib figure (kept as PNG); or any other object (kept as JSON if it is JSON, else pickled).
        name
            Under which name; a path's own name, or ``artifact`` with a fitting suffix, if left out.
        """
        from nbtrail.tracking.artifacts import keep

        try:
            self.recorder.append(*keep(content, name, run_id=self.id, project=self.project))
        except (NbtrailError, OSError) as error:
            announce(f"the artifact was not kept: {error}")
        except Exception as error:  # noqa: BLE001 - a figure may raise anything when it is drawn
            announce(f"the artifact was not kept: {describe(error)}")

    def set_progress(self, step: int | None, total: int | None) -> None:
        """Say how far the work is, for the live card; the store does not keep it."""
        self._progress = (step, total)
        self.changes += 1

    def finish(self, status: EndStatus = "finished", error: str | None = None) -> None:
        """End the run; everything reaches the store before this returns, if the store can take it.

        Finishing a run twice changes nothing: the first end counts. In a forked child nothing happens: the run is its
        parent's.

        Parameters
        ----------
        status
            How it ended.
        error
            Why, such as ``ValueError: shapes do not match``.
        """
        if not self.is_own:
            return
        recorder = self.recorder
        with self._recorder.lock:
            if self.status != "running":
                return
            # A clock that was set back in the meantime must not let a run end before it began.
            self.status, self.error, self.ended = status, error and mask_text(error), max(time.time(), self.started)
            self.changes += 1
        recorder.append_end(self, RunEnded(run_id=self.id, status=status, at=self.ended, error=self.error))
        self._leave()
        process.sampler.forget(self)
        recorder.environment.run_ended(self.id)
        recorder.flush(with_jobs=False)

    @property
    def is_own(self) -> bool:
        """Whether this process started the run: a forked child may log to its parent's runs, and does not end them."""
        return self._owner_id == os.getpid()

    def finish_at_exit(self) -> None:
        """End a run that is open when the process exits: failed if an exception ended the script."""
        last = None if "IPython" in sys.modules else getattr(sys, "last_value", None)
        if last is None:
            self.finish()
        elif isinstance(last, KeyboardInterrupt):
            self.finish("interrupted")
        else:
            self.finish("failed", describe(last))

    def is_of(self, recorder: Recorder) -> bool:
        """Whether it is that recorder that takes the run's changes."""
        return self._recorder is recorder

    def so_far(self) -> list[Change]:
        """What a store that has never heard of the run has to know; the points are in no memory."""
        with self._recorder.lock:
            changes: list[Change] = [self._began, *(param_set(param) for param in self._params.records())]
            if self._tags:
                changes.append(TagsChanged(run_id=self.id, added=tuple(self._tags)))
            if self._note:
                changes.append(RunEdited(run_id=self.id, field="note", value=self._note))
            return changes

    def snapshot(self) -> Snapshot:
        """The run as it stands, without asking the store."""
        with self._recorder.lock:
            step, total = self._progress
            metrics, curves = self._metrics.summaries()
            return Snapshot(
                run_id=self.id,
                name=self.name,
                status=self.status,
                error=self.error,
                started=self.started,
                ended=self.ended,
                step=step,
                total=total,
                params=self._params.records(),
                metrics=metrics,
                curves=curves,
                tags=tuple(self._tags),
                note=self._note,
                proposed=self.proposed,
            )

    def __enter__(self) -> Self:
        forget_bare(self)
        self._token = entered_run.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.finish()
        elif isinstance(error, KeyboardInterrupt):
            self.finish("interrupted")
        else:
            self.finish("failed", describe(error))
        self._come_out()

    def _come_out(self) -> None:
        token, self._token = self._token, None
        try:
            if token is not None:
                entered_run.reset(token)
        except ValueError:
            # The block was left in another task or thread than it was entered in; there, nothing is to be taken back.
            pass

    def __repr__(self) -> str:
        return f"<Run {self.name!r} {self.status} in {self.project.name}>"

    def _is_named(self, method: str, values: object, example: str) -> bool:
        if type(values) is dict or isinstance(values, Mapping):
            return True
        what = f"{type(values).__name__} was not recorded"
        self._refuse(method, f"{method} takes names with values, as in run.{method}({example}); a {what}")
        return False

    def _refuse(self, key: str, message: str) -> None:
        if key not in self._refused:
            self._refused.add(key)
            announce(f"{message} (run {self.name!r}).")

    def _leave(self) -> None:
        with process.lock:
            if self in process.open_runs:
                process.open_runs.remove(self)
            if process.ambient is self:
                process.ambient = None
            forget_bare(self)
