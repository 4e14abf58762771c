"""The code that is put around a loop."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, TypeAlias

from nbtrail.analysis.syntax import copied, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
PREFIX: Final = "_nbtrail_loop_"
"""Names of ours begin so."""
_WRAPPERS: Final = frozenset({"enumerate", "tqdm", "trange", "tqdm_notebook", "track", "progress", "reversed"})
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def wrap(loop: Loop, loop_id: str, names: Sequence[str]) -> list[ast.stmt]:
    """The statements that stand for a loop that tells what it leaves behind; the loop given is changed.

    Parameters
    ----------
    loop
        The loop.
    loop_id
        Tells it apart from every other one; ends in ``.`` and a number of its own in the cell.
    names
        What is read after each turn.
    """
    variable = PREFIX + loop_id.rpartition(".")[2]
    step = _step_name(loop)
    enter = ast.parse(
        f"try:\n from nbtrail.analysis.ticks import enter_loop as {variable}\n {variable} = {variable}({loop_id!r})\n"
        f"except Exception: {variable} = None"
    ).body
    reads = "".join(
        f" try: {variable}.see({position}, {name})\n except NameError: pass\n" for position, name in enumerate(names)
    )
    tick = ast.parse(f"if {variable} is not None and {variable}.turn({step}):\n{reads} {variable}.keep()").body
    end = ast.parse(f"if {variable} is not None and {variable}.end():\n{reads} {variable}.keep()").body[0]
    for new in enter:
        _stand_at(new, loop)
    for new in tick:
        # Python jumps back behind the condition of a while: at its line, a debugger would stop there a second time.
        _stand_at(new, loop.body[0] if isinstance(loop, ast.While) else loop)
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        loop.iter = _measured(loop.iter, variable)
    loop.body = [*tick, *_ending_returns(loop.body, end)]
    if loop.orelse:
        loop.orelse[:0] = [_copy_at(end, loop)]
    return [*enter, loop, _copy_at(end, loop)]


def _ending_returns(body: Sequence[ast.stmt], end: ast.stmt) -> list[ast.stmt]:
    """The statements, with the loop's end before each ``return`` out of it."""
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.Return):
            found.append(_copy_at(end, statement))
        elif not isinstance(statement, _DEFINITIONS):
            for block in blocks(statement):
                block[:] = _ending_returns(block, end)
        found.append(statement)
    return found


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The lists of statements inside of a statement."""
    for place in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(place, name, None)
            if isinstance(block, list):
                yield block


def _copy_at(statement: ast.stmt, place: ast.stmt) -> ast.stmt:
    new = copied(statement)
    _stand_at(new, place)
    return new


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
    template.body = copied(iterated)
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
