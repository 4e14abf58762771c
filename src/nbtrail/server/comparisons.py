"""Comparisons: the drawn one on the wire, and the one that becomes a notebook.

The reading room is imported when it is needed: it brings pandas and Altair, and most requests do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbtrail.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.project import Project
    from nbtrail.reading.charts import ComparisonData
    from nbtrail.reading.diff import Diff
    from nbtrail.records import Run
    from nbtrail.server.places import Place
    from nbtrail.server.requests import ComparisonRequest
    from nbtrail.store.protocol import Store

_EXPORTED: Final = "comparison.ipynb"


def comparison_payload(store: Store, project: Project, asked: ComparisonRequest) -> dict[str, Any]:
    """A ``Comparison``.

    Raises
    ------
    RunNotFoundError, MetricNotFoundError
        A run, or the metric, is not there.
    InputError
        The baseline is none of the runs.
    """
    from nbtrail.reading.charts import draw_comparison, prepare_comparison, vegalite5
    from nbtrail.reading.diff import diff_runs
    from nbtrail.reading.frames import find_runs

    found, settings = find_runs(store, asked.runs), project.settings()
    baseline = _baseline_id(store, found, asked.baseline)
    prepared = prepare_comparison(store, found, asked.metric, settings)
    compared = found[: len(prepared.runs)]
    if baseline not in {run.id for run in compared}:
        baseline = None
    diff = diff_runs(store, compared, settings, baseline=baseline)
    return {
        "title": f"Compare: {len(found)} run{'' if len(found) == 1 else 's'}",
        "runs": _runs_payload(compared, prepared, diff),
        "metric": prepared.metric,
        "metrics": list(prepared.metrics),
        "spec": vegalite5(draw_comparison(prepared)),
        "differs": _diff_payload(diff),
    }


def export_payload(store: Store, place: Place, asked: ComparisonRequest) -> dict[str, Any]:
    """Write a comparison notebook into the folder of a place, under a name that is free, and say where.

    Raises
    ------
    RunNotFoundError, MetricNotFoundError
        A run, or the metric, is not there.
    InputError
        The folder is not there, or cannot be written.
    """
    from nbtrail.reading.export import export_runs, unique_path
    from nbtrail.reading.frames import find_runs

    project = place.project
    written = export_runs(
        store,
        find_runs(store, asked.runs),
        unique_path(place.folder / _EXPORTED),
        metric=asked.metric,
        settings=project.settings(),
        project=project.name,
    )
    return {"path": place.seen_from_root(written)}


def _baseline_id(store: Store, runs: Sequence[Run], wanted: str | None) -> str | None:
    if wanted is None:
        return None
    baseline = store.run(wanted)
    if baseline.id not in {run.id for run in runs}:
        msg = f"the baseline {baseline.name!r} is none of the runs that are compared. Add it, or name one of them."
        raise InputError(msg)
    return baseline.id


def _runs_payload(runs: Sequence[Run], prepared: ComparisonData, diff: Diff) -> list[dict[str, Any]]:
    return [
        {
            "id": run.id,
            "name": run.name,
            "status": run.status,
            "baseline": place == diff.baseline,
            "color": prepared.colors[run.name],
        }
        for place, run in enumerate(runs)
    ]


def _diff_payload(diff: Diff) -> dict[str, Any]:
    return {
        "summary": diff.summary,
        "rows": [
            {
                "level": row.level,
                "name": row.name,
                "label": row.label,
                "values": list(row.texts()),
                "differs": row.differs,
                "best": row.best,
                "deltas": row.deltas
                and [delta and {"text": delta.text, "better": delta.better} for delta in row.deltas],
            }
            for row in diff.rows
        ],
        "code": [
            {"title": cell.title, "lines": [{"op": line.op, "text": line.text} for line in cell.lines]}
            for cell in diff.code
        ],
    }
