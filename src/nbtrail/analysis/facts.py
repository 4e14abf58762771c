"""What inference needs to know of a cell, read from its syntax tree; nothing of it depends on values."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.calls import CallSite, call_sites
from nbtrail.analysis.names import CellNames, bound_in, cell_names
from nbtrail.analysis.syntax import call_of, computed_pairs, dotted, literal_pairs, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GROWING_METHODS: Final = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_CONDITIONAL: Final = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)
_SHOWING: Final = frozenset({"print", "display", "pprint"})


@dataclass(frozen=True, slots=True)
class CellFacts:
    """A cell as inference sees it."""

    names: CellNames = field(default_factory=CellNames)
    literals: Mapping[str, Any] = field(default_factory=dict)
    """Names bound to literals at the top level, with the literal bound last."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """Names bound to anything else, with the call that gave the value (``""`` if none did)."""
    grown: frozenset[str] = frozenset()
    """Names whose value was added to: ``losses.append(…)``."""
    stepped: frozenset[str] = frozenset()
    """Names that are counted up or down: ``patience_left -= 1``."""
    doubtful: frozenset[str] = frozenset()
    """Names that are only bound in an ``if``, a loop and the like, which may not have come to it."""
    targets: frozenset[str] = frozenset()
    """Names that loops bind."""
    keywords: frozenset[str] = frozenset()
    """Names given as ``**name``."""
    shown: frozenset[str] = frozenset()
    """Names that it prints or displays, and those of its last expression."""
    calls: tuple[CallSite, ...] = ()
    """Calls with literals among their keywords."""
    is_parameters: bool = False
    """It says the notebook's parameters outright: its first line is ``# Parameters``."""
    last: str | None = None
    """What the last expression calls or looks up: ``model.score``, ``search.best_score_``."""


def look_at(tree: ast.Module) -> CellFacts:
    """Gather the facts of a cell."""
    literals: dict[str, Any] = {}
    for statement in tree.body:
        literals.update(_literal_bindings(statement))
    nodes = list(own_nodes(tree.body))
    last = tree.body[-1].value if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    return CellFacts(
        names=cell_names(tree),
        literals=literals,
        computed={name: call for node in nodes for name, call in _computed_bindings(node)},
        grown=frozenset(name for node in nodes for name in _grown(node)),
        doubtful=frozenset(bound_in(tree.body)) - frozenset(bound_in(_sure(tree.body))),
        stepped=frozenset(name for node in nodes for name in _stepped(node)),
        targets=frozenset(name for node in ast.walk(tree) for name in _loop_names(node)),
        keywords=frozenset(_keyword_names(tree)),
        shown=frozenset(_shown(nodes, last)),
        calls=tuple(call_sites(tree.body)),
        last=None if last is None else _last(last),
    )


def _last(node: ast.expr) -> str | None:
    return (dotted(node) or None) if isinstance(node, ast.Attribute) else call_of(node)


def _shown(nodes: list[ast.AST], last: ast.expr | None) -> Iterator[str]:
    shown = [] if last is None else [last]
    shown += [node for node in nodes if isinstance(node, ast.Call) and dotted(node.func) in _SHOWING]
    for node in shown:
        yield from (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _literal_bindings(statement: ast.stmt) -> Iterator[tuple[str, Any]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from literal_pairs(target, value)
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            yield from literal_pairs(target, value)


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


def _sure(body: list[ast.stmt]) -> list[ast.stmt]:
    return [statement for statement in body if not isinstance(statement, _CONDITIONAL)]


def _stepped(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub()):
            yield name


def _keyword_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg is None and isinstance(node.value, ast.Name):
            yield node.value.id


def _loop_names(node: ast.AST) -> list[str]:
    return bound_in([node.target]) if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)) else []
