"""Rows of an SQLite store's tables that are written as they come: sessions, cells, environments, artifacts, data."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.changes import ExecutionEnded, ParamSet
    from nbtrail.records import Artifact, DatasetUse, Environment, Execution, Json, Output, Session

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
"""``json.dumps`` makes one for each call that wants one like this."""


class Execute(Protocol):
    """Runs one statement."""

    def __call__(self, sql: str, values: Sequence[object] = (), /) -> Any:
        """Run it with these values."""


def free_name(execute: Execute, name: str) -> str:
    """The name, or the first of ``name-2``, ``name-3``, … that no run has."""
    if execute("SELECT 1 FROM runs WHERE name = ?", (name,)).fetchone() is None:
        return name
    sql = "SELECT name FROM runs WHERE name >= ? AND name < ?"
    taken = {taken for (taken,) in execute(sql, (f"{name}-", f"{name}."))}
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def insert_session(execute: Execute, session: Session) -> None:
    """Write a session, once."""
    execute(
        "INSERT OR IGNORE INTO sessions (id, host, boot_id, pid, process_started, kernel_id, notebook, python,"
        " started, heartbeat, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            session.id, session.host, session.boot_id, session.pid, session.process_started, session.kernel_id,
            session.notebook, session.python, session.started, session.heartbeat, session.ended,
        ),
    )  # fmt: skip


def insert_param(execute: Execute, change: ParamSet, *, may_have_earlier: bool) -> None:
    """Write a param in place of its earlier value, which is kept."""
    value = _ENCODER.encode(change.value)
    if may_have_earlier:
        execute(
            "INSERT INTO param_history (run_id, key, position, value, as_text, origin, reason, execution_id, at)"
            " SELECT run_id, key, (SELECT count(*) FROM param_history h WHERE h.run_id = p.run_id AND h.key = p.key),"
            " value, as_text, origin, reason, execution_id, at FROM params p"
            " WHERE run_id = ? AND key = ? AND value <> ?",
            (change.run_id, change.key, value),
        )
    execute(
        "INSERT OR REPLACE INTO params (run_id, key, value, number, text, as_text, origin, reason,"
        " execution_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change.run_id, change.key, value, _number(change.value),
            change.value if isinstance(change.value, str) else None,
            change.as_text, change.origin, change.reason, change.execution_id, change.at,
        ),
    )  # fmt: skip


def insert_execution(execute: Execute, execution: Execution) -> None:
    """Write a cell that began, and its source where no cell had the same."""
    digest = hashlib.sha256(execution.source.encode("utf-8", "surrogatepass")).hexdigest()
    execute("INSERT OR IGNORE INTO sources (digest, text) VALUES (?, ?)", (digest, execution.source))
    execute(
        "INSERT OR IGNORE INTO executions (id, session_id, number, cell_id, source, started, ended, status, error,"
        " reads, writes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            execution.id, execution.session_id, execution.number, execution.cell_id, digest, execution.started,
            execution.ended, execution.status, execution.error, json.dumps(execution.reads),
            json.dumps(execution.writes),
        ),
    )  # fmt: skip


def end_execution(execute: Execute, change: ExecutionEnded) -> None:
    """Write how a cell ended."""
    execute(
        "UPDATE executions SET ended = ?, status = ?, error = ?, reads = ?, writes = ? WHERE id = ?",
        (
            change.at, change.status, change.error, json.dumps(change.reads), json.dumps(change.writes),
            change.execution_id,
        ),
    )  # fmt: skip


def insert_output(execute: Execute, output: Output) -> None:
    """Write an output, in place of one at the same position."""
    execute(
        "INSERT OR REPLACE INTO outputs"
        " (execution_id, position, bundle, kind, mime, text, blob, size, cut, metadata)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            output.execution_id, output.position, output.bundle, output.kind, output.mime, output.text, output.blob,
            output.size, output.cut, json.dumps(output.metadata),
        ),
    )  # fmt: skip


def insert_environment(execute: Execute, seen: Environment) -> None:
    """Write an environment, once."""
    execute(
        "INSERT OR IGNORE INTO environments (id, python, platform, packages, hardware, git_commit, git_branch,"
        " git_remote, git_dirty, git_diff, modules) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seen.id, seen.python, seen.platform, json.dumps(seen.packages), json.dumps(seen.hardware),
            seen.git_commit, seen.git_branch, seen.git_remote, seen.git_dirty, seen.git_diff,
            json.dumps(seen.modules),
        ),
    )  # fmt: skip


def insert_artifact(execute: Execute, kept: Artifact) -> None:
    """Write an artifact, in place of one at the same path."""
    execute(
        "INSERT OR REPLACE INTO artifacts (run_id, path, digest, size, mime, metadata, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kept.run_id, kept.path, kept.digest, kept.size, kept.mime, json.dumps(kept.metadata), kept.at),
    )


def insert_dataset(execute: Execute, use: DatasetUse) -> None:
    """Write some data, once, and that a run used it."""
    seen = use.dataset
    execute(
        "INSERT OR IGNORE INTO datasets (digest, name, kind, shape, size, schema, profile, sampled)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seen.digest, seen.name, seen.kind, json.dumps(seen.shape), seen.size, json.dumps(seen.schema),
            json.dumps(seen.profile), seen.sampled,
        ),
    )  # fmt: skip
    execute(
        "INSERT OR IGNORE INTO run_datasets (run_id, role, name, digest, execution_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        (use.run_id, use.role, use.name, seen.digest, use.execution_id, use.at),
    )


def _number(value: Json) -> float | None:
    """The value for comparisons by size; an integer beyond every float counts as infinite."""
    if not isinstance(value, (bool, int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
