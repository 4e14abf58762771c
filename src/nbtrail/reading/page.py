"""A comparison as one file: a web page that needs no network, a picture, or the chart's specification."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrail.errors import InputError
from nbtrail.reading.charts import draw_comparison, prepare_comparison, vegalite5
from nbtrail.reading.diff import diff_runs
from nbtrail.reading.frames import find_runs
from nbtrail.reading.table_files import ending, refuse_taken, replacing
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.project import Project

SUFFIXES = (".html", ".png", ".svg", ".json")
_VEGALITE = "5.21"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }}
h1 {{ font-size: 1.3rem; }}
#chart {{ overflow-x: auto; }}
#chart svg {{ background: none; }}
</style>
<script>{library}</script>
</head>
<body>
<h1>{title}</h1>
<div id="chart"></div>
{differs}
<script>
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
vegaEmbed('#chart', {spec}, {{renderer: 'svg', actions: false, ...(dark ? {{theme: 'dark'}} : {{}})}});
</script>
</body>
</html>
"""


def write_comparison(
    path: str | Path,
    runs: Sequence[str],
    *,
    metric: str | None = None,
    force: bool = False,
    project: Project | str | Path | None = None,
) -> Path:
    """Draw a comparison into a file.

    Parameters
    ----------
    path
        Ends in ``.html`` (chart and table of what differs, 0.9 MB, opens without a network), ``.png``, ``.svg`` or
        ``.json`` (Vega-Lite 5).
    runs
        Names or ids; the order is kept.
    metric
        The metric whose curves are drawn; chosen as ``compare`` does if left out.
    force
        Replace a file that is there.

    Raises
    ------
    FileTakenError
        A file is there.
    InputError
        Another suffix, or a path that cannot be written.
    RunNotFoundError, MetricNotFoundError
        A run, or the metric, is not in the store.
    """
    target = Path(path)
    suffix = f".{ending(target)}"
    if suffix not in SUFFIXES:
        msg = f"{target.name!r} has no suffix that can be drawn: use {', '.join(SUFFIXES)}."
        raise InputError(msg)
    refuse_taken(target, force=force)
    with reader(project) as reading:
        found = find_runs(reading.store, runs)
        settings = reading.project.settings()
        spec = vegalite5(draw_comparison(prepare_comparison(reading.store, found, metric, settings)))
        differs = diff_runs(reading.store, found, settings)._repr_html_()
    title = f"{', '.join(run.name for run in found)} · {reading.project.name}"
    content = _render(suffix, spec, title, differs)
    with replacing(target, force=force) as file:
        file.write(content)
    return target


def _render(suffix: str, spec: dict[str, Any], title: str, differs: str) -> bytes:
    import vl_convert

    if suffix == ".json":
        return json.dumps(spec, indent=1).encode()
    if suffix == ".png":
        png: bytes = vl_convert.vegalite_to_png(json.dumps(spec), vl_version=_VEGALITE, scale=2)
        return png
    if suffix == ".svg":
        return str(vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=_VEGALITE)).encode()
    library = vl_convert.javascript_bundle(vl_version=_VEGALITE)  # type: ignore[call-arg] # "snippet" has a default
    # A run may be called "</script>".
    safe = json.dumps(spec).replace("<", "\\u003c")
    return _PAGE.format(title=html.escape(title), library=library, spec=safe, differs=differs).encode()
