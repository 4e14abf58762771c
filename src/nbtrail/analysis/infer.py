"""Which names of a cell are params and which are metrics, each with the reason why.

Inference is a proposal: what the user watches or ignores comes first, and what the user logs is left alone.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.lexicon import call_reason, metric_reason
from nbtrail.analysis.names import CellNames, bound_in, cell_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbtrail.project import Settings

_DICTS_WORTH_KEEPING: Final = ("param", "grid", "config", "cfg", "args", "hyper", "setting", "option")
_GROWING_METHODS: Final = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_ROUNDING: Final = frozenset({"round", "float"})
_ARRAY_PACKAGES: Final = frozenset({"numpy", "torch", "jax", "jaxlib", "tensorflow", "cupy", "mxnet", "mlx"})
NO_LITERAL: Final = object()
"""Stands for "this is no literal", which ``None`` may be."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that is taken for a param or a metric."""

    name: str
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class KnownLiteral:
    """A name that was bound to a literal."""

    value: Any
    cell: int | None
    """The ``n`` of ``In[n]``."""


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What inference needs to know of a cell; nothing of it depends on values."""

    names: CellNames = field(default_factory=CellNames)
    literals: Mapping[str, Any] = field(default_factory=dict)
    """Names bound to literals at the top level, with the literal bound last."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """Names bound to anything else, with the call that gave the value (``""`` if none did)."""
    grown: frozenset[str] = frozenset()
    """Names whose value was added to: ``losses.append(…)``."""
    targets: frozenset[str] = frozenset()
    """Names that loops bind."""
    keywords: frozenset[str] = frozenset()
    """Names given as ``**name``."""
    last_call: str | None = None
    """What the last expression calls."""


def look_at(tree: ast.Module) -> CellFacts:
    """Gather the facts of a cell."""
    targets = frozenset(name for node in ast.walk(tree) for name in _loop_names(node))
    literals: dict[str, Any] = {}
    for statement in tree.body:
        literals.update(_literal_bindings(statement))
    nodes = list(own_nodes(tree.body))
    return CellFacts(
        names=cell_names(tree),
        literals=literals,
        computed={name: call for node in nodes for name, call in _computed_bindings(node)},
        grown=frozenset(name for node in nodes for name in _grown(node)),
        targets=targets,
        keywords=frozenset(_keyword_names(tree)),
        last_call=_call_of(tree.body[-1].value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None,
    )


class Literals:
    """The literals that the notebook's names are bound to, as far as its cells show."""

    def __init__(self) -> None:
        self._known: dict[str, KnownLiteral] = {}
        self._keywords: set[str] = set()

    def get(self, name: str) -> KnownLiteral | None:
        """The literal that a name is bound to, if it is."""
        return self._known.get(name)

    def remember(self, facts: CellFacts, cell: int | None, namespace: Mapping[str, Any] | None = None) -> None:
        """Take note of a cell that ran.

        Parameters
        ----------
        facts
            The cell's.
        cell
            Its ``n`` of ``In[n]``.
        namespace
            Where the names live, if it may be that the cell did not run to its end: only what holds there counts.
        """
        self._keywords |= facts.keywords
        for name in facts.names.writes:
            self._known.pop(name, None)
        for name, value in facts.literals.items():
            changes = name in facts.computed or name in facts.grown
            holds = namespace is None or _holds(namespace, name, value)
            if holds and name not in facts.targets and not (changes and _is_start(value)):
                self._known[name] = KnownLiteral(value, cell)

    def params(
        self,
        facts: CellFacts,
        reads: Iterable[str],
        cell: int | None,
        settings: Settings,
        namespace: Mapping[str, Any],
    ) -> Iterator[Proposal]:
        """The params among the names that a cell is about to read.

        Parameters
        ----------
        facts
            The cell's.
        reads
            What it reads, functions of earlier cells included.
        cell
            Its ``n`` of ``In[n]``.
        settings
            Names to leave out, and names that count whatever the rules say.
        namespace
            Where the names live: a literal of an earlier cell counts if it still stands there.
        """
        for name in reads:
            known = self._literal_for(name, facts, cell, namespace)
            if known is None or name in settings.ignore or name in settings.watch_metrics:
                continue
            if name in settings.watch_params:
                yield Proposal(name, known.value, f"watched; {_where(known.cell, cell)}")
            elif self._is_param(name, known.value, facts):
                yield Proposal(name, known.value, _where(known.cell, cell))

    def _literal_for(
        self, name: str, facts: CellFacts, cell: int | None, namespace: Mapping[str, Any]
    ) -> KnownLiteral | None:
        if name in facts.literals:
            return KnownLiteral(facts.literals[name], cell)
        known = self._known.get(name)
        return known if known is not None and _holds(namespace, name, known.value) else None

    def _is_param(self, name: str, value: object, facts: CellFacts) -> bool:
        if name.startswith("_") or name in facts.targets:
            return False
        if _is_start(value) and (name in facts.computed or name in facts.grown):
            return False
        if isinstance(value, dict):
            worth = any(word in name.lower() for word in _DICTS_WORTH_KEEPING)
            return worth or name in facts.keywords or name in self._keywords
        return True


