"""The cells of an exported comparison, each with the outputs that running it gives."""

from __future__ import annotations

import base64
import inspect
import re
import textwrap
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from nbtrail.reading.charts import bundle, display, draw, draw_comparison, legible
from nbtrail.reading.markdown import code_markdown, differs_markdown, escaped, table_markdown
from nbtrail.reading.text import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.reading.charts import ComparisonData
    from nbtrail.reading.diff import Diff
    from nbtrail.records import Environment, Json, Run
    from nbtrail.store.protocol import Store

_WIDTH: Final = 110
_LARGE_BYTES: Final = 100_000
_FOR_LINTERS: Final = re.compile(r"[ ]{2}# (?:noqa|type: ignore).*")
_SHORT_COMMIT: Final = 10
_MOST_IN_TITLE: Final = 4


def comparison_cells(
    store: Store, comparison: ComparisonData, difference: Diff, *, project: str, at: float
) -> list[dict[str, Any]]:
    """All cells, in order: where it comes from, what differs, data, drawing code, chart, runs, code.

    Parameters
    ----------
    at
        When the notebook is written, in seconds.
    """
    runs, comparison = _run_rows(store, difference.runs), legible(comparison)
    chart, chart_metadata = bundle(draw_comparison(comparison))
    shown = {"output_type": "display_data", "data": chart, "metadata": chart_metadata}
    cells = [
        _markdown("head", _head(store, difference.runs, comparison, project, at)),
        _markdown("differs", differs_markdown(difference)),
        _code("data", _data_source(comparison, runs), hidden=True),
        _code("drawing", _source_of(draw), hidden=True),
        _code("showing", _source_of(display), hidden=True),
        _code("chart", _chart_source(comparison), [shown]),
        _code("runs", 'runs.set_index("name").T', [_table_output(runs, count=5)]),
    ]
    if difference.code:
        cells.append(_markdown("code", code_markdown(difference)))
    for count, cell in enumerate((cell for cell in cells if cell["cell_type"] == "code"), start=1):
        cell["execution_count"] = count
    return cells


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _code(name: str, source: str, outputs: Sequence[Any] = (), *, hidden: bool = False) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"jupyter": {"source_hidden": True}} if hidden else {},
        "execution_count": None,
        "source": source.strip(),
        "outputs": list(outputs),
    }


# --- where it comes from ---------------------------------------------------------------------------


def _head(store: Store, runs: Sequence[Run], comparison: ComparisonData, project: str, at: float) -> str:
    names = [escaped(run.name) for run in runs]
    title = ", ".join(names) if len(names) <= _MOST_IN_TITLE else f"{len(names)} runs"
    heads = ["run", "status", "started (UTC)", "took", "notebook", "commit"]
    rows = [_origin(run, store.environment(run.environment_id) if run.environment_id else None) for run in runs]
    says = (
        "This notebook holds its data and its drawing code, and it needs pandas and altair. Curves have at most 1,000 "
        "points each (MinMaxLTTB), rounded to what can be seen."
    )
    lines = [
        f"# Comparison: {title}",
        "",
        f"From the project **{escaped(project)}**, written on {_moment(at)} UTC.",
        "",
        *table_markdown(heads, rows),
        "",
        says,
    ]
    return "\n".join([*lines, "", comparison.note] if comparison.note else lines)


def _origin(run: Run, environment: Environment | None) -> list[str]:
    took = "" if run.duration_s is None else format_duration(run.duration_s)
    status = f"{run.status}: {run.error}" if run.error else run.status
    fields = [run.name, status, _moment(run.started), took, run.notebook or ""]
    return [*map(escaped, fields), _commit(environment)]


def _commit(environment: Environment | None) -> str:
    if environment is None or not environment.git_commit:
        return ""
    branch = f" on {escaped(environment.git_branch)}" if environment.git_branch else ""
    return f"`{environment.git_commit[:_SHORT_COMMIT]}`{branch}{', with changes' if environment.git_dirty else ''}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


# --- data ------------------------------------------------------------------------------------------


