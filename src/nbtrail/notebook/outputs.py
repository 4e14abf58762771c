"""What a cell puts out, taken down on its way to the front end without changing what the user sees."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nbtrail.notebook.parts import Part, bundle_parts, output_of
from nbtrail.notebook.streams import Piece, Stream, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from nbtrail.notebook.parts import Kind
    from nbtrail.records import Output
    from nbtrail.store.blobs import Blobs

CELL_BYTES: Final = 200_000_000
"""Of all displays of a cell together, not more than this is held."""
MOST_OUTPUTS: Final = 1_000
"""Of one cell; what comes after them is counted."""
PRINTED: Final = "text/x-stdout"
"""The kind of text that ``print`` gives."""
OWN_DISPLAYS: Final = "nbtrail-"
"""Displays whose id begins so are nbtrail's own and are not recorded."""
_FLUSH_S: Final = 10.0


@dataclass(slots=True)
class _Bundle:
    """One display or result: its representations by mime type."""

    kind: Kind
    display_id: str
    data: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def size(self) -> int:
        return sum(len(value) for value in self.data.values() if isinstance(value, (str, bytes)))


@dataclass(slots=True)
class _Screen:
    """The outputs of one cell as a front end shows them now."""

    request: str | None
    """The message that asked for the cell; what earlier cells left running answers to another. ``None``: not told."""
    shown: list[Piece | _Bundle] = field(default_factory=list)
    was_cleared: bool = False
    _streams: dict[str, Stream] = field(default_factory=dict)
    _is_clearing: bool = False
    _held: int = 0
    _left_out: int = 0

    def print(self, name: str, text: str) -> None:
        self._clear_if_due()
        pieces = [one for one in self.shown[-1:] if isinstance(one, Piece) and one.name == name]
        if not pieces and len(self.shown) >= MOST_OUTPUTS:
            pieces = [one for one in reversed(self.shown) if isinstance(one, Piece) and one.name == name][:1]
        if not pieces:
            pieces = [Piece(name)]
            self.shown += pieces
        self._streams.setdefault(name, Stream()).add(pieces[0], text)

    def show(self, bundle: _Bundle) -> None:
        self._clear_if_due()
        if bundle.display_id.startswith(OWN_DISPLAYS):
            return
        if bundle.display_id:
            # Every display of an id shows its last state.
            self.update(bundle)
        if len(self.shown) >= MOST_OUTPUTS or self._held + bundle.size > CELL_BYTES:
            self._left_out += 1
            return
        self._held += bundle.size
        self.shown.append(bundle)

    def update(self, bundle: _Bundle) -> None:
        for one in self.shown:
            if isinstance(one, _Bundle) and bundle.display_id and one.display_id == bundle.display_id:
                self._held += bundle.size - one.size
                one.data, one.metadata = bundle.data, bundle.metadata

    def clear(self, *, wait: bool) -> None:
        self._is_clearing = True
        if not wait:
            self._clear_if_due()

    def _clear_if_due(self) -> None:
        if self._is_clearing:
            self._is_clearing, self.was_cleared = False, True
            self._held = self._left_out = 0
            self.shown.clear()
            self._streams.clear()

    def parts(self) -> Iterator[tuple[Part, ...]]:
        for one in self.shown:
            if isinstance(one, _Bundle):
                yield tuple(bundle_parts(one.kind, one.data, one.metadata))
            else:
                text, is_cut = one.text()
                yield (Part("stream", f"text/x-{one.name}", text, one.length, is_cut),)
        if self._left_out:
            text = f"[… {self._left_out:,} more outputs left out …]"
            yield (Part("display", "text/plain", text, len(text), is_cut=True),)


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
        self._screen: _Screen | None = None
        self._undo: list[Callable[[], None]] = []
        self.was_cleared = False
        """Whether the cell that ended last had cleared its outputs."""

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
        self._screen = _Screen(request_of(self._shell))
        self.was_cleared = False

    def finish(self, execution_id: str, blobs: Blobs, *, error: str | None = None) -> tuple[Output, ...]:
        """A cell has ended: its outputs, as they were shown last.

        Parameters
        ----------
        execution_id
            The cell's execution.
        blobs
            Where images and long texts go.
        error
            The text of the traceback, if the cell raised.
        """
        _flush_streams()
        screen, self._screen = self._screen, None
        self.was_cleared = screen is not None and screen.was_cleared
        if screen is None:
            return ()
        groups = [*screen.parts()]
        if error is not None:
            text, is_cut = shortened(error)
            groups.append((Part("error", "text/plain", text, len(error.encode("utf-8", "replace")), is_cut),))
        numbered = [(bundle, part) for bundle, group in enumerate(groups) for part in group]
        return tuple(
            output_of(part, execution_id, position, bundle, blobs) for position, (bundle, part) in enumerate(numbered)
        )

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
        screen = self._screen
        if screen is None or screen.request not in {None, message["parent_header"].get("msg_id")}:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            screen.print(content["name"], content["text"])
        elif kind == "clear_output":
            screen.clear(wait=content["wait"])
        elif kind == "update_display_data":
            screen.update(_bundle("display", content))
        elif kind in {"display_data", "execute_result"}:
            screen.show(_bundle("result" if kind == "execute_result" else "display", content))


def request_of(shell: InteractiveShell) -> str | None:
    """The id of the message that a kernel works on now; ``None`` where no kernel runs the shell."""
    get_parent = getattr(shell, "get_parent", None)
    found = get_parent().get("header", {}).get("msg_id") if get_parent is not None else None
    return found if isinstance(found, str) else None


def _flush_streams() -> None:
    """Wait once until the thread that sends both streams has sent, and so shown us, what was printed."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "pub_thread")]
    if not streams:
        return
    sent = threading.Event()
    for stream in streams:
        stream.pub_thread.schedule(stream.flush)
    streams[-1].pub_thread.schedule(sent.set)
    sent.wait(_FLUSH_S)


def _bundle(kind: Kind, content: dict[str, Any]) -> _Bundle:
    display_id = str(content.get("transient", {}).get("display_id") or "")
    metadata = json.loads(json.dumps(content.get("metadata") or {}, default=str))
    return _Bundle(kind, display_id, dict(content["data"]), metadata)
