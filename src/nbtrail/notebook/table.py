"""``%track runs``: the table's state, and its display."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.lexicon import choose_metric
from nbtrail.ids import new_id
from nbtrail.notebook.outputs import OWN_DISPLAYS
from nbtrail.notebook.static_html import table_html
from nbtrail.reading.text import format_ago, format_duration, format_number, format_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbtrail.records import Json, Metric, Param, Run
    from nbtrail.settings import Settings

_MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 6
"""Of params, and of metrics, where the project names no columns."""


def show_runs(filter_text: str, *, is_live: bool) -> Callable[[], None]:
    """Display the runs that a filter takes, newest first.

    Parameters
    ----------
    filter_text
        In the filter language; empty takes all.
    is_live
        Show a widget that sorts by a click.

    Returns
    -------
    Callable
        Puts HTML in the widget's place, which a saved notebook shows without a kernel.

    Raises
    ------
    FilterError
        The filter has a mistake.
    StoreError
        The store cannot be read.
    """
    from IPython.display import display

    state = read_table(filter_text)
    static = {"text/html": table_html(state), "text/plain": table_text(state)}
    live = _widget_bundle(state) if is_live else {}
    handle = display(static | live, raw=True, display_id=f"{OWN_DISPLAYS}{new_id()}")
    return lambda: handle.update(static, raw=True) if live else None


def read_table(filter_text: str) -> dict[str, Any]:
    """The state of the table of the runs that a filter takes; ``docs/widgets.md`` says what it holds."""
    from nbtrail.store.protocol import RunQuery
    from nbtrail.store.query import parse_filter
    from nbtrail.tracking import reader

    with reader() as reading:
        where = parse_filter(filter_text, reading.store.names())
        query = RunQuery(where=where, limit=_MOST_ROWS)
        runs = reading.store.runs(query)
        ids = [run.id for run in runs]
        settings = reading.project.settings()
        with_system = any(key.startswith("metrics.system/") for key in settings.columns)
        params, metrics = reading.store.params(ids), reading.store.metrics(ids, system=with_system)
        return table_state(runs, params, metrics, settings, total=reading.store.count(query))


def table_state(
    runs: Sequence[Run], params: Sequence[Param], metrics: Sequence[Metric], settings: Settings, *, total: int
) -> dict[str, Any]:
    """The table of some runs: when they started, how long they took, their tags, metrics and params."""
    values: dict[tuple[str, str], Json] = {(one.run_id, f"params.{one.key}"): one.value for one in params}
    values |= {(one.run_id, f"metrics.{one.key}"): one.last for one in metrics}
    keys = list(settings.columns) or [*_metric_columns(metrics, settings), *_param_columns(params, len(runs))]
    numeric = {key: _is_numeric(key, values) for key in keys}
    columns = [
        {"key": "started", "label": "started", "numeric": True},
        {"key": "duration", "label": "took", "numeric": True},
        {"key": "tags", "label": "tags", "numeric": False},
        *({"key": key, "label": key.partition(".")[2] or key, "numeric": numeric[key]} for key in keys),
    ]
    now = time.time()
    return {"columns": columns, "rows": [_row(run, keys, values, now) for run in runs], "total": total}


def table_text(state: Mapping[str, Any]) -> str:
    """The table as plain text."""
    rows = [["run", "status", *(column["label"] for column in state["columns"])]]
    rows += [[row["name"], row["status"], *row["cells"]] for row in state["rows"]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if not state["rows"]:
        return "no run matches"
    return "\n".join([*lines, f"{len(state['rows'])} of {state['total']} runs"])


def _widget_bundle(state: dict[str, Any]) -> dict[str, Any]:
    try:
        from nbtrail.widgets import RunsTable

        found = RunsTable(state=state)._repr_mimebundle_()
    except Exception:  # noqa: BLE001 - without widgets the table stands as it is
        return {}
    data = found[0] if isinstance(found, tuple) else found
    return {mime: value for mime, value in (data or {}).items() if mime.endswith("widget-view+json")}


def _row(run: Run, keys: Sequence[str], values: Mapping[tuple[str, str], Json], now: float) -> dict[str, Any]:
    took = (run.ended or now) - run.started
    own = [values.get((run.id, key)) for key in keys]
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "cells": [
            f"{format_ago(run.started, now=now)} ago", format_duration(took), ", ".join(run.tags),
            *("" if value is None else _text(value) for value in own),
        ],
        "order": [run.started, took, ", ".join(run.tags) or None, *(_order(value) for value in own)],
    }  # fmt: skip


def _metric_columns(metrics: Sequence[Metric], settings: Settings) -> list[str]:
    counts = dict(Counter(metric.key for metric in metrics))
    keys = [settings.metric] if settings.metric in counts else []
    while counts and len(keys) < _MOST_COLUMNS:
        chosen = choose_metric({key: count for key, count in counts.items() if key not in keys})
        if chosen is None:
            break
        keys.append(chosen)
    return [f"metrics.{key}" for key in keys]


def _param_columns(params: Sequence[Param], runs: int) -> list[str]:
    """Params that differ first, then those of most runs."""
    texts: dict[str, list[str]] = {}
    for param in params:
        texts.setdefault(param.key, []).append(_text(param.value))

    def rank(key: str) -> tuple[bool, int]:
        is_same = len(set(texts[key])) == 1 and len(texts[key]) == runs
        return is_same, -len(texts[key])

    return [f"params.{key}" for key in sorted(texts, key=rank)[:_MOST_COLUMNS]]


def _is_numeric(key: str, values: Mapping[tuple[str, str], Json]) -> bool:
    own = [value for (_, name), value in values.items() if name == key]
    return bool(own) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in own)


def _text(value: Json) -> str:
    text = format_number(value) if isinstance(value, float) else format_value(value)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - what a table's cell can hold


def _order(value: Json) -> float | str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None if value is None else _text(value)
    return float(value) if math.isfinite(value) else None
