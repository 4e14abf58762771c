"""Makes the store of this folder that stands for one version of the schema, with that version's own code.

    git archive COMMIT src | tar -x -C TMP
    PYTHONPATH=TMP/src python tests/store/versions/make.py 0006

writes ``0006.db`` and ``0006.json``, what the code of that time itself read from it. The commits were ``8ada6e3^`` for
0004, ``c8f2d01^`` for 0005 and ``4815070`` for 0006.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import fields
from pathlib import Path

from nbtrail import records
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery

try:
    from nbtrail import changes
except ImportError:
    # They were among the records until 0006.
    changes = records

START = 1_790_000_000.0
VALUES = (0.5, 0.1, math.nan, math.inf, -math.inf, 5e-324, -0.0, 0.1 + 0.2)
RUNS = ("01JOTTER000000000000000000", "01JHERON000000000000000000", "01JLYNX0000000000000000000")


def make(path: Path) -> None:
    """Write the store."""
    store = open_store(path)
    otter, heron, lynx = RUNS
    store.apply(
        [_session(), *_run(otter, "swift-otter", at=START), *_cells(otter), *_run(heron, "calm-heron", at=START + 100)]
    )
    store.apply(
        [*_run(lynx, "bold-lynx", at=START + 200), changes.RunEdited(run_id=lynx, field="trashed", value=START + 300)]
    )
    # Many small transactions, as a live run makes them.
    for step in range(40):
        store.apply([_points(heron, step)])
    ends = [changes.RunEnded(run_id=run_id, status="finished", at=START + 250) for run_id in (otter, lynx)]
    ends.append(changes.RunEnded(run_id=heron, status="failed", at=START + 260, error="ValueError: no"))
    store.apply([*ends, changes.SessionEnded(session_id="S1", at=START + 270)])
    store.close()


def _session():
    facts = {
        "host": "laptop",
        "boot_id": "b",
        "pid": 1,
        "process_started": 1.0,
        "kernel_id": "k",
        "notebook": "train.ipynb",
    }
    return changes.SessionStarted(
        session=_made(records.Session, id="S1", python="3.11.7", started=START, heartbeat=START, ended=None, **facts)
    )


def _run(run_id, name, *, at):
    yield changes.RunStarted(
        run_id=run_id, name=name, session_id="S1", at=at, utc_offset_s=3600, notebook="train.ipynb"
    )
    for value in (0.1, 0.01):
        yield changes.ParamSet(run_id=run_id, key="lr", value=value, at=at + value)
    yield changes.ParamSet(run_id=run_id, key="layers", value=[64, {"wide": True}], at=at)
    yield changes.TagsChanged(run_id=run_id, added=("sweep", "ä"))
    yield changes.RunEdited(run_id=run_id, field="note", value="first\ntry")
    for step, value in enumerate(VALUES):
        yield _points(run_id, step, value)


def _points(run_id, step, value=0.25):
    made = getattr(changes.PointsLogged, "of", changes.PointsLogged)
    return made(run_id=run_id, at=START + step / 8, points=(("loss", 3 - step, value), ("acc", step, step / 7)))


def _cells(run_id):
    cell = _made(
        records.Execution,
        id="E1",
        session_id="S1",
        number=1,
        cell_id="c",
        source="lr = 0.1",
        started=START,
        ended=None,
        status="running",
        error=None,
        reads=(),
        writes=(),
    )
    yield changes.ExecutionStarted(execution=cell, run_ids=(run_id,))
    for position, text in enumerate(("one\n", "two\n")):
        yield changes.OutputKept(
            output=_made(
                records.Output,
                execution_id="E1",
                position=position,
                bundle=position,
                kind="stream",
                mime="text/plain",
                text=text,
                blob=None,
                size=4,
                cut=False,
                metadata={},
            )
        )
    yield changes.ExecutionEnded(execution_id="E1", at=START + 1, status="ok", reads=("x",), writes=("lr",))
    facts = {"git_commit": "abc", "git_branch": "main", "git_remote": None, "git_dirty": False, "git_diff": None}
    environment = _made(
        records.Environment,
        id="env",
        python="3.11.7",
        platform="Linux",
        packages={"numpy": "2"},
        hardware={},
        modules={},
        **facts,
    )
    yield changes.EnvironmentSeen(environment=environment, run_ids=(run_id,))
    artifact = _made(
        records.Artifact,
        run_id=run_id,
        path="model.joblib",
        digest="ab" * 32,
        size=3,
        mime="text/plain",
        metadata={},
        at=START,
    )
    yield changes.ArtifactKept(artifact=artifact)


def _made(record, /, **values):
    """A record of any version: what it does not know yet is left out."""
    known = {field.name for field in fields(record)}
    return record(**{name: value for name, value in values.items() if name in known})


def told(store) -> dict:
    """What a store says of its runs, as JSON."""
    runs = [*store.runs(RunQuery()), *store.runs(RunQuery(trashed=True))]
    return {run.name: _told_run(store, run) for run in runs}


def _told_run(store, run) -> dict:
    cells = store.executions(run.id)
    metrics = store.metrics([run.id])
    return {
        "run": _texts(run, "id status started ended notebook note tags error trashed environment_id utc_offset_s"),
        "params": [_texts(param, "key value earlier origin at") for param in store.params([run.id])],
        "metrics": [_texts(metric, "key last last_step min max sum count nan_count") for metric in metrics],
        "points": {metric.key: _told_series(store.series(run.id, metric.key)) for metric in metrics},
        "cells": [_texts(cell, "id number source status reads writes") for cell in cells],
        "outputs": [_texts(one, "position kind mime text size") for one in store.outputs([cell.id for cell in cells])],
        "artifacts": [_texts(one, "path digest size") for one in store.artifacts(run.id)],
        "python": getattr(store.environment(run.environment_id or ""), "python", None),
    }


def _told_series(series) -> list[str]:
    return [
        f"{s} {t!r} {v!r}"
        for s, t, v in zip(series.steps.tolist(), series.times.tolist(), series.values.tolist(), strict=True)
    ]


def _texts(record, names: str) -> dict[str, str]:
    return {name: repr(getattr(record, name)) for name in names.split()}


if __name__ == "__main__":
    path = Path(__file__).with_name(f"{sys.argv[1]}.db")
    make(path)
    reading = open_store(path, read_only=True)
    path.with_suffix(".json").write_text(
        json.dumps(told(reading), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    reading.close()
