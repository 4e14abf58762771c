"""The loop transformation: loops that say, after each turn, what it left behind.

::

    loop = enter_loop("…")              # nothing but an object; it never holds the frame
    try:
        for x in it:
            tick                        # writes down what the turn before left behind
            body                        # untouched: break, continue, else, await, yield work by themselves
    finally:
        end                             # the last turn, unless an exception is on its way out

New nodes take the loop's own line, and no line is added, so tracebacks stay as they were.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nbtrail.analysis.lexicon import call_reason, metric_reason
from nbtrail.analysis.names import bound_in
from nbtrail.analysis.series import computed_in, grown_in
from nbtrail.analysis.syntax import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPILING: Final = frozenset({
    "jit", "njit", "vectorize", "guvectorize", "cuda", "function", "compile", "script", "kernel", "stencil", "cfunc",
    "pmap", "vmap", "pyfunc",
})  # fmt: skip
_WRAPPERS: Final = frozenset({"enumerate", "tqdm", "trange", "tqdm_notebook", "track", "progress", "reversed"})
_PREFIX: Final = "_nbtrail_loop_"
NAMED: Final = "named in --each-step"


@dataclass(frozen=True, slots=True)
class Watched:
    """One series that a loop gives."""

    metric: str
    name: str
    """The name that is read after each turn."""
    reason: str
    kind: Literal["value", "list", "item"] = "value"
    """Whether the name holds the number, a list that grows by it, or a dict with such a list under ``key``."""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """What one loop of the cell is to be asked after each turn."""

    id: str
    line: int
    series: tuple[Watched, ...] = ()


@dataclass(slots=True)
class StepTransformer(ast.NodeTransformer):
    """Makes the loops of one cell say what each turn left behind; for ``ip.ast_transformers``.

    Parameters
    ----------
    cell
        Told apart from every other cell that was ever transformed in this process.
    wanted
        Names to record; empty takes the computed ones that the lexicon knows.
    ignored
        Names that the project leaves out where none are wanted by name.
    """

    cell: str
    wanted: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    plans: dict[str, LoopPlan] = field(default_factory=dict)
    """What was planned, by the loops' ids; filled while visiting."""

    def visit(self, node: ast.AST) -> ast.AST:
        """The tree with its loops wrapped; the tree given is left as it is."""
        if not isinstance(node, ast.Module) or _is_of_timeit(node):
            return node
        tree = copy.deepcopy(node)
        targets = {name for loop in _all_loops(tree) for name in _targets(loop)}
        chosen = frozenset(self.wanted) & targets
        bound = {name for loop in _all_loops(tree) for name in bound_in(loop.body)}
        loose = tuple(name for name in self.wanted if name not in bound | targets)
        top = _Wrapping(self, chosen=chosen, loose=loose, taken=frozenset())
        tree.body = top.statements(tree.body)
        inner = _Wrapping(self, chosen=chosen, loose=(), taken=frozenset(top.found), only_with_series=True)
        for definition in _definitions(tree.body):
            definition.body = inner.statements(definition.body)
        return tree

    def plan(self, loop: Loop, *, chosen: frozenset[str], loose: tuple[str, ...], taken: frozenset[str]) -> LoopPlan:
        """Decide what a loop is asked."""
        if self.wanted:
            series = _series_of_wanted(loop, self.wanted, chosen, loose)
        else:
            series = [one for one in _inferred(loop) if self.ignored.isdisjoint((one.name, one.metric))]
        left = tuple(one for one in series if one.metric not in taken)
        plan = LoopPlan(f"{self.cell}.{len(self.plans)}", loop.lineno, left)
        self.plans[plan.id] = plan
        return plan


@dataclass(slots=True)
class _Wrapping:
    """Wraps the outermost loops of one scope."""

    transformer: StepTransformer
    chosen: frozenset[str]
    loose: tuple[str, ...]
    taken: frozenset[str]
    only_with_series: bool = False
    """A function may be called a million times: a loop that has nothing to tell is left alone."""
    found: set[str] = field(default_factory=set)

    def statements(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [new for statement in body for new in self._statement(statement)]

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, _DEFINITIONS):
            return [statement]
        if isinstance(statement, _LOOPS) and not self._has_chosen_inside(statement):
            plan = self.transformer.plan(statement, chosen=self.chosen, loose=self.loose, taken=self.taken)
            self.found.update(series.metric for series in plan.series)
            return _wrap(statement, plan) if plan.series or not self.only_with_series else [statement]
        for block in ("body", "orelse", "finalbody"):
            if isinstance(getattr(statement, block, None), list):
                setattr(statement, block, self.statements(getattr(statement, block)))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            part.body = self.statements(part.body)
        return [statement]

    def _has_chosen_inside(self, loop: Loop) -> bool:
        """Whether an inner loop's target was named, which makes that loop the one to ask."""
        if self.chosen.intersection(_targets(loop)):
            return False
        return any(self.chosen.intersection(_targets(inner)) for inner in _all_loops(ast.Module(loop.body, [])))


# --- which names ---


def _series_of_wanted(loop: Loop, wanted: Sequence[str], chosen: frozenset[str], loose: Sequence[str]) -> list[Watched]:
    bound = {*bound_in(loop.body), *_targets(loop)}
    grown = {series.metric: series for series in _grown(loop)}
    names = [name for name in wanted if name in bound or name in grown or (name in loose and name.isidentifier())]
    asked = [name for name in names if name not in chosen or metric_reason(name)]
    if not asked and names:
        return _inferred(loop)
    return [grown.get(name, Watched(name, name, NAMED)) for name in asked]


