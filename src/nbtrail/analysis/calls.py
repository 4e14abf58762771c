"""Keyword literals of calls: ``RandomForestClassifier(n_estimators=200)`` sets a param though it binds no name."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.call_words import (
    DRAWING,
    FUNCTION_PACKAGES,
    METHODS,
    NO_PARAMS,
    NOT_SETTING,
    OTHER_PACKAGES,
    SEEDS,
)
from nbtrail.analysis.lexicon import call_reason
from nbtrail.analysis.params import LONGEST_TEXT, MOST_LEAVES, leaves
from nbtrail.analysis.proposal import Proposal
from nbtrail.analysis.syntax import NO_LITERAL, dotted, is_plain, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbtrail.settings import Settings

_EMPTY: Final[tuple[Any, ...]] = ([], (), {}, "")
_BLOCKS: Final = (ast.Try, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While, ast.If, ast.Match)
_MAYBE: Final = (
    ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.FunctionDef,
    ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call with literals among its arguments."""

    callee: str
    """As it is written: ``ensemble.RandomForestClassifier``."""
    line: int
    keywords: Mapping[str, Any] = field(default_factory=dict)
    first: Any = NO_LITERAL
    """The first positional argument, if it is a literal."""


def call_sites(body: Iterable[ast.stmt]) -> Iterator[CallSite]:
    """The calls of a cell's own scope that run whenever the cell does: not those in functions, ``if`` and handlers."""
    for statement in body:
        for node in _sure_nodes(statement):
            if isinstance(node, ast.Call):
                site = _site(node)
                if site is not None:
                    yield site


def find_call_params(
    sites: Iterable[CallSite],
    namespace: Mapping[str, Any],
    cell: int | None,
    settings: Settings,
    *,
    until: int | None = None,
) -> Iterator[Proposal]:
    """The params among the literals that a cell's calls were given.

    Parameters
    ----------
    sites
        The cell's calls.
    namespace
        Where the names live, once the cell has run.
    cell
        Its ``n`` of ``In[n]``.
    settings
        Names to leave out.
    until
        The line of the cell in which it failed; calls of later lines did not run.

    Yields
    ------
    Proposal
        ``RandomForestClassifier.n_estimators``, ``train_test_split.test_size``, ``model.fit.epochs``. A keyword that
        calls of the same thing give different values has the list of them.
    """
    found: dict[str, list[Any]] = {}
    for site in sites:
        if until is not None and site.line > until:
            continue
        for name, value in _settings_of(site, namespace):
            values = found.setdefault(name, [])
            if value not in values:
                values.append(value)
    where = "keyword of a call" if cell is None else f"keyword of a call in cell {cell}"
    for name, values in found.items():
        if name not in settings.ignore:
            yield Proposal(name, values[0] if len(values) == 1 else values, where)


def is_setting(value: object) -> bool:
    """Whether a value is plain, and short enough to be a setting rather than data."""
    if not is_plain(value):
        return False
    return len(value) <= LONGEST_TEXT if isinstance(value, str) else leaves(value) <= MOST_LEAVES


def _sure_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those in it that are reached whenever it is."""
    if isinstance(node, _MAYBE):
        return
    parts = _of_block(node) if isinstance(node, _BLOCKS) else None
    if parts is None:
        yield node
        parts = ast.iter_child_nodes(node)
    for part in parts:
        yield from _sure_nodes(part)


def _of_block(node: ast.AST) -> Iterable[ast.AST]:
    """What of a statement with a block is reached for certain; of a loop one turn is taken for granted."""
    match node:
        case ast.Try(body=body, finalbody=finalbody):
            # What follows the first statement may have been skipped, and nobody told.
            return [*body[:1], *finalbody]
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            contexts = [item.context_expr for item in items]
            return [*contexts, *_to_the_end(body[:1] if any(map(_suppresses, contexts)) else body)]
        case ast.For(iter=iterated, body=body) | ast.AsyncFor(iter=iterated, body=body):
            return [iterated, *([] if literal(iterated) in _EMPTY else _to_the_end(body))]
        case ast.If(test=test, body=body) | ast.While(test=test, body=body):
            is_sure = _is_main(test) if isinstance(node, ast.If) else literal(test) is True
            return [test, *(_to_the_end(body) if is_sure else [])]
    assert isinstance(node, ast.Match)
    return [node.subject]


def _to_the_end(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements up to one that leaves the block."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.Break, ast.Continue, ast.Raise, ast.Return)):
            return


def _suppresses(context: ast.expr) -> bool:
    called = context.func if isinstance(context, ast.Call) else context
    return dotted(called).rpartition(".")[2] in {"suppress", "raises"}


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and dotted(test.left) == "__name__"


def _site(call: ast.Call) -> CallSite | None:
    callee = dotted(call.func)
    if not callee:
        return None
    keywords = {one.arg: literal(one.value) for one in call.keywords if one.arg is not None}
    given = {name: value for name, value in keywords.items() if value is not NO_LITERAL and is_setting(value)}
    first = literal(call.args[0]) if call.args and callee.rpartition(".")[2] in SEEDS else NO_LITERAL
    return CallSite(callee, call.lineno, given, first) if given or first is not NO_LITERAL else None


def _settings_of(site: CallSite, namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    last = site.callee.rpartition(".")[2]
    if last in SEEDS and site.first is not NO_LITERAL:
        yield site.callee, site.first
        return
    label = _label(site.callee, namespace)
    if label is not None:
        yield from ((f"{label}.{name}", value) for name, value in site.keywords.items() if name not in NO_PARAMS)


def _label(callee: str, namespace: Mapping[str, Any]) -> str | None:
    """How the call is named among the params; ``None`` where its keywords are none."""
    root, *rest = callee.split(".")
    found: Any = namespace.get(root)
    # Through modules only, and without asking them: a lazy module imports what it is asked for.
    while rest and isinstance(found, ModuleType):
        found = vars(found).get(rest[0])
        root = rest.pop(0)
    if found is None or isinstance(found, ModuleType):
        return None
    if not rest:
        if _is_class_of_settings(found):
            return str(found.__name__)
        return root if _is_function_of_settings(found) else None
    if isinstance(found, type):
        return callee if _is_class_of_settings(found) and rest[-1].startswith(("from_", *METHODS)) else None
    return callee if len(rest) == 1 and rest[0] in METHODS and _is_class_of_settings(type(found)) else None


def _is_class_of_settings(found: object) -> bool:
    if not isinstance(found, type) or issubclass(found, BaseException) or found.__name__.endswith(DRAWING):
        return False
    return _is_of_other(found.__module__)


def _is_of_other(module: str) -> bool:
    package = str(module).partition(".")[0]
    return package == "__main__" or (package not in OTHER_PACKAGES and package not in sys.stdlib_module_names)


def _is_function_of_settings(found: object) -> bool:
    if not isinstance(found, (FunctionType, BuiltinFunctionType)):
        return False
    name = found.__name__
    if call_reason(name) and not name.startswith("cross_val"):
        return False
    package = str(found.__module__).partition(".")[0]
    return package == "__main__" or (package in FUNCTION_PACKAGES and not name.startswith(NOT_SETTING))
