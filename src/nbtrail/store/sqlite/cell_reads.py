"""What an SQLite store's tables say of cells, environments, artifacts and data, as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from nbtrail.records import Artifact, Dataset, DatasetUse, Environment, Execution, Output

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

_Record = TypeVar("_Record")


def read_executions(
    connection: sqlite3.Connection, run_id: str, died: Callable[[str], float | None]
) -> list[Execution]:
    """The cells of a run as they started; ``died`` gives when a session came to its end, ``None`` for a live one."""
    sql = (
        "SELECT e.id, e.session_id, e.number, e.cell_id, s.text, e.started, e.ended, e.status, e.error, e.reads,"
        " e.writes FROM run_executions j JOIN executions e ON e.id = j.execution_id"
        " JOIN sources s ON s.digest = e.source WHERE j.run_id = ? ORDER BY e.started, e.id"
    )
    executions = []
    for row in connection.execute(sql, (run_id,)).fetchall():
        status, ended = row[7], row[6]
        if status == "running" and (end := died(row[1])) is not None:
            status, ended = "interrupted", max(end, row[5])
        executions.append(
            Execution(
                id=row[0], session_id=row[1], number=row[2], cell_id=row[3], source=row[4], started=row[5], ended=ended,
                status=status, error=row[8], reads=tuple(json.loads(row[9])), writes=tuple(json.loads(row[10])),
            )
        )  # fmt: skip
    return executions


def read_outputs(connection: sqlite3.Connection, execution_ids: Sequence[str]) -> list[Output]:
    """Outputs of these executions: executions in the order given, then by position."""
    sql = (
        "SELECT execution_id, position, kind, mime, text, blob, size, cut, bundle, metadata FROM outputs"
        " WHERE execution_id IN (SELECT value FROM json_each(?)) ORDER BY execution_id, position"
    )
    outputs = (
        Output(
            execution_id=row[0], position=row[1], kind=row[2], mime=row[3], text=row[4], blob=row[5], size=row[6],
            cut=bool(row[7]), bundle=row[8], metadata=json.loads(row[9]),
        )
        for row in connection.execute(sql, (json.dumps(list(execution_ids)),))
    )  # fmt: skip
    return in_order(execution_ids, outputs, lambda output: output.execution_id)


def read_artifacts(connection: sqlite3.Connection, run_id: str) -> list[Artifact]:
    """Artifacts of a run, by path."""
    sql = "SELECT path, digest, size, mime, metadata, at FROM artifacts WHERE run_id = ? ORDER BY path"
    return [
        Artifact(run_id=run_id, path=path, digest=digest, size=size, mime=mime, metadata=json.loads(metadata), at=at)
        for path, digest, size, mime, metadata, at in connection.execute(sql, (run_id,))
    ]


def read_datasets(connection: sqlite3.Connection, run_ids: Sequence[str]) -> list[DatasetUse]:
    """Data that these runs read and wrote: runs in the order given, then by role, name and time."""
    sql = (
        "SELECT u.run_id, u.role, u.name, u.execution_id, u.at, d.digest, d.name, d.kind, d.shape, d.size, d.schema,"
        " d.profile, d.sampled FROM run_datasets u JOIN datasets d ON d.digest = u.digest"
        " WHERE u.run_id IN (SELECT value FROM json_each(?)) ORDER BY u.run_id, u.role, u.name, u.at"
    )
    uses = (
        DatasetUse(
            run_id=row[0], role=row[1], name=row[2], execution_id=row[3], at=row[4],
            dataset=Dataset(
                digest=row[5], name=row[6], kind=row[7], shape=tuple(json.loads(row[8])), size=row[9],
                schema=json.loads(row[10]), profile=json.loads(row[11]), sampled=bool(row[12]),
            ),
        )
        for row in connection.execute(sql, (json.dumps(list(run_ids)),))
    )  # fmt: skip
    return in_order(run_ids, uses, lambda use: use.run_id)


def read_environment(connection: sqlite3.Connection, environment_id: str) -> Environment | None:
    """The environment with this id."""
    sql = (
        "SELECT python, platform, packages, hardware, git_commit, git_branch, git_remote, git_dirty, git_diff,"
        " modules FROM environments WHERE id = ?"
    )
    row = connection.execute(sql, (environment_id,)).fetchone()
    if row is None:
        return None
    return Environment(
        id=environment_id, python=row[0], platform=row[1], packages=json.loads(row[2]), hardware=json.loads(row[3]),
        git_commit=row[4], git_branch=row[5], git_remote=row[6], git_dirty=bool(row[7]), git_diff=row[8],
        modules=json.loads(row[9]),
    )  # fmt: skip


def in_order(ids: Sequence[str], records: Iterable[_Record], id_of: Callable[[_Record], str]) -> list[_Record]:
    """Records by what they belong to, in the order of ``ids``; within each as they come."""
    by_id: dict[str, list[_Record]] = {wanted: [] for wanted in ids}
    for record in records:
        if (group := by_id.get(id_of(record))) is not None:  # else a damaged index has led to a row of another
            group.append(record)
    return [record for group in by_id.values() for record in group]
