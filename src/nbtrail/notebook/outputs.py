"""What a cell puts out, taken down on its way to the front end without changing what the user sees."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from nbtrail.records import Output
from nbtrail.tracking.secrets import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.store.blobs import Blobs

    Kind = Literal["stream", "display", "result", "error"]

STREAM_CHARS: Final = 64_000
"""Of each stream of a cell, so much is kept: the beginning and the end."""
INLINE_CHARS: Final = 64_000
"""Texts beyond this become blobs."""
BUNDLE_BYTES: Final = 20_000_000
"""Of one output, not more than this is kept."""
PRINTED: Final = "text/x-stdout"
"""The kind of text that ``print`` gives."""
OWN_DISPLAYS: Final = "nbtrail-"
"""Displays whose id begins so are nbtrail's own and are not recorded."""
_LEFT_OUT: Final = frozenset({"application/vnd.jupyter.widget-view+json"})


@dataclass(slots=True)
class _Stream:
    """The beginning and the end of what a cell printed."""

    head: str = ""
    tail: str = ""
    length: int = 0

    def add(self, text: str) -> None:
        self.length += len(text)
        half = STREAM_CHARS // 2
        room = half - len(self.head)
        self.head += text[: max(room, 0)]
        self.tail = (self.tail + text[max(room, 0) :])[-half:]

    def text(self) -> tuple[str, bool]:
        left_out = self.length - len(self.head) - len(self.tail)
        middle = f"\n[… {left_out:,} characters left out …]\n" if left_out else ""
        return f"{self.head}{middle}{self.tail}", bool(left_out)


@dataclass(slots=True)
class _Cell:
    streams: dict[str, _Stream] = field(default_factory=dict)
    bundles: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)


class OutputCollector:
    """Listens to a kernel's outputs. Outside of ipykernel there is nothing to listen to, and nothing is recorded.

    Parameters
    ----------
    shell
        The shell whose cells are listened to.
    on_failure
        Called when listening fails; the output itself reaches the user all the same.
    """

    def __init__(self, shell: InteractiveShell, on_failure: Callable[[BaseException], None]) -> None:
        self._shell = shell
        self._on_failure = on_failure
        self._cell: _Cell | None = None
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Begin to listen; a second call changes nothing."""
        if self._undo:
            return
        for place in (self._shell.display_pub, self._shell.displayhook):
            self._hook(place)
        for stream in (sys.stdout, sys.stderr):
            self._hook_stream(stream)

    def remove(self) -> None:
        """Stop listening."""
        for undo in self._undo:
            undo()
        self._undo.clear()

    def begin(self) -> None:
        """A cell begins."""
        self._cell = _Cell()

    def finish(self, execution_id: str, blobs: Blobs, *, error: str | None = None) -> tuple[Output, ...]:
        """A cell has ended: its outputs, streams first.

        Parameters
        ----------
        execution_id
            The cell's execution.
        blobs
            Where images and long texts go.
        error
            The text of the traceback, if the cell raised.
        """
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "pub_thread"):
                stream.flush()
        cell, self._cell = self._cell, None
        if cell is None:
            return ()
        parts = [*_stream_parts(cell), *(part for bundle in cell.bundles for part in _bundle_parts(*bundle))]
        if error is not None:
            text, is_cut = _shortened(error)
            parts.append(_Part("error", "text/plain", text, len(error.encode()), is_cut))
        return tuple(_output(part, execution_id, position, blobs) for position, part in enumerate(parts))

    def _hook(self, place: Any) -> None:
        if not hasattr(place, "register_hook"):
            return
        place.register_hook(self._on_message)
        self._undo.append(lambda: place.unregister_hook(self._on_message))

    def _hook_stream(self, stream: Any) -> None:
        # The stream's hooks live in the thread that sends its messages, and must be registered there.
        if hasattr(stream, "pub_thread") and hasattr(stream, "register_hook"):
            stream.pub_thread.schedule(lambda: stream.register_hook(self._on_message))
            self._undo.append(lambda: stream.pub_thread.schedule(lambda: stream.unregister_hook(self._on_message)))

    def _on_message(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self._take(message)
        except Exception as error:  # noqa: BLE001 - the user's output goes on, whatever happens to its copy
            self._on_failure(error)
        return message

    def _take(self, message: dict[str, Any]) -> None:
        cell = self._cell
        if cell is None:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            cell.streams.setdefault(content["name"], _Stream()).add(content["text"])
        elif kind in {"display_data", "execute_result"}:
            display_id = content.get("transient", {}).get("display_id", "")
            if not str(display_id).startswith(OWN_DISPLAYS):
                cell.bundles.append(("result" if kind == "execute_result" else "display", dict(content["data"])))


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    mime: str
    content: str | bytes
    size: int
    is_cut: bool = False


def _stream_parts(cell: _Cell) -> Iterator[_Part]:
    for name, stream in cell.streams.items():
        text, is_cut = stream.text()
        yield _Part("stream", f"text/x-{name}", text, stream.length, is_cut)


def _bundle_parts(kind: Kind, data: dict[str, Any]) -> Iterator[_Part]:
    for mime, value in data.items():
        if mime in _LEFT_OUT:
            continue
        content = _content(mime, value)
        size = len(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        if size > BUNDLE_BYTES:
            yield _Part(kind, mime, "", size, is_cut=True)
        else:
            yield _Part(kind, mime, content, size)


def _content(mime: str, value: Any) -> str | bytes:
    if mime.startswith("image/") and mime != "image/svg+xml" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=False)
        except binascii.Error:
            return value
    if isinstance(value, (str, bytes)):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _shortened(text: str) -> tuple[str, bool]:
    stream = _Stream()
    stream.add(text)
    return stream.text()


def _output(part: _Part, execution_id: str, position: int, blobs: Blobs) -> Output:
    content = mask_text(part.content) if isinstance(part.content, str) else part.content
    is_inline = isinstance(content, str) and len(content) <= INLINE_CHARS + 200
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return Output(
        execution_id=execution_id,
        position=position,
        kind=part.kind,
        mime=part.mime,
        text=content if is_inline and isinstance(content, str) else None,
        blob=None if is_inline else blobs.put_bytes(data),
        size=part.size,
        cut=part.is_cut,
    )