def find_watched(names: Iterable[str], namespace: Mapping[str, Any], settings: Settings) -> Iterator[Proposal]:
    """The params that the user watches among some names, whatever gave them their value."""
    for name in settings.watch_params:
        if name in names and name in namespace and name not in settings.ignore:
            yield Proposal(name, namespace[name], "watched")


def find_metrics(
    facts: CellFacts, before: Mapping[str, Any], after: Mapping[str, Any], settings: Settings, *, completed: bool
) -> Iterator[Proposal]:
    """The metrics among the numbers that a cell computed.

    Parameters
    ----------
    facts
        The cell's.
    before, after
        The values of the names that the cell writes, as it found and as it left them.
    settings
        Names to leave out, and names that count whatever the rules say.
    completed
        Whether the cell ran to its end; if not, a name that holds what it held before was not bound.
    """
    for name in facts.names.writes:
        reason = _metric_reason(name, facts, settings)
        if reason is None or name not in after:
            continue
        value = after[name]
        if not completed and name in before and before[name] is value:
            continue
        number = scalar(value)
        if number is not None:
            yield Proposal(name, number, reason)


def find_shown_metric(facts: CellFacts, shown: object, settings: Settings) -> Proposal | None:
    """The metric that a cell's last expression shows: a number from a call such as ``model.score(X, y)``."""
    call = facts.last_call
    if call is None or call in settings.ignore:
        return None
    reason = "watched" if call in settings.watch_metrics else call_reason(call)
    number = scalar(shown) if reason is not None else None
    return None if number is None or reason is None else Proposal(call, number, reason)


def scalar(value: object) -> float | None:
    """A value as a float if it is one real number, else ``None``.

    Scalars and one-element arrays of numpy, torch and the like are numbers; booleans are not.
    """
    kind = type(value)
    if kind is float or kind is int:
        return _float(value)
    if isinstance(value, (bool, str, bytes, complex)) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _float(value)
    if kind.__module__.partition(".")[0] not in _ARRAY_PACKAGES or isinstance(value, type):
        return None
    if math.prod(getattr(value, "shape", (0,))) != 1 or "bool" in str(getattr(value, "dtype", "")):
        return None
    item = getattr(value, "item", None)
    number = item() if callable(item) else None
    return _float(number) if isinstance(number, (int, float)) else None


def dotted(node: ast.expr) -> str:
    """A name or attribute as it is written, ``model.score``; ``""`` for anything else, inner calls as their name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            base = dotted(value.func) if isinstance(value, ast.Call) else dotted(value)
            return f"{base}.{attribute}" if base else attribute
    return ""


def literal(node: ast.expr) -> Any:
    """The value of a literal of JSON's kinds (tuples too), or ``NO_LITERAL``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
        parts = {one.arg: literal(one.value) for one in node.keywords}
        return NO_LITERAL if None in parts or NO_LITERAL in parts.values() else parts
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NO_LITERAL
    return value if _is_plain(value) else NO_LITERAL


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return None


