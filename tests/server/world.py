"""The runs that the golden files in ``tests/wire`` tell of, as changes for a real store."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nbtrail.changes import (
    ArtifactKept,
    Change,
    DatasetSeen,
    EnvironmentSeen,
    ExecutionStarted,
    ParamSet,
    PointsLogged,
    RunEdited,
    RunEnded,
    RunStarted,
    SessionStarted,
    TagsChanged,
)
from nbtrail.machine.liveness import this_process
from nbtrail.records import Artifact, Dataset, DatasetUse, Environment, Execution, Session

if TYPE_CHECKING:
    from nbtrail.store.protocol import Store

T = 1790000000.25
HERON, FINCH, LYNX, WREN, OTTER = (f"01K5J0{number}00000000000000000{number:02d}" for number in range(5))
ALIVE, DEAD = "01K5J0S0000000000000000001", "01K5J0S0000000000000000002"


def fill(store: Store) -> None:
    """Five runs: finished (the baseline), failed, interrupted, lost, running."""
    for changes in (_sessions(), _heron(), _finch(), _lynx(), _wren(), _otter()):
        store.apply(changes)


def session(session_id: str = ALIVE, **other) -> Session:
    """A session of this process, so that its runs are alive."""
    facts = this_process()
    known = {
        "id": session_id,
        "host": facts.host,
        "boot_id": facts.boot_id,
        "pid": facts.pid,
        "process_started": facts.process_started,
        "started": T - 7300,
        "heartbeat": T - 540.5,
    }
    return Session(**(known | other))


def started(run_id: str, name: str, at: float, **other) -> RunStarted:
    return RunStarted(run_id=run_id, name=name, session_id=other.pop("session_id", ALIVE), at=at, **other)


def curve(run_id: str, key: str, *values: float, at: float = T, **other) -> list[PointsLogged]:
    return [
        PointsLogged.of(run_id=run_id, at=at + step, points=((key, step, value),), **other)
        for step, value in enumerate(values)
    ]


def param(run_id: str, key: str, value, **other) -> ParamSet:
    return ParamSet(run_id=run_id, key=key, value=value, at=T, **other)


def _sessions() -> list[Change]:
    # No machine has this start: the process of the second session is gone.
    return [SessionStarted(session=session()), SessionStarted(session=session(DEAD, boot_id="an earlier start"))]


def _heron() -> list[Change]:
    return [
        started(HERON, "calm-heron", T - 7200, notebook="first/explore.ipynb"),
        param(HERON, "depth", 4),
        param(HERON, "lr", 0.05),
        *curve(HERON, "acc", 0.922),
        *curve(HERON, "val_loss", 1.3, 0.7, 0.45),
        TagsChanged(run_id=HERON, added=("baseline",)),
        *(ExecutionStarted(execution=cell, run_ids=(HERON,)) for cell in _earlier_cells()),
        EnvironmentSeen(environment=_environment("e0", scikit_learn="1.8.0"), run_ids=(HERON,)),
        *(DatasetSeen(use=use) for use in _uses(HERON, "3f2a", rows=1437)),
        RunEnded(run_id=HERON, status="finished", at=T - 7158),
    ]


def _finch() -> list[Change]:
    return [
        started(FINCH, "bold-finch", T - 3600, notebook="train.ipynb"),
        param(FINCH, "depth", 12),
        param(FINCH, "lr", math.inf),
        param(FINCH, "prompt", "x" * 5000),
        *curve(FINCH, "acc", 0.901),
        *curve(FINCH, "val_loss", 0.9, math.inf, math.nan),
        RunEnded(run_id=FINCH, status="failed", at=T - 3557.5, error="ValueError in [14]: shapes do not match"),
    ]


def _lynx() -> list[Change]:
    return [
        started(LYNX, "quiet-lynx", T - 1800, notebook="train.ipynb"),
        param(LYNX, "layers", [64, 64]),
        param(LYNX, "lr", 0.01),
        RunEnded(run_id=LYNX, status="interrupted", at=T - 1790),
    ]


def _wren() -> list[Change]:
    return [
        started(WREN, "brisk-wren", T - 600, session_id=DEAD),
        param(WREN, "depth", 3),
        param(WREN, "lr", 0.5),
        param(WREN, "model", "forest"),
        *curve(WREN, "acc", 0.88),
        TagsChanged(run_id=WREN, added=("sweep",)),
    ]


def _otter() -> list[Change]:
    return [
        started(OTTER, "swift-otter", T, notebook="train.ipynb", parent_id=HERON),
        param(OTTER, "depth", 6),
        param(OTTER, "lr", 0.1),
        param(OTTER, "lr", 0.09, origin="inferred", reason="literal in cell 11, read by cell 12"),
        *curve(OTTER, "acc", 0.934, origin="inferred", reason="name matches 'acc'"),
        *curve(OTTER, "val_loss", 1.2, 0.8, 0.4, 0.301),
        TagsChanged(run_id=OTTER, added=("sweep",)),
        RunEdited(run_id=OTTER, field="starred", value=True),
        RunEdited(run_id=OTTER, field="note", value="why it works"),
        *(ExecutionStarted(execution=cell, run_ids=(OTTER,)) for cell in _cells()),
        EnvironmentSeen(environment=_environment("e1", scikit_learn="1.8.1"), run_ids=(OTTER,)),
        ArtifactKept(artifact=_artifact()),
        *(DatasetSeen(use=use) for use in _uses(OTTER, "9c1b", rows=1400)),
    ]


def _earlier_cells() -> list[Execution]:
    return [
        Execution(
            id="01K5J0E0000000000000000004", session_id=ALIVE, number=11, cell_id="a1b1", source="lr = 0.05\ndepth = 4",
            started=T - 7200, ended=T - 7199, status="ok",
        ),
        Execution(
            id="01K5J0E0000000000000000005", session_id=ALIVE, number=12, cell_id="a1b2",
            source="model = build(lr)\nfit(model)", started=T - 7199, ended=T - 7158, status="ok",
        ),
    ]  # fmt: skip


def _cells() -> list[Execution]:
    return [
        Execution(
            id="01K5J0E0000000000000000001", session_id=ALIVE, number=11, cell_id="a1b1", source="lr = 0.09\ndepth = 6",
            started=T, ended=T + 0.25, status="ok",
        ),
        Execution(
            id="01K5J0E0000000000000000002", session_id=ALIVE, number=12, cell_id="a1b2",
            source="model = build(lr, depth)\nfit(model)", started=T + 1, ended=T + 43, status="error",
            error="ValueError: shapes do not match",
        ),
        Execution(
            id="01K5J0E0000000000000000003", session_id=ALIVE, source="acc = model.score(X_test, y_test)",
            started=T + 60, status="running",
        ),
    ]  # fmt: skip


def _environment(environment_id: str, *, scikit_learn: str) -> Environment:
    return Environment(
        id=environment_id,
        python="3.12.1",
        platform="Linux-6.1-x86_64",
        packages={"numpy": "2.4.6", "scikit-learn": scikit_learn},
        git_commit="0123abcd" * 5,
        git_branch="main",
        git_dirty=True,
        git_remote="https://github.com/ada/heart.git",
        hardware={"cpu": "AMD EPYC 7763", "cpu_count": 8, "memory_bytes": 16_000_000_000, "os": "Debian GNU/Linux 12"},
        modules={"features/ages.py": "5c5c" * 16},
    )


def _uses(run_id: str, digest: str, *, rows: int) -> list[DatasetUse]:
    frame = Dataset(
        digest=digest * 8,
        name="train",
        kind="pandas.DataFrame",
        shape=(rows, 3),
        size=rows * 24,
        schema={"age": "float64", "sex": "str", "when": "datetime64[us]"},
        profile={
            "age": {"missing": 3, "mean": 54.4, "quantiles": [29.0, 47.0, 56.0, 61.0, 77.0]},
            "sex": {"missing": 0, "distinct": 2, "top": [["m", 900], ["f", rows - 900]]},
            "when": {"rows": 1000, "missing": 0, "quantiles": ["2026-01-01"] * 4 + ["2026-02-01"]},
        },
        sampled=digest == "9c1b",
    )
    file = Dataset(digest="77aa" * 8, name="data/heart.csv", kind="file", size=31204)
    return [
        DatasetUse(run_id=run_id, role="read", name=one.name, dataset=one, execution_id="01K5J0E0000000000000000002")
        for one in (frame, file)
    ]


def _artifact() -> Artifact:
    return Artifact(run_id=OTTER, path="model.joblib", digest="ab12" * 16, size=1024, mime="application/octet-stream")
