"""Which names the body of a loop computes, and which lists it grows."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.analysis.syntax import NO_LITERAL, computed_pairs, literal, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLAIN: Final = (ast.Name, ast.Constant)


@dataclass(frozen=True, slots=True)
class Grown:
    """A list that grows by one: ``name.append(value)`` or ``name["key"].append(value)``."""

    name: str
    key: str | None
    value: str | None
    """The name that is appended, if it is one."""


def computed_in(body: Sequence[ast.stmt]) -> dict[str, str]:
    """Names that a loop's body computes, with the call that gave the value; plain re-bindings are left out.

    What is added up from constants only, such as ``count += 1``, is no measure either.
    """
    found: dict[str, str] = {}
    for node in own_nodes(body):
        match node:
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                if literal(value) is NO_LITERAL:
                    found.setdefault(name, "")
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.NamedExpr(value=value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if not isinstance(value, _PLAIN):
                    found.update(pair for target in targets for pair in computed_pairs(target, value))
    return found


def grown_in(body: Sequence[ast.stmt]) -> Iterator[Grown]:
    """Lists that a loop's body appends to, each once."""
    seen: set[tuple[str, str | None]] = set()
    for node in own_nodes(body):
        match node:
            case ast.Call(func=ast.Attribute(value=holder, attr="append"), args=[value]):
                place = _place(holder)
                if place is not None and place not in seen:
                    seen.add(place)
                    yield Grown(*place, value.id if isinstance(value, ast.Name) else None)


def _place(holder: ast.expr) -> tuple[str, str | None] | None:
    match holder:
        case ast.Name(id=name):
            return name, None
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            return name, key
    return None