def _run_rows(store: Store, runs: Sequence[Run]) -> list[dict[str, Json]]:
    """One row a run, with only what it has; params before metrics, each by name."""
    rows: dict[str, dict[str, Json]] = {
        run.id: {"name": run.name, "status": run.status, "started": _moment(run.started)} for run in runs
    }
    for run in runs:
        optional = {"duration": run.duration_s, "notebook": run.notebook, "tags": ", ".join(run.tags), "note": run.note}
        rows[run.id] |= {key: value for key, value in optional.items() if value not in {None, ""}}
    for param in store.params(list(rows)):
        rows[param.run_id][f"params.{param.key}"] = param.value
    for metric in store.metrics(list(rows)):
        rows[metric.run_id][f"metrics.{metric.key}"] = metric.last
    return list(rows.values())


def _table_output(rows: Sequence[dict[str, Json]], *, count: int) -> dict[str, Any]:
    # What the recipient would see, whatever options this process has set.
    plain = ("display.max_rows", 60, "display.max_columns", 20, "display.width", 80, "display.precision", 6)
    with pd.option_context(*plain):
        table = pd.DataFrame(list(rows)).set_index("name").T
        data = {"text/html": table.to_html(notebook=True), "text/plain": repr(table)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}


def _data_source(comparison: ComparisonData, runs: Sequence[dict[str, Json]]) -> str:
    finals = [tuple(row) for row in comparison.finals.astype(object).to_numpy().tolist()]
    columns = list(comparison.finals.columns)
    return "\n".join(
        [
            "import pandas as pd",
            "",
            'nan, inf = float("nan"), float("inf")',
            f"runs = pd.DataFrame({_listed(runs)})",
            f"colors = {comparison.colors!r}",
            f"finals = pd.DataFrame({_listed(finals)}, columns={columns!r})",
            _curves_source(comparison.curves),
        ]
    )


def _listed(rows: Sequence[object]) -> str:
    """A list with one row a line."""
    return "".join(["[\n", *(f"    {row!r},\n" for row in rows), "]"])


def _curves_source(curves: pd.DataFrame) -> str:
    """Readable lists; where they would be large, a compressed table."""
    if curves.empty:
        return 'curves = pd.DataFrame({"run": [], "part": [], "step": [], "value": []})'
    groups = curves.groupby(["run", "part"], sort=False)
    lines = [_line_source(str(run), int(str(part)), points) for (run, part), points in groups]
    readable = "".join(["curves = pd.concat([\n", *lines, "], ignore_index=True)"])
    return readable if len(readable) <= _LARGE_BYTES else _packed_source(curves)


def _line_source(run: str, part: int, points: pd.DataFrame) -> str:
    steps, values = points["step"].tolist(), points["value"].tolist()
    columns = f"{_column('step', steps)}{_column('value', values)}"
    return f"    pd.DataFrame({{\n        'run': {run!r}, 'part': {part},\n{columns}    }}),\n"


def _column(name: str, values: list[object]) -> str:
    wrapped = textwrap.fill(repr(values)[1:-1], _WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 12)
    return f"        {name!r}: [\n{wrapped}\n        ],\n"


def _packed_source(curves: pd.DataFrame) -> str:
    packed = base64.b64encode(zlib.compress(curves.to_csv(index=False).encode(), 9)).decode()
    return "\n".join(
        [
            "import base64, io, zlib",
            "",
            '# A table "run,part,step,value" as CSV; a missing value is a gap.',
            'packed = """',
            textwrap.fill(packed, _WIDTH),
            '"""',
            "table = io.BytesIO(zlib.decompress(base64.b64decode(packed)))",
            'curves = pd.read_csv(table, dtype={"run": str}, keep_default_na=False, na_values={"value": [""]})',
        ]
    )


# --- drawing ---------------------------------------------------------------------------------------


def _source_of(module: Any) -> str:
    return _FOR_LINTERS.sub("", inspect.getsource(module))


def _chart_source(comparison: ComparisonData) -> str:
    note = f", note={comparison.note!r}" if comparison.note else ""
    return f"show(comparison_chart(curves, finals, colors, metric={comparison.metric!r}{note}))"