def _metric_reason(name: str, facts: CellFacts, settings: Settings) -> str | None:
    if name in settings.ignore or name in settings.watch_params:
        return None
    if name in settings.watch_metrics:
        return "watched"
    if name.startswith("_") or name in facts.targets or name not in facts.computed:
        return None
    call = facts.computed[name]
    return metric_reason(name) or (call_reason(call) if call else None)


def _where(literal_cell: int | None, cell: int | None) -> str:
    if literal_cell is None:
        return "literal" if cell is None else f"literal, read by cell {cell}"
    if literal_cell == cell:
        return f"literal in cell {cell}, which reads it"
    return f"literal in cell {literal_cell}, read by cell {cell}"


def _holds(namespace: Mapping[str, Any], name: str, value: object) -> bool:
    """Whether a name still stands for the literal it was bound to; code that shows in no cell may have changed it."""
    held = namespace.get(name, NO_LITERAL)
    try:
        return type(held) is type(value) and bool(held == value)
    except Exception:  # noqa: BLE001 - what was put into a list may compare in any way
        return False


def _is_start(value: object) -> bool:
    """Whether a value is one that loops begin with: zero, one, nothing, or nothing yet."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return value in (0, 1, -1)
    return value is None or value in ("", [], {}, ())


def _is_plain(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, (str, int, float)) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


def _literal_bindings(statement: ast.stmt) -> Iterator[tuple[str, Any]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _literal_pairs(target, value)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            yield from _literal_pairs(target, value)


def _literal_pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Any]]:
    if isinstance(target, ast.Name):
        found = literal(value)
        if found is not NO_LITERAL:
            yield target.id, found
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one_target, one_value in _paired(target, value):
            if one_value is not None:
                yield from _literal_pairs(one_target, one_value)


def _paired(target: ast.Tuple | ast.List, value: ast.expr) -> list[tuple[ast.expr, ast.expr | None]]:
    """The targets of an unpacking with the expression that each gets, as far as it shows."""
    starred = any(isinstance(one, ast.Starred) for one in target.elts)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) and not starred:
        return list(zip(target.elts, value.elts, strict=True))
    return [(one, None) for one in target.elts]


def _computed_bindings(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from computed_pairs(target, value)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            yield from computed_pairs(target, value)
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name, ""
        case ast.NamedExpr(target=ast.Name() as target, value=value):
            yield from computed_pairs(target, value)


def computed_pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    """The names that an assignment binds to something computed, each with the call that gave the value."""
    if isinstance(target, ast.Name):
        if literal(value) is NO_LITERAL:
            yield target.id, _call_of(value) or ""
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one_target, one_value in _paired(target, value):
            if one_value is not None:
                yield from computed_pairs(one_target, one_value)
            else:
                yield from ((name, _call_of(value) or "") for name in bound_in([one_target]))


def _call_of(node: ast.expr) -> str | None:
    """What an expression calls, seen through ``await``, ``round(…)`` and ``float(…)``."""
    match node:
        case ast.Await(value=value):
            return _call_of(value)
        case ast.Call(func=ast.Name(id=name), args=[ast.Call() as inner, *_]) if name in _ROUNDING:
            return _call_of(inner)
        case ast.Call(func=function):
            return dotted(function) or None
    return None


def _grown(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _GROWING_METHODS:
            yield name
        case ast.Assign(targets=targets):
            yield from (
                target.value.id
                for target in targets
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
            )


def _keyword_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is None and isinstance(node.value, ast.Name):
            yield node.value.id


def _loop_names(node: ast.AST) -> list[str]:
    return bound_in([node.target]) if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)) else []


def own_nodes(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of the cell's own scope: functions and classes are not entered."""
    for statement in statements:
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield from own_nodes(ast.iter_child_nodes(statement))
