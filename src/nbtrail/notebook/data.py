"""The data of a cell: frames and arrays that it reads, files that it names, as fingerprints in its run."""

from __future__ import annotations

import ast
import re
import threading
import time
import weakref
from dataclasses import dataclass
from functools import partial
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.names import parse_cell
from nbtrail.changes import DatasetSeen
from nbtrail.notebook.data_files import data_files
from nbtrail.notebook.file_uses import file_uses
from nbtrail.notebook.named_files import named_files
from nbtrail.records import Dataset, DatasetUse
from nbtrail.tracking.fingerprints import (
    Allowance,
    is_data,
    take_fingerprint,
    take_glance,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbtrail.notebook.cells import Cell
    from nbtrail.notebook.file_uses import Role
    from nbtrail.tracking import Run
    from nbtrail.tracking.fingerprints import Fingerprint

_MOST_NAMES: Final = 20
_RUNS: Final = 8
_READER: Final = re.compile(
    r"(?:^|\.)(?:read|scan|load|fetch|open)_?\w*$|(?:^|\.)(?:loadtxt|genfromtxt|fromfile|memmap)$"
)
_CHANGES: Final = re.compile(
    r"\]\s*(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)|\.\w+\s*(?:[-+*/%&|^@]|//|\*\*)?=(?!=)|\binplace\s*=\s*True|\bout\s*="
    r"|\.(?:insert|pop|update|sort|fill|put|partition|resize|itemset|drop_in_place|extend|shuffle|copyto|place|putmask|fill_diagonal)\("
)
"""Text of a cell that may change data in place."""
_SHELLS_OWN: Final = re.compile(r"_+(?:i+|\d+|i\d+)?")
"""``_``, ``__``, ``_3``, ``_i``, ``_i3``: what IPython keeps of earlier cells."""
_MAGIC: Final = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


@dataclass(slots=True)
class _Known:
    """Data that was looked at, for as long as it is alive."""

    value: weakref.ref[Any]
    fingerprint: Fingerprint
    glance: bytes | None
    may_have_changed: bool = False


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Which run, which cell and when."""

    run_id: str
    execution_id: str
    at: float

    def seen(self, role: Role, name: str, dataset: Dataset) -> DatasetSeen:
        return DatasetSeen(
            use=DatasetUse(
                run_id=self.run_id, role=role, name=name, dataset=dataset, execution_id=self.execution_id, at=self.at
            )
        )


class Data:
    """What is known of the notebook's data.

    Parameters
    ----------
    namespace
        Where its names live.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._known: dict[int, _Known] = {}
        self._said: dict[str, set[tuple[str, str, str]]] = {}
        """By run, which uses it has."""
        self._last: int | None = None
        """The ``n`` of the cell that was looked at last."""
        self._lock = threading.Lock()

    def look(self, cell: Cell, run: Run) -> None:
        """Look at the data that a cell is about to read."""
        if not run.project.settings().data:
            return
        reads = (name for name in cell.reads or cell.facts.names.reads if not _SHELLS_OWN.fullmatch(name))
        names = [name for name in reads if is_data(self._namespace.get(name))]
        bound = set(cell.facts.names.writes)
        if not bound.isdisjoint(names):
            written = bound_before_read(cell.source, bound.intersection(names))
            names = [name for name in names if name not in written]
        if cell.number is None or self._last is None or cell.number > self._last + 1:
            # Cells without a run came between, and nobody looked at what they did.
            for known in list(self._known.values()):
                known.may_have_changed = True
        self._see(names, cell, run)

    def look_again(self, cell: Cell, run: Run) -> None:
        """Look at what a cell has read from elsewhere, and at the files that it names."""
        if not run.project.settings().data:
            return
        calls = cell.facts.computed.items()
        loaded = [name for name, call in calls if _READER.search(call) and is_data(self._namespace.get(name))]
        self._last = cell.number
        self._doubt(cell)
        self._see(loaded, cell, run)
        files = named_files(
            _MAGIC.sub("", cell.source),
            cell.reads or cell.facts.names.reads,
            self._namespace,
            started=cell.started,
            until=cell.failed_in,
        )
        if files:
            self._see_files(data_files(files, run.project.root), cell, run)

    def _see(self, names: Iterable[str], cell: Cell, run: Run) -> None:
        allowance = Allowance()
        found: dict[str, Callable[[str], Dataset]] = {}
        for name in list(names)[:_MOST_NAMES]:
            fingerprint = self._fingerprint(self._namespace[name], allowance)
            if fingerprint is not None and self._is_new(run, "read", (name, fingerprint.digest)):
                found[name] = fingerprint.dataset
        if found:
            stamp = _Stamp(run.id, cell.execution_id, time.time())
            run.recorder.run_later(
                lambda: run.recorder.append(*(stamp.seen("read", name, make(name)) for name, make in found.items()))
            )

    def _fingerprint(self, value: Any, allowance: Allowance) -> Fingerprint | None:
        known = self._known.get(id(value))
        glance = take_glance(value)
        if known is not None and known.value() is value and not known.may_have_changed and known.glance == glance:
            return known.fingerprint
        fingerprint = take_fingerprint(value, allowance)
        if fingerprint is None:
            return None
        if known is not None and known.value() is value and known.fingerprint.digest == fingerprint.digest:
            fingerprint = known.fingerprint
        key = id(value)
        self._known[key] = _Known(weakref.ref(value, lambda _: self._known.pop(key, None)), fingerprint, glance)
        return fingerprint

    def _doubt(self, cell: Cell) -> None:
        """Look closely next time at what a cell may have changed in place."""
        held = {name: self._namespace.get(name) for name in cell.reads or cell.facts.names.reads}
        if _CHANGES.search(cell.source) or any(map(self._is_code, held.values())):
            # Not only what the cell names: views and objects reach data that has other names.
            for known in list(self._known.values()):
                known.may_have_changed = True
            return
        for name in cell.facts.names.writes:
            # A name that was bound and still holds the same: ``X += 1``.
            bound = self._known.get(id(held.get(name)))
            if bound is not None:
                bound.may_have_changed = True

    def _is_code(self, value: object) -> bool:
        """Whether a value is a function, or an object whose methods the notebook defines."""
        kind = type(value)
        if issubclass(kind, (FunctionType, MethodType, partial)):
            return True
        if kind is BuiltinMethodType:
            return not isinstance(value.__self__, (ModuleType, type(None)))  # type: ignore[attr-defined]
        owner = value if issubclass(kind, type) else kind
        module = type.__getattribute__(owner, "__module__")
        return type(module) is str and module == self._namespace.get("__name__")

    def _see_files(self, files: Mapping[str, bool], cell: Cell, run: Run) -> None:
        uses = [
            use for use in file_uses(files, run.project) if use.seen is None or self._is_new(run, use.role, use.seen)
        ]
        if not uses:
            return
        stamp = _Stamp(run.id, cell.execution_id, time.time())

        def record() -> None:
            for use in uses:
                dataset = use.seen or use.look()
                if use.seen is not None or self._is_new(run, use.role, dataset):
                    run.recorder.append(stamp.seen(use.role, dataset.name, dataset))

        run.recorder.run_later(record)

    def _is_new(self, run: Run, role: Role, seen: Dataset | tuple[str, str]) -> bool:
        """Whether a run does not have this name with this digest yet; from now on it has."""
        use = (role, *((seen.name, seen.digest) if isinstance(seen, Dataset) else seen))
        with self._lock:
            if run.id not in self._said and len(self._said) >= _RUNS:
                self._said.pop(next(iter(self._said)))
            said = self._said.setdefault(run.id, set())
            is_new = use not in said
            said.add(use)
            return is_new


def bound_before_read(source: str, names: Iterable[str]) -> set[str]:
    """Names that a cell binds at its top level before it reads them: what they hold at its start does not count."""
    tree = parse_cell(_MAGIC.sub("", source))
    if tree is None:
        return set()
    wanted, found = set(names), set()
    for statement in tree.body:
        loads = {
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            loads.add(statement.target.id)
        wanted -= loads
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        stored = {
            node.id
            for target in targets
            if target is not None and not isinstance(statement, (ast.For, ast.AsyncFor))
            for node in ast.walk(target)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        found |= stored & wanted
        wanted -= stored
    return found
