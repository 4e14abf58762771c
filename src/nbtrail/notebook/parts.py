"""Outputs as records: a part for each representation, images and long texts as blobs."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from nbtrail.notebook.streams import STREAM_CHARS
from nbtrail.records import Output
from nbtrail.tracking.secrets import mask_text, mask_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbtrail.store.blobs import Blobs

Kind: TypeAlias = Literal["stream", "display", "result", "error"]
INLINE_CHARS: Final = STREAM_CHARS
"""Texts beyond this become blobs."""
BUNDLE_BYTES: Final = 20_000_000
"""Of one output, not more than this is kept."""
_WIDGET: Final = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True, slots=True)
class Part:
    """One representation of one output."""

    kind: Kind
    mime: str
    content: str | bytes
    size: int
    is_cut: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


def bundle_parts(kind: Kind, bundle: Mapping[str, Any], metadata: dict[str, Any]) -> Iterator[Part]:
    """The representations of a display or a result; the first one bears its metadata."""
    data = {**bundle}
    widget = data.pop(_WIDGET, None)
    if widget is not None and "text/plain" in data:
        data["text/plain"] = _state_of(widget) or data["text/plain"]
    for mime, value in data.items():
        content = _content(mime, value)
        size = len(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        kept = content if size <= BUNDLE_BYTES else ""
        yield Part(kind, mime, kept, size, is_cut=size > BUNDLE_BYTES, metadata=metadata)
        metadata = {}


def _state_of(view: Any) -> str | None:
    """What a widget, a progress bar say, shows at the end of its cell."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    with suppress(Exception):
        widget = getattr(module, "_instances", {}).get(view["model_id"])
        return None if widget is None else repr(widget)
    return None


def _content(mime: str, value: Any) -> str | bytes:
    if mime.startswith("image/") and mime != "image/svg+xml" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=False)
        except binascii.Error:
            return value
    if isinstance(value, (str, bytes)):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def output_of(part: Part, execution_id: str, position: int, bundle: int, blobs: Blobs) -> Output:
    """A part as it is stored: secrets masked, images and long texts as blobs."""
    content = mask_text(part.content) if isinstance(part.content, str) else part.content
    is_inline = isinstance(content, str) and len(content) <= INLINE_CHARS + 200
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return Output(
        execution_id=execution_id,
        position=position,
        bundle=bundle,
        kind=part.kind,
        mime=part.mime,
        text=content if is_inline and isinstance(content, str) else None,
        blob=None if is_inline else blobs.put_bytes(data),
        size=part.size,
        cut=part.is_cut,
        metadata=mask_value("", part.metadata),
    )
