"""A project on disk whose runs a test writes down in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbtrail.changes import (
    EnvironmentSeen,
    ExecutionEnded,
    ExecutionStarted,
    ParamSet,
    PointsLogged,
    RunEnded,
    RunStarted,
    SessionStarted,
    TagsChanged,
)
from nbtrail.project import Project, find_project
from nbtrail.records import Environment, Execution, Session

if TYPE_CHECKING:
    from pathlib import Path

    from nbtrail.changes import Change
    from nbtrail.records import Run
    from nbtrail.store.protocol import Store

START = 1_790_000_000.0
SESSION = Session(
    id="01SESSION00000000000000000",
    host="here",
    boot_id="boot",
    pid=1,
    process_started=START,
    started=START,
    heartbeat=START,
    python="3.12.1",
)


class Shelf:
    """Writes runs into a project's store; what it wrote can be read at once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.store: Store = project.open(read_only=False)
        self.store.apply([SessionStarted(session=SESSION)])
        self._count = 0

    def add(self, name: str, **parts: Any) -> Run:
        """One finished run. ``metrics`` are numbers, lists, or (steps, values); ``cells`` texts or (cell id, text)."""
        self._count += 1
        run_id = f"01RUN{self._count:021d}"
        at = START + self._count
        changes: list[Change] = [
            RunStarted(run_id=run_id, name=name, session_id=SESSION.id, at=at, notebook=parts.get("notebook"))
        ]
        for key, value in parts.get("params", {}).items():
            changes.append(ParamSet(run_id=run_id, key=key, value=value, at=at))
        for key, points in parts.get("metrics", {}).items():
            changes += _points(run_id, key, points, at)
        changes += _executions(run_id, parts.get("cells", ()), at)
        if "environment" in parts:
            changes.append(EnvironmentSeen(environment=parts["environment"], run_ids=(run_id,)))
        if "tags" in parts:
            changes.append(TagsChanged(run_id=run_id, added=tuple(parts["tags"])))
        if not parts.get("running"):
            changes.append(RunEnded(run_id=run_id, status="finished", at=at + parts.get("seconds", 42.0)))
        self.store.apply(changes)
        return self.store.run(run_id)


def _points(run_id: str, key: str, points: Any, at: float) -> list[Change]:
    if isinstance(points, (int, float)):
        points = [points]
    steps, values = points if isinstance(points, tuple) else (range(len(points)), points)
    return [
        PointsLogged.of(run_id=run_id, at=at + place, points=((key, int(step), float(value)),))
        for place, (step, value) in enumerate(zip(steps, values, strict=True))
    ]


def _executions(run_id: str, cells: Any, at: float) -> list[Change]:
    changes: list[Change] = []
    for number, cell in enumerate(cells, start=1):
        cell_id, source = cell if isinstance(cell, tuple) else (None, cell)
        execution = Execution(
            id=f"01EXE{run_id[-10:]}{number:011d}",
            session_id=SESSION.id,
            number=number,
            cell_id=cell_id,
            source=source,
            started=at + number,
            status="running",
        )
        changes.append(ExecutionStarted(execution=execution, run_ids=(run_id,)))
        changes.append(ExecutionEnded(execution_id=execution.id, at=at + number + 0.5, status="ok"))
    return changes


def environment(**parts: Any) -> Environment:
    """An environment with the given differences from an ordinary one."""
    ordinary = {"python": "3.12.1", "platform": "Linux", "packages": {"numpy": "2.4.6"}, **parts}
    return Environment(id=f"{hash(str(ordinary)):016x}", **ordinary)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "heart-disease"
    folder.mkdir()
    return find_project(folder, environ={})


@pytest.fixture
def shelf(project: Project):
    shelf = Shelf(project)
    yield shelf
    shelf.store.close()


@pytest.fixture
def three(shelf: Shelf) -> Shelf:
    """The three runs of the pictures."""
    fit = "for epoch in range(200):\n    val_loss = fit_one_epoch(model)\nacc = model.score(X_test, y_test)"
    for name, lr, depth, acc, loss, sklearn, tags in (
        ("swift-otter", 0.09, 6, 0.934, [1.2, 0.6, 0.301], "1.8.1", []),
        ("calm-heron", 0.05, 6, 0.922, [1.3, 0.7, 0.362], "1.8.0", ["baseline"]),
        ("bold-lynx", 0.03, 4, 0.901, [1.4, 0.9, 0.419], "1.8.0", []),
    ):
        dropout = ", dropout=0.1" if name == "swift-otter" else ""
        shelf.add(
            name,
            notebook="train.ipynb",
            params={"lr": lr, "depth": depth, "seed": 0},
            metrics={"acc": acc, "val_loss": loss},
            cells=["import numpy as np", f"model = build(lr, depth{dropout})\n{fit}"],
            environment=environment(packages={"scikit-learn": sklearn, "numpy": "2.4.6"}),
            tags=tags,
        )
    return shelf
