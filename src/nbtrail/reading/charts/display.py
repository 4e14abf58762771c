"""Showing charts where notebooks are read: JupyterLab and Notebook 7 know Vega-Lite 5, and nbconvert takes a picture.

It needs nothing but Altair's charts (and vl-convert for the picture), so that exported notebooks can carry this text.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

VEGALITE5_MIME = "application/vnd.vegalite.v5+json"
VEGALITE5_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


def vegalite5(chart: Any) -> dict[str, Any]:
    """A chart's specification as Vega-Lite 5, whichever Altair made it and however Altair is set up."""
    # Without "pre_transform" a VegaFusion that the user enabled would want to compute the chart.
    spec: dict[str, Any] = chart.to_dict(context={"pre_transform": False})
    return {**spec, "$schema": VEGALITE5_SCHEMA}


def picture(spec: dict[str, Any], scale: float = 2) -> bytes | None:
    """The chart as PNG on white; ``None`` where vl-convert is not installed."""
    try:
        import vl_convert
    except ImportError:
        return None
    png: bytes = vl_convert.vegalite_to_png(json.dumps(spec), vl_version="5.21", scale=scale)
    return _deflated(png)


def bundle(chart: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The chart as Jupyter's MIME bundle, with its metadata: Vega-Lite 5, a picture, a text."""
    spec = vegalite5(chart)
    data: dict[str, Any] = {VEGALITE5_MIME: spec, "text/plain": spec.get("description", "a chart")}
    png = picture(spec)
    if png is None:
        return data, {}
    width = int.from_bytes(png[16:20], "big") // 2
    return {**data, "image/png": base64.b64encode(png).decode()}, {"image/png": {"width": width}}


def show(chart: Any) -> None:
    """Display a chart so that it is seen in JupyterLab, Notebook 7 and nbconvert, without a network."""
    from IPython.display import publish_display_data

    data, metadata = bundle(chart)
    publish_display_data(data, metadata)


def _deflated(png: bytes) -> bytes:
    """The same picture in a third of the size: vl-convert packs fast rather than well."""
    kept, pixels, at = [png[:8]], b"", 8
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4], "big")
        kind = png[at + 4 : at + 8]
        if kind == b"IDAT":
            pixels += png[at + 8 : end - 4]
        elif kind == b"IEND":
            body = b"IDAT" + zlib.compress(zlib.decompress(pixels))
            kept += [(len(body) - 4).to_bytes(4, "big"), body, zlib.crc32(body).to_bytes(4, "big"), png[at:end]]
        else:
            kept.append(png[at:end])
        at = end
    return b"".join(kept)
