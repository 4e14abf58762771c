"""Reading expressions: literals, dotted names, what is bound to what."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from nbtrail.analysis.names import bound_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROUNDING: Final = frozenset({"round", "float"})
Tree = TypeVar("Tree")
NO_LITERAL: Final = object()
"""Stands for "this is no literal", which ``None`` may be."""


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
    return value if is_plain(value) else NO_LITERAL


def copied(tree: Tree) -> Tree:
    """A copy of a syntax tree (a node, a list of nodes, a constant), by the fields of its nodes alone.

    ``copy.deepcopy`` would follow what others have hung onto nodes. IPython's tracebacks give every node a parent, also
    ``ast.Load()`` and its like, of which Python has one each for all trees: behind it stand whole modules.
    """
    if isinstance(tree, list):
        return cast("Tree", [copied(part) for part in tree])
    if not isinstance(tree, ast.AST):
        return tree
    new = type(tree)(**{name: copied(value) for name, value in ast.iter_fields(tree)})
    return ast.copy_location(new, tree)


def own_nodes(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of the cell's own scope: functions and classes are not entered."""
    for statement in statements:
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield from own_nodes(ast.iter_child_nodes(statement))


def literal_pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Any]]:
    """The names that an assignment binds to literals."""
    if isinstance(target, ast.Name):
        found = literal(value)
        if found is not NO_LITERAL:
            yield target.id, found
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one_target, one_value in _paired(target, value):
            if one_value is not None:
                yield from literal_pairs(one_target, one_value)


def computed_pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    """The names that an assignment binds to something computed, each with the call that gave the value."""
    if isinstance(target, ast.Name):
        if literal(value) is NO_LITERAL:
            yield target.id, call_of(value) or ""
    elif isinstance(target, (ast.Tuple, ast.List)):
        for one_target, one_value in _paired(target, value):
            if one_value is not None:
                yield from computed_pairs(one_target, one_value)
            else:
                yield from ((name, call_of(value) or "") for name in bound_in([one_target]))


def call_of(node: ast.expr) -> str | None:
    """What an expression calls, or the fitted attribute that it looks up; ``await``, ``round``, ``float`` aside."""
    match node:
        case ast.Await(value=value):
            return call_of(value)
        case ast.Call(func=ast.Name(id=name), args=[ast.Call() as inner, *_]) if name in _ROUNDING:
            return call_of(inner)
        case ast.Call(func=function):
            return dotted(function) or None
        case ast.Attribute(attr=attribute) if attribute.endswith("_"):
            # What fitting has learned, by scikit-learn's convention: search.best_score_
            return dotted(node) or None
    return None


def _paired(target: ast.Tuple | ast.List, value: ast.expr) -> list[tuple[ast.expr, ast.expr | None]]:
    """The targets of an unpacking with the expression that each gets, as far as it shows."""
    starred = any(isinstance(one, ast.Starred) for one in target.elts)
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) and not starred:
        return list(zip(target.elts, value.elts, strict=True))
    return [(one, None) for one in target.elts]


def is_plain(value: object) -> bool:
    """Whether a value is of JSON's kinds throughout; tuples and numbers as keys count too."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, (str, int, float)) and is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (bool, int, float, str))
