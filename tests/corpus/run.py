"""Runs notebooks in real kernels, with and without tracking, and tells what the user sees.

Left out of what is compared are nbtrail's own displays and messages, the numbers of executions, the kernel's process id
and the times that ``%time`` measures; everything else counts to the byte: texts, displays with their metadata, pages,
errors with their tracebacks, and the order in which they come.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, takewhile, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tests.notebook.conftest import SOURCE, Notebook, Ran

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.corpus.notebook import CorpusNotebook

MAGIC: Final = "%%track --each-step"
_SEEN: Final = {"stream", "display_data", "execute_result", "update_display_data", "clear_output", "error"}
_OWN_DISPLAY: Final = "nbtrail-"
_OWN_LINE: Final = re.compile(r"^nbtrail: .*\n", re.MULTILINE)
_UNLIKE: Final = (
    (re.compile(r"In\[\d+\]"), "In[n]"),
    (re.compile(r"ipykernel_\d+"), "ipykernel_n"),
    (re.compile(r"^(CPU times|Wall time): .*$", re.MULTILINE), r"\1: …"),
)
_CELL_FILE: Final = re.compile(r"\b\d+(?=\.py\b)")

_AROUND: Final = 80
_CLEAR: Final = """
import gc, sys
if "matplotlib.pyplot" in sys.modules:
    sys.modules["matplotlib.pyplot"].close("all")
gc.freeze()  # What the packages hold need not be looked through by every collection of the next notebooks.
get_ipython().reset(new_session=True)
"""


class Mode(StrEnum):
    """How a notebook is run."""

    PLAIN = "plain"
    """nbtrail is not loaded."""
    TRACK = "%track"
    """The notebook is one run: ``%load_ext nbtrail`` and ``%track`` stand in cells before the first."""
    CELLS = MAGIC
    """Every cell is a run of its own, and its loops are followed."""


TRACKED: Final = (Mode.TRACK, Mode.CELLS)
Seen: TypeAlias = dict[tuple[Mode, str], list[tuple[str, ...]]]
"""By mode and notebook: for each cell the parts that the user sees."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that shows something else with tracking."""

    notebook: str
    cell: int
    mode: Mode
    source: str
    plain: tuple[str, ...]
    tracked: tuple[str, ...]

    def __str__(self) -> str:
        pairs = zip_longest(self.plain, self.tracked, fillvalue="")
        parts = [_difference(one, other) for one, other in pairs if one != other]
        return "\n".join([f"{self.notebook}, cell {self.cell}, {self.mode}", self.source, *parts])


