"""The loop transformation: loops that say, after each turn, what it left behind.

::

    loop = enter_loop("…")              # nothing but an object; it never holds the frame
    for x in it:
        tick                            # writes down what the turn before left behind
        body                            # untouched: break, continue, await, yield work by themselves
    else:
        end                             # where the loop has an else: before what stands in it
    end                                 # the last turn; in functions also before a return inside of the loop

New nodes take lines that are there, and an exception on its way out passes none of them: a ``finally`` around the loop
would move the line that IPython points at.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from nbtrail.analysis.lexicon import call_reason, metric_reason
from nbtrail.analysis.loop_code import Loop, blocks, wrap
from nbtrail.analysis.names import bound_in
from nbtrail.analysis.series import computed_in, grown_in
from nbtrail.analysis.syntax import copied, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPILING: Final = frozenset({
    "jit", "njit", "vectorize", "guvectorize", "cuda", "function", "compile", "script", "kernel", "stencil", "cfunc",
    "pmap", "vmap", "pyfunc",
})  # fmt: skip
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
    is_of_cell: bool = True
    """Whether it stands in the cell itself and not in a function."""


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
        tree = copied(node)
        targets = {name for loop in _all_loops(tree) for name in _targets(loop)}
        chosen = frozenset(self.wanted) & targets
        bound = {name for loop in _all_loops(tree) for name in bound_in(loop.body)}
        loose = tuple(name for name in self.wanted if name not in bound | targets)
        top = _Wrapping(self, chosen=chosen, loose=loose, taken=frozenset())
        tree.body = top.statements(tree.body)
        inner = _Wrapping(self, chosen=chosen, loose=(), taken=frozenset(top.found), in_function=True)
        for definition in _definitions(tree.body):
            definition.body = inner.statements(definition.body)
        return tree

    def plan(
        self, loop: Loop, *, chosen: frozenset[str], loose: tuple[str, ...], taken: frozenset[str], is_of_cell: bool
    ) -> LoopPlan:
        """Decide what a loop is asked."""
        if self.wanted:
            series = _series_of_wanted(loop, self.wanted, chosen, loose)
        else:
            series = [one for one in _inferred(loop) if self.ignored.isdisjoint((one.name, one.metric))]
        left = tuple(one for one in series if one.metric not in taken)
        plan = LoopPlan(f"{self.cell}.{len(self.plans)}", loop.lineno, left, is_of_cell)
        self.plans[plan.id] = plan
        return plan


@dataclass(slots=True)
class _Wrapping:
    """Wraps the outermost loops of one scope."""

    transformer: StepTransformer
    chosen: frozenset[str]
    loose: tuple[str, ...]
    taken: frozenset[str]
    in_function: bool = False
    """A function may be called a million times: there a loop that has nothing to tell is left alone."""
    found: set[str] = field(default_factory=set)

    def statements(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [new for statement in body for new in self._statement(statement)]

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, _DEFINITIONS):
            return [statement]
        if isinstance(statement, _LOOPS) and not self._has_chosen_inside(statement):
            plan = self.transformer.plan(
                statement, chosen=self.chosen, loose=self.loose, taken=self.taken, is_of_cell=not self.in_function
            )
            self.found.update(series.metric for series in plan.series)
            return (
                wrap(statement, plan.id, [series.name for series in plan.series])
                if plan.series or not self.in_function
                else [statement]
            )
        for block in blocks(statement):
            block[:] = self.statements(block)
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
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _looks_at_its_names(node):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _looks_at_its_names(function: ast.AST) -> bool:
    """Whether a function would see a name of ours: ``f(**locals())``."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(name, ast.Name) and name.id in {"locals", "vars", "dir", "eval", "exec"} for name in called)


def _compiles(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return not _COMPILING.isdisjoint(dotted(called).lower().split("."))
