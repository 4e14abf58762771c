"""The shapes of ``docs/http.md``, from records. What draws a comparison stands in ``comparisons``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbtrail.server.datasets import datasets_payload
from nbtrail.server.numbers import wire_value
from nbtrail.server.rows import RowFields, choose_yardstick, metric_summary, run_rows
from nbtrail.store.conditions import Compare, Field
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter, parse_sort

if TYPE_CHECKING:
    from nbtrail.project import Project
    from nbtrail.records import Environment, Execution, Run
    from nbtrail.server.places import Place
    from nbtrail.server.requests import GroupsRequest, PageRequest
    from nbtrail.server.sparks import Sparks
    from nbtrail.settings import Settings
    from nbtrail.store.listing import GroupKey
    from nbtrail.store.protocol import Store

_RUNNING = Compare(Field("run", "status"), "==", "running")


def runs_page(store: Store, place: Place, asked: PageRequest, sparks: Sparks) -> dict[str, Any]:
    """A ``RunsPage``.

    Raises
    ------
    FilterError
        The filter or the sort key has a mistake.
    """
    revision, names, settings = store.revision(), store.names(), place.project.settings()
    where, sort = parse_filter(asked.filter, names), parse_sort(asked.sort)
    yardstick = choose_yardstick(store, settings, names.metrics, asked.metric)
    fields = RowFields(params=asked.params, summaries=asked.summaries)
    baseline = yardstick.baseline
    runs = store.runs(RunQuery(where=where, sort=sort, limit=asked.limit, offset=asked.offset))
    total = store.count(RunQuery())
    return {
        "project": project_payload(place),
        "revision": revision,
        "total": total,
        "matched": total if where is None else store.count(RunQuery(where=where)),
        "running": store.count(RunQuery(where=_RUNNING)),
        "metric": yardstick.metric and {"name": yardstick.metric, "direction": yardstick.direction},
        "metrics": [name for name in names.metrics if not name.startswith("system/")],
        "baseline": baseline and {"id": baseline.id, "name": baseline.name},
        "names": {
            "params": list(names.params),
            "metrics": list(names.metrics),
            "tags": list(names.tags),
            "notebooks": list(names.notebooks),
        },
        "offset": asked.offset,
        "runs": run_rows(store, runs, yardstick, sparks, fields),
    }


def empty_page(place: Place, asked: PageRequest) -> dict[str, Any]:
    """The ``RunsPage`` of a project without a store.

    Raises
    ------
    FilterError
        The filter or the sort key has a mistake.
    """
    parse_filter(asked.filter)
    parse_sort(asked.sort)
    return {
        "project": project_payload(place),
        "revision": 0,
        "total": 0,
        "matched": 0,
        "running": 0,
        "metric": None,
        "metrics": [],
        "baseline": None,
        "names": {"params": [], "metrics": [], "tags": [], "notebooks": []},
        "offset": asked.offset,
        "runs": [],
    }


def project_payload(place: Place) -> dict[str, Any]:
    """Which project a place belongs to."""
    project = place.project
    return {
        "id": project.id,
        "name": project.name,
        "root": str(project.root),
        "path": place.seen_from_root(project.root),
        "exists": project.exists,
    }


def groups_payload(store: Store, asked: GroupsRequest) -> dict[str, Any]:
    """How the runs fall into ``Group``s.

    Raises
    ------
    FilterError
        The filter has a mistake.
    """
    where = parse_filter(asked.filter, store.names())
    total = store.group_counts(RunQuery(), asked.by)
    matched = store.group_counts(RunQuery(where=where), asked.by)
    keys = sorted(total, key=lambda key: (key is None, key))
    return {
        "groups": [
            {"key": key, "filter": _group_filter(asked.by, key), "matched": matched.get(key, 0), "total": total[key]}
            for key in keys
        ]
    }


def no_groups(asked: GroupsRequest) -> dict[str, Any]:
    """The groups of a project without a store.

    Raises
    ------
    FilterError
        The filter has a mistake.
    """
    parse_filter(asked.filter)
    return {"groups": []}


def run_row(store: Store, project: Project, wanted: str, sparks: Sparks) -> dict[str, Any]:
    """The ``RunRow`` of one run.

    Raises
    ------
    RunNotFoundError
        There is no such run.
    """
    return _row(store, store.run(wanted), project.settings(), sparks)


def run_details(store: Store, project: Project, wanted: str, sparks: Sparks) -> dict[str, Any]:
    """The ``RunDetails`` of one run.

    Raises
    ------
    RunNotFoundError
        There is no such run.
    """
    run = store.run(wanted)
    environment = store.environment(run.environment_id) if run.environment_id else None
    return {
        "run": _row(store, run, project.settings(), sparks),
        "params": [
            {
                "key": param.key,
                "value": wire_value(param.value),
                "origin": param.origin,
                "reason": param.reason,
                "earlier": [wire_value(value) for value in param.earlier],
            }
            for param in store.params([run.id])
        ],
        "metrics": [
            {"key": metric.key, **metric_summary(metric), "origin": metric.origin, "reason": metric.reason}
            for metric in store.metrics([run.id], system=True)
        ],
        "executions": [_execution(execution) for execution in store.executions(run.id)],
        "environment": environment and _environment(environment),
        "datasets": datasets_payload(store.datasets([run.id])),
        "artifacts": [
            {"path": artifact.path, "size": artifact.size, "mime": artifact.mime, "digest": artifact.digest}
            for artifact in store.artifacts(run.id)
        ],
    }


def _row(store: Store, run: Run, settings: Settings, sparks: Sparks) -> dict[str, Any]:
    yardstick = choose_yardstick(store, settings, store.names().metrics, None)
    (row,) = run_rows(store, [run], yardstick, sparks, RowFields())
    return row


def _execution(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.id,
        "number": execution.number,
        "cell_id": execution.cell_id,
        "source": execution.source,
        "started": execution.started,
        "duration_s": None if execution.ended is None else execution.ended - execution.started,
        "status": execution.status,
        "error": execution.error,
    }


def _environment(environment: Environment) -> dict[str, Any]:
    return {
        "python": environment.python,
        "platform": environment.platform,
        "packages": environment.packages,
        "git_commit": environment.git_commit,
        "git_branch": environment.git_branch,
        "git_dirty": environment.git_dirty,
        "git_remote": environment.git_remote,
        "modules": sorted(environment.modules),
        "hardware": environment.hardware,
    }


def _group_filter(by: GroupKey, key: str | None) -> str:
    if key is None:
        return "not tags" if by == "tag" else f"{by} is None"
    text = json.dumps(key, ensure_ascii=False)
    return f"{text} in tags" if by == "tag" else f"{by} == {text}"