@contextmanager
def open_kernel(folder: Path) -> Iterator[Notebook]:
    """A kernel that reads and writes nothing outside of a folder."""
    home = folder / "home"
    first = folder / "projects" / "none"
    home.mkdir(parents=True)
    first.mkdir(parents=True)
    places = {
        "HOME": home,
        "XDG_STATE_HOME": home / "state",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": _drawings(),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBTRAIL_", "JPY_", "IPYTHON"))}
    fixed = {"PYTHONPATH": str(SOURCE), "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "COLUMNS": "80"}
    kernel = Notebook(first, {**kept, **{name: str(place) for name, place in places.items()}, **fixed})
    try:
        yield kernel
    finally:
        kernel.close()


def run_in_modes(notebooks: Sequence[CorpusNotebook], folder: Path) -> Seen:
    """Run notebooks in every mode, in one kernel for each mode that they share one after the other."""
    seen: Seen = {}
    with ExitStack() as stack:
        kernels = {mode: stack.enter_context(open_kernel(folder / mode.name)) for mode in Mode}
        for notebook in notebooks:
            seen |= run_notebook(notebook, kernels)
            _send_all(kernels, dict.fromkeys(TRACKED, "%unload_ext nbtrail"))
            _send_all(kernels, dict.fromkeys(kernels, _CLEAR))
    return seen


def run_notebook(notebook: CorpusNotebook, kernels: Mapping[Mode, Notebook]) -> Seen:
    """Run a notebook in a project of its own, in several kernels side by side."""
    for kernel in kernels.values():
        kernel.root = kernel.root.parent / notebook.name
        (kernel.root / ".nbtrail").mkdir(parents=True)
        kernel.run(f"import os; os.chdir({str(kernel.root)!r}); del os", silent=True)
    _send_all(kernels, dict.fromkeys(TRACKED, "%load_ext nbtrail"))
    _send_all(kernels, {Mode.TRACK: "%track"})
    seen: Seen = {(mode, notebook.name): [] for mode in kernels}
    for cell in notebook.cells:
        for mode, ran in _send_all(kernels, {mode: written(cell, mode) for mode in kernels}).items():
            root = str(kernels[mode].root)
            seen[mode, notebook.name].append(tuple(part.replace(root, "/project") for part in what_is_seen(ran)))
    return seen


def _send_all(kernels: Mapping[Mode, Notebook], sources: Mapping[Mode, str]) -> dict[Mode, Ran]:
    """Run a cell in each kernel that is there; they work at the same time."""
    sent = {mode: kernels[mode].send(source) for mode, source in sources.items() if mode in kernels}
    return {mode: kernels[mode].collect(message_id) for mode, message_id in sent.items()}


def written(cell: str, mode: Mode) -> str:
    """A cell as it is run.

    The line of the magic makes every line number one larger, as any line does. So that tracebacks can be compared, the
    cell has a comment of the same text in its place where the magic is not used.
    """
    if mode is Mode.CELLS:
        return f"{MAGIC}\n{cell}"
    return cell if cell.startswith("%%") else f"# {MAGIC}\n{cell}"


def what_is_seen(ran: Ran) -> tuple[str, ...]:
    """What a cell shows, part by part.

    Which of two streams is sent first is a matter of time, so each has one text between two displays.
    """
    parts: list[tuple[str, Any]] = []
    shown = [message for message in ran.messages if message["msg_type"] in _SEEN and not _is_own(message)]
    for is_stream, messages in groupby(shown, lambda message: message["msg_type"] == "stream"):
        contents = [(message["msg_type"], message["content"]) for message in messages]
        if is_stream:
            for name in ("stdout", "stderr"):
                text = "".join(content["text"] for _, content in contents if content["name"] == name)
                parts.append((name, _OWN_LINE.sub("", text)))
        else:
            parts += contents
    parts += [("page", page) for page in ran.reply.get("payload", [])]
    return tuple(f"{kind}: {_text(part)}" for kind, part in parts if part)


def compare(notebook: CorpusNotebook, mode: Mode, seen: Seen) -> list[Difference]:
    """The cells that show something else with tracking."""
    plain, tracked = seen[Mode.PLAIN, notebook.name], seen[mode, notebook.name]
    triples = zip(notebook.cells, plain, tracked, strict=True)
    return [
        Difference(notebook.name, number, mode, cell, one, other)
        for number, (cell, one, other) in enumerate(triples, start=1)
        if _comparable(one, mode) != _comparable(other, mode)
    ]


def _is_own(message: dict[str, Any]) -> bool:
    return str(message["content"].get("transient", {}).get("display_id", "")).startswith(_OWN_DISPLAY)


def _text(part: str | dict[str, Any]) -> str:
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if key != "execution_count"}
        part = json.dumps(kept, sort_keys=True, ensure_ascii=False)
    for pattern, replacement in _UNLIKE:
        part = pattern.sub(replacement, part)
    return part


def _comparable(parts: tuple[str, ...], mode: Mode) -> tuple[str, ...]:
    """A cell's file is called by a digest of its text, and the magic's line is another text than a comment."""
    return tuple(_CELL_FILE.sub("digest", part) for part in parts) if mode is Mode.CELLS else parts


def _difference(plain: str, tracked: str) -> str:
    """Where two texts begin to differ."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(plain, tracked, strict=False))
    at = max(sum(1 for _ in same) - _AROUND, 0)
    return f"  plain:   {plain[at : at + 3 * _AROUND]!r}\n  tracked: {tracked[at : at + 3 * _AROUND]!r}"


def _drawings() -> Path:
    """Where matplotlib keeps its list of fonts, which takes seconds to make."""
    return Path(tempfile.gettempdir()) / "nbtrail-corpus-matplotlib"
