# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""What each kind of change does to the tables of an SQLite store."""

from __future__ import annotations

import functools
from types import NoneType
from typing import TYPE_CHECKING, Final

from nbtrail.changes import (
    ArtifactKept,
    DatasetSeen,
    EnvironmentSeen,
    ExecutionEnded,
    ExecutionStarted,
    OutputKept,
    ParamSet,
    PointsLogged,
    RunEdited,
    RunEnded,
    RunStarted,
    SessionBeat,
    SessionEnded,
    SessionStarted,
    TagsChanged,
    ValuesWithdrawn,
    positions_of,
)
from nbtrail.errors import InputError, NameTakenError, UnstorableError
from nbtrail.store.sqlite.connection import execute, is_of_a_record
from nbtrail.store.sqlite.inserts import (
    end_execution,
    free_name,
    insert_artifact,
    insert_dataset,
    insert_environment,
    insert_execution,
    insert_output,
    insert_param,
    insert_session,
)
from nbtrail.store.sqlite.points import Gathering, merge_run

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from nbtrail.changes import Change, Receipt

_OF_A_RUN: Final = (RunEnded, RunEdited, TagsChanged, ParamSet, ValuesWithdrawn)
_WITH_SUMMARIES: Final = (
    ("param_history", "params"), ("params", "params"), ("points", "metrics"), ("metrics", "metrics"),
)  # fmt: skip
"""Tables of values, each with the one that says how a value came."""
_EDITABLE: Final[dict[str, tuple[type, ...]]] = {
    "name": (str,),
    "note": (str,),
    "starred": (bool,),
    "trashed": (int, float, NoneType),
    "environment_id": (str, NoneType),
}
"""What a person can change about a run, and what each may be."""