def _inferred(loop: Loop) -> list[Watched]:
    computed = computed_in(loop.body)
    targets = {name for inner in _all_loops(ast.Module([loop], [])) for name in _targets(inner)}
    found: list[Watched] = []
    for name, call in computed.items():
        reason = metric_reason(name) or (call_reason(call) if call else None)
        if reason is not None and name not in targets and not name.startswith("_"):
            found.append(Watched(name, name, reason))
    values = {series.name for series in found}
    return found + [one for one in _grown(loop) if one.name not in values and metric_reason(one.metric)]


def _grown(loop: Loop) -> Iterator[Watched]:
    """Lists that grow; those that only gather a number which is recorded anyway are left out."""
    computed = computed_in(loop.body)
    for one in grown_in(loop.body):
        if one.value is not None and one.value in computed and metric_reason(one.value):
            continue
        if one.key is None:
            yield Watched(one.name, one.name, f"grows by one; {metric_reason(one.name) or NAMED}", "list")
        else:
            metric = f"{one.name}.{one.key}"
            yield Watched(metric, one.name, f"grows by one; {metric_reason(one.key) or NAMED}", "item", one.key)


def _is_of_timeit(tree: ast.Module) -> bool:
    """Whether this is what ``%timeit`` times, in which nothing may be added."""
    match tree.body:
        case [ast.FunctionDef(name="inner", args=ast.arguments(args=[ast.arg(arg="_it"), ast.arg(arg="_timer")]))]:
            return True
    return False


def _targets(loop: Loop) -> list[str]:
    return [] if isinstance(loop, ast.While) else bound_in([loop.target])


def _all_loops(node: ast.AST) -> list[Loop]:
    return [inner for inner in ast.walk(node) if isinstance(inner, _LOOPS)]


def _definitions(body: Sequence[ast.stmt]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods at any depth, but for those that something else than Python will compile."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITIONS) and any(_compiles(decorator) for decorator in node.decorator_list):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _compiles(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return not _COMPILING.isdisjoint(dotted(called).lower().split("."))


# --- the code around a loop ---


def _wrap(loop: Loop, plan: LoopPlan) -> list[ast.stmt]:
    variable = _PREFIX + plan.id.rpartition(".")[2]
    step = _step_name(loop)
    enter = ast.parse(
        f"try:\n from nbtrail.analysis.ticks import enter_loop as {variable}\n {variable} = {variable}({plan.id!r})\n"
        f"except Exception: {variable} = None"
    ).body
    reads = "".join(
        f" try: {variable}.see({position}, {series.name})\n except NameError: pass\n"
        for position, series in enumerate(plan.series)
    )
    tick = ast.parse(f"if {variable} is not None and {variable}.turn({step}):\n{reads} {variable}.keep()").body
    end = ast.parse(f"if {variable} is not None and {variable}.end():\n{reads} {variable}.keep()").body
    end_again = copy.deepcopy(end)
    guard = ast.parse("try: pass\nfinally: pass").body[0]
    assert isinstance(guard, ast.Try)
    for new in (*enter, *tick, *end, *end_again, guard):
        _stand_at(new, loop)
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        loop.iter = _measured(loop.iter, variable)
    loop.body[:0] = tick
    if loop.orelse:
        loop.orelse[:0] = end
    guard.body, guard.finalbody = [loop], end_again
    return [*enter, guard]


def _measured(iterated: ast.expr, variable: str) -> ast.expr:
    """The same iterable, seen in passing for its length."""
    match iterated:
        case ast.Call(func=function, args=[ast.expr() as first, *_]) if dotted(function).rpartition(".")[
            2
        ] in _WRAPPERS and not isinstance(first, ast.Starred):
            iterated.args[0] = _measured(first, variable)
            return iterated
    template = ast.parse(f"0 if {variable} is None else {variable}.over(0)", mode="eval").body
    _stand_at(template, iterated)
    assert isinstance(template, ast.IfExp)
    assert isinstance(template.orelse, ast.Call)
    template.body = copy.deepcopy(iterated)
    template.orelse.args[0] = iterated
    return template


def _step_name(loop: Loop) -> str:
    """What tells the step: the loop variable, or the first of an ``enumerate``; ``None`` in other loops."""
    if isinstance(loop, ast.While):
        return "None"
    if isinstance(loop.target, ast.Name):
        return loop.target.id
    match loop.target:
        case ast.Tuple(elts=[ast.Name(id=name), *_]) if _counts(loop.iter):
            return name
    return "None"


def _counts(iterated: ast.expr) -> bool:
    match iterated:
        case ast.Call(func=function, args=args):
            last = dotted(function).rpartition(".")[2]
            return last == "enumerate" or (last in _WRAPPERS and bool(args) and _counts(args[0]))
    return False


def _stand_at(new: ast.AST, place: ast.expr | ast.stmt) -> None:
    for node in ast.walk(new):
        if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler, ast.alias, ast.keyword)):
            node.lineno, node.col_offset = place.lineno, place.col_offset
            node.end_lineno, node.end_col_offset = place.lineno, place.col_offset
