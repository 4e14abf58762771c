"""What a cell reads and writes: the names of the notebook's namespace that it looks up and that it binds."""

from __future__ import annotations

import ast
import builtins
import dis
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NEW_SCOPES: Final = (*_FUNCTIONS, *_COMPREHENSIONS, ast.ClassDef)
TRANSPARENT_MAGICS: Final = frozenset({"time", "capture", "prun"})
"""Magics that run their Python in the notebook's namespace."""
_BUILTINS: Final = frozenset(dir(builtins)) | {"get_ipython", "display", "__name__"}


@dataclass(frozen=True, slots=True)
class CellNames:
    """Names in the order in which they first appear."""

    reads: tuple[str, ...] = ()
    """Looked up, also from functions that the cell defines; built-in ones are left out."""
    writes: tuple[str, ...] = ()
    """Bound, deleted or changed by ``+=``; imports, functions and classes too."""


def parse_cell(source: str, transform: Callable[[str], str] = str) -> ast.Module | None:
    """The syntax tree of a cell, with the Python inside ``%%time``, ``%time`` and the like in its place.

    Parameters
    ----------
    source
        The cell as IPython would run it.
    transform
        Turns what stands inside a magic into Python.

    Returns
    -------
    ast.Module or None
        ``None`` where the cell is no Python.
    """
    try:
        tree = ast.parse(source)
        tree.body = [inner for statement in tree.body for inner in _opened(statement, transform)]
    except (SyntaxError, ValueError, RecursionError):
        return None
    return tree


def cell_names(tree: ast.Module) -> CellNames:
    """What a cell reads and writes."""
    walk = _Walk()
    walk.visit(tree)
    writes = dict.fromkeys(walk.writes)
    reads = [name for name in dict.fromkeys(walk.reads) if name in writes or name not in _BUILTINS]
    return CellNames(tuple(reads), tuple(writes))


def bound_in(statements: Iterable[ast.AST]) -> list[str]:
    """Names that statements bind in their own scope, each time that they do."""
    return [name for statement in statements for name in _bound(statement)]


class FunctionReads:
    """The names that user functions look up when they are called, whatever cell defined them."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[CodeType, tuple[str, ...]] = WeakKeyDictionary()

    def through(self, names: Iterable[str], namespace: Mapping[str, Any]) -> tuple[str, ...]:
        """``names`` and what the functions and classes among them read in turn, as far as it is in the namespace."""
        found: dict[str, None] = {}
        waiting = list(names)[::-1]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found[name] = None
            for function in _functions_of(namespace.get(name), namespace):
                waiting.extend(read for read in self._reads(function.__code__) if read in namespace)
        return tuple(found)

    def _reads(self, code: CodeType) -> tuple[str, ...]:
        known = self._known.get(code)
        if known is None:
            known = self._known[code] = tuple(dict.fromkeys(_global_loads(code)))
        return known


def _functions_of(value: object, namespace: Mapping[str, Any]) -> Iterator[FunctionType]:
    if isinstance(value, FunctionType):
        if value.__globals__ is namespace:
            yield value
    elif isinstance(value, type) and value.__module__ == namespace.get("__name__"):
        yield from (member for member in vars(value).values() if isinstance(member, FunctionType))


def _global_loads(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_loads(constant)


def _opened(statement: ast.stmt, transform: Callable[[str], str]) -> list[ast.stmt]:
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=kind),
                args=[ast.Constant(value=str(magic)), *_, ast.Constant(value=str(body))],
            )
        ) if kind in {"run_cell_magic", "run_line_magic"} and magic in TRANSPARENT_MAGICS:
            opened = parse_cell(transform(body), transform)
            return [statement] if opened is None else [statement, *opened.body]
    return [statement]


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=asname):
            yield asname or name.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
    if not isinstance(node, _NEW_SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)
    elif isinstance(node, _COMPREHENSIONS):
        yield from (inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))


def _locals_of(node: FunctionNode) -> frozenset[str]:
    spec = node.args
    arguments = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    outer = {
        name
        for statement in body
        for inner in ast.walk(statement)
        if isinstance(inner, (ast.Global, ast.Nonlocal))
        for name in inner.names
    }
    return frozenset({argument.arg for argument in arguments} | (set(bound_in(body)) - outer))


class _Walk(ast.NodeVisitor):
    """Goes through a module and notes the names that are none of a function's own."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.writes: list[str] = []
        self._scopes: list[tuple[bool, frozenset[str]]] = []
        """From the outside in: whether it is a class, and the names of its own."""

    def visit_Name(self, node: ast.Name) -> None:
        if self._is_own(node.id):
            return
        if isinstance(node.ctx, ast.Load):
            self.reads.append(node.id)
        else:
            self.writes.append(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and not self._is_own(node.target.id):
            self.reads.append(node.target.id)
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        self._write(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self._write(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name is not None:
            self._write(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name is not None:
            self._write(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self._write(node.rest)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._write(node.name)
        self._visit_all(node.decorator_list)
        self._visit_function(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the visitor's own naming

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._write(node.name)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        self._scopes.append((True, frozenset(bound_in(node.body))))
        self._visit_all(node.body)
        self._scopes.pop()

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self._write(inner.target.id)
        own = frozenset(name for one in node.generators for name in _bound(one.target))
        self._scopes.append((False, own))
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self._scopes.pop()

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815 - the visitor's own naming

    def _visit_function(self, node: FunctionNode) -> None:
        spec = node.args
        self._visit_all([*spec.defaults, *filter(None, spec.kw_defaults)])
        self._scopes.append((False, _locals_of(node)))
        self._visit_all([node.body] if isinstance(node, ast.Lambda) else node.body)
        self._scopes.pop()

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _write(self, name: str) -> None:
        if not self._is_own(name):
            self.writes.append(name)

    def _is_own(self, name: str) -> bool:
        innermost = len(self._scopes) - 1
        # A function does not see the names of the class around it.
        return any(
            name in own for depth, (is_class, own) in enumerate(self._scopes) if not is_class or depth == innermost
        )