class Transaction:
    """Changes on their way into the tables. The caller begins and commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = functools.partial(execute, connection)
        self._points = Gathering()
        self._known: dict[str, bool] = {}
        self._touched: dict[str, None] = {}
        self._ended: dict[str, None] = {}
        self._started: set[str] = set()
        self._pointless: set[str] = set()
        """Runs that began in this transaction, as long as none of its points are in the tables."""
        self._set: set[tuple[str, str]] = set()
        """Params: of a run that began in this transaction no others have earlier values."""

    def apply(self, changes: Sequence[Change], receipt: Receipt | None) -> None:
        """Write all changes, or those that the journal of the receipt has not yet brought."""
        if receipt is not None:
            changes = self._new(changes, receipt)
        for change in changes:
            if isinstance(change, PointsLogged):
                if self._touch(change.layout.run_id):
                    self._points.add(change)
            else:
                self._apply_alone(change)
        self._points.write(self._connection, new_runs=self._pointless)
        for run_id in self._ended:
            if run_id not in self._pointless:
                merge_run(self._connection, run_id)
        self._raise_revisions()

    def _new(self, changes: Sequence[Change], receipt: Receipt) -> Sequence[Change]:
        """What of the changes the store does not have yet, and a note that it will have them."""
        row = self._execute("SELECT position FROM journals WHERE id = ?", (receipt.journal_id,)).fetchone()
        applied = row[0] if row else 0
        if not receipt.positions or applied >= receipt.positions[-1]:
            return ()
        sql = "INSERT OR REPLACE INTO journals (id, position) VALUES (?, ?)"
        self._execute(sql, (receipt.journal_id, receipt.positions[-1]))
        if not changes:
            return ()  # what stood there was left out
        # A gap is no reason to refuse: what is missing was in a store that somebody has put aside, and will not come.
        return [
            change if last - positions_of(change) >= applied else _last_rows(change, last - applied)
            for change, last in zip(changes, receipt.positions, strict=True)
            if last > applied
        ]

    def _touch(self, run_id: str) -> bool:
        """Whether the run exists; if so its revision will be raised."""
        known = self._known.get(run_id)
        if known is None:
            row = self._execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone()
            known = self._known[run_id] = row is not None
        if known:
            self._touched[run_id] = None
        return known

    def _touch_runs_of(self, execution_id: str) -> None:
        for (run_id,) in self._execute("SELECT run_id FROM run_executions WHERE execution_id = ?", (execution_id,)):
            self._touched[run_id] = None

    def _raise_revisions(self) -> None:
        if not self._touched:
            return
        (revision,) = self._execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
        rows = [(revision + position, run_id) for position, run_id in enumerate(self._touched, start=1)]
        self._connection.executemany("UPDATE runs SET revision = ? WHERE id = ?", rows)
        self._execute("UPDATE meta SET value = ? WHERE key = 'revision'", (revision + len(rows),))

    def _apply_alone(self, change: Change) -> None:
        try:
            self._apply_one(change)
        except Exception as error:
            if is_of_a_record(error):
                reason = f"{type(error).__name__}: {error}"
                raise UnstorableError(reason) from error
            raise

    def _apply_one(self, change: Change) -> None:
        # What belongs to a run that is not there (it was purged) is passed over.
        if isinstance(change, _OF_A_RUN) and not self._touch(change.run_id):
            return
        match change:
            case SessionStarted() | SessionBeat() | SessionEnded():
                self._change_session(change)
            case ExecutionStarted():
                self._start_execution(change)
            case ExecutionEnded():
                self._end_execution(change)
            case OutputKept():
                self._keep_output(change)
            case EnvironmentSeen():
                self._see_environment(change)
            case ArtifactKept():
                self._keep_artifact(change)
            case DatasetSeen():
                self._see_dataset(change)
            case _:
                self._change_run(change)

    def _change_run(self, change: Change) -> None:
        match change:
            case RunStarted():
                self._start_run(change)
            case RunEnded():
                self._end_run(change)
            case RunEdited():
                self._edit_run(change)
            case TagsChanged():
                self._change_tags(change)
            case ParamSet():
                self._set_param(change)
            case ValuesWithdrawn():
                self._withdraw(change)

    # --- sessions and runs ---

    def _change_session(self, change: SessionStarted | SessionBeat | SessionEnded) -> None:
        match change:
            case SessionBeat(session_id=session_id, at=at):
                self._execute("UPDATE sessions SET heartbeat = max(heartbeat, ?) WHERE id = ?", (at, session_id))
            case SessionEnded(session_id=session_id, at=at):
                sql = "UPDATE sessions SET ended = ?, heartbeat = max(heartbeat, ?) WHERE id = ?"
                self._execute(sql, (at, at, session_id))
            case SessionStarted(session=session):
                insert_session(self._execute, session)

    def _start_run(self, change: RunStarted) -> None:
        if not self._touch(change.run_id):
            self._execute(
                "INSERT INTO runs (id, name, status, started, utc_offset_s, notebook, session_id, parent_id, revision)"
                " VALUES (?, ?, 'running', ?, ?, ?, ?, ?, 0)",
                (
                    change.run_id, free_name(self._execute, change.name), change.at, change.utc_offset_s,
                    change.notebook, change.session_id, change.parent_id,
                ),
            )  # fmt: skip
            self._known[change.run_id] = True
            self._started.add(change.run_id)
            self._pointless.add(change.run_id)
            self._touch(change.run_id)
        if change.execution_id:
            self._join(change.run_id, change.execution_id)

    def _holder(self, name: str) -> str | None:
        row = self._execute("SELECT id FROM runs WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _end_run(self, change: RunEnded) -> None:
        sql = "UPDATE runs SET status = ?, ended = ?, error = ? WHERE id = ?"
        self._execute(sql, (change.status, change.at, change.error, change.run_id))
        self._ended[change.run_id] = None

    def _change_tags(self, change: TagsChanged) -> None:
        for tag in change.added:
            self._execute("INSERT OR IGNORE INTO tags (run_id, tag) VALUES (?, ?)", (change.run_id, tag))
        for tag in change.removed:
            self._execute("DELETE FROM tags WHERE run_id = ? AND tag = ?", (change.run_id, tag))

    def _edit_run(self, change: RunEdited) -> None:
        _check_edit(change)
        if change.field == "name":
            holder = self._holder(change.value)
            if holder not in {None, change.run_id}:
                raise NameTakenError(change.value, holder=str(holder))
        self._execute(f"UPDATE runs SET {change.field} = ? WHERE id = ?", (change.value, change.run_id))

    def _set_param(self, change: ParamSet) -> None:
        may_have_earlier = change.run_id not in self._started or (change.run_id, change.key) in self._set
        self._set.add((change.run_id, change.key))
        insert_param(self._execute, change, may_have_earlier=may_have_earlier)

    def _withdraw(self, change: ValuesWithdrawn) -> None:
        self._points.write(self._connection, new_runs=self._pointless)
        self._points, self._pointless = Gathering(), set()
        of_inferred = "run_id = ? AND key = ? AND key IN (SELECT key FROM {} WHERE run_id = ? AND origin = 'inferred')"
        for key in change.keys:
            values = (change.run_id, key, change.run_id)
            for table, summary in _WITH_SUMMARIES:
                self._execute(f"DELETE FROM {table} WHERE {of_inferred.format(summary)}", values)

    # --- cells, environments, artifacts, data ---

    def _start_execution(self, change: ExecutionStarted) -> None:
        insert_execution(self._execute, change.execution)
        for run_id in change.run_ids:
            if self._touch(run_id):
                self._join(run_id, change.execution.id)

    def _join(self, run_id: str, execution_id: str) -> None:
        sql = "INSERT OR IGNORE INTO run_executions (run_id, execution_id) VALUES (?, ?)"
        self._execute(sql, (run_id, execution_id))

    def _end_execution(self, change: ExecutionEnded) -> None:
        end_execution(self._execute, change)
        self._touch_runs_of(change.execution_id)

    def _keep_output(self, change: OutputKept) -> None:
        output = change.output
        if self._execute("SELECT 1 FROM executions WHERE id = ?", (output.execution_id,)).fetchone():
            insert_output(self._execute, output)
            self._touch_runs_of(output.execution_id)

    def _see_environment(self, change: EnvironmentSeen) -> None:
        insert_environment(self._execute, change.environment)
        for run_id in change.run_ids:
            if self._touch(run_id):
                self._execute("UPDATE runs SET environment_id = ? WHERE id = ?", (change.environment.id, run_id))

    def _keep_artifact(self, change: ArtifactKept) -> None:
        if self._touch(change.artifact.run_id):
            insert_artifact(self._execute, change.artifact)

    def _see_dataset(self, change: DatasetSeen) -> None:
        if self._touch(change.use.run_id):
            insert_dataset(self._execute, change.use)


def _last_rows(change: Change, count: int) -> Change:
    assert isinstance(change, PointsLogged)
    return PointsLogged(change.layout, change.rows[-count * change.layout.row_bytes :])


def _check_edit(change: RunEdited) -> None:
    """Before it becomes part of a statement: the field's name stands in the SQL."""
    types = _EDITABLE.get(change.field)
    if types is None:
        message = f"a run has no field {change.field!r} that can be edited; there are {', '.join(_EDITABLE)}."
        raise InputError(message)
    if not isinstance(change.value, types) or (change.field == "name" and not str(change.value).strip()):
        message = f"{change.value!r} cannot be the {change.field} of a run."
        raise InputError(message)
