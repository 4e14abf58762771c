"""The filter language: Python's expression syntax, read with ``ast`` and a whitelist, never evaluated.

``metrics.acc > 0.9 and (params.lr < 0.1 or "baseline" in tags) and not failed``
"""

from __future__ import annotations

import ast
import difflib
import math
import time
from typing import TYPE_CHECKING, Final, cast

from nbtrail.store.conditions import STATUSES, And, Compare, Condition, Contains, Field, Not, Or, Present, Truth, Value
from nbtrail.store.expression import Expression
from nbtrail.store.fields import FieldReader, write_field
from nbtrail.store.moments import EXAMPLES, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrail.records import Names
    from nbtrail.store.conditions import Operator

__all__ = ["Condition", "Field", "parse_field", "parse_filter", "parse_sort"]

_MOST_COMPARISONS: Final = 1_000
_MOST_BITS: Final = 1_000
_OPERATORS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MIRRORED: Final[dict[Operator, Operator]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS: Final = {"inf": math.inf, "nan": math.nan}


def parse_filter(text: str, names: Names | None = None, *, clock: Callable[[], float] = time.time) -> Condition | None:
    """A filter as a condition; ``None`` for a blank one, which every run passes.

    Parameters
    ----------
    text
        The filter, in one line or several.
    names
        The names that exist. With them, a param or metric that no run has is a mistake, and so is a tag that is
        nearly one that exists.
    clock
        UTC seconds now, for times such as ``"2 days ago"``.

    Raises
    ------
    FilterError
        The text is no filter; the error says where the mistake begins and what could be meant.
    """
    if not text.strip():
        return None
    expression = Expression(text)
    return _FilterReader(expression, names, clock).condition(expression.root)


def parse_sort(text: str, names: Names | None = None) -> tuple[tuple[str, bool], ...]:
    """Sort keys, separated by commas, ``-`` before those that descend: ``-metrics.acc, name``.

    Returns
    -------
    tuple of (str, bool)
        Fields as ``RunQuery.sort`` wants them, each with "descending?"; empty for a blank text.

    Raises
    ------
    FilterError
        A key is no field, or none that runs can be sorted by.
    """
    if not text.strip():
        return ()
    expression = Expression(text)
    fields = FieldReader(expression, names)
    root = expression.root
    keys = []
    for node in root.elts if isinstance(root, ast.Tuple) else [root]:
        descending = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        field = fields.read(cast("ast.UnaryOp", node).operand if descending else node)
        if field.kind == "tags":
            raise expression.mistake(node, "runs cannot be sorted by tags", 'Filter by them: `"best" in tags`.')
        keys.append((write_field(field), descending))
    return tuple(keys)


def parse_field(text: str, names: Names | None = None) -> Field:
    """One field, such as ``params.lr`` or ``duration``.

    Raises
    ------
    FilterError
        The text is no field.
    """
    expression = Expression(text)
    return FieldReader(expression, names).read(expression.root)


class _FilterReader:
    """Turns the nodes of one filter into conditions."""

    def __init__(self, expression: Expression, names: Names | None, clock: Callable[[], float]) -> None:
        self._mistake = expression.mistake
        self._source = expression.source
        self._fields = FieldReader(expression, names)
        self._tags = names.tags if names else ()
        self._clock = clock
        self._comparisons = 0

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return And(tuple(self.condition(value) for value in values))
            case ast.BoolOp(values=values):
                return Or(tuple(self.condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand))
            case ast.Compare():
                return self._comparison(node)
            case ast.Name(id=word) if word in STATUSES:
                return Compare(Field("run", "status"), "==", word)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._truth(node)
            case ast.Constant():
                hint = "Compare it with a field: metrics.acc > 0.9."
                raise self._mistake(node, "this is a value, not a condition", hint)
        raise self._fields.no_expression(node)

    def _truth(self, node: ast.expr) -> Condition:
        field = self._fields.read(node)
        if field.kind in {"number", "time"}:
            written = self._source(node)
            example = "> 0.9" if field.kind == "number" else '> "yesterday"'
            hint = f"Compare it ({written} {example}), or ask whether it is there ({written} is not None)."
            raise self._mistake(node, f"{written} is no condition by itself", hint)
        return Truth(field)

    def _comparison(self, node: ast.Compare) -> Condition:
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, node.comparators, strict=False)
        conditions = tuple(self._pair(left, operator, right) for left, operator, right in pairs)
        return conditions[0] if len(conditions) == 1 else And(conditions)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Condition:
        self._comparisons += 1
        if self._comparisons > _MOST_COMPARISONS:
            raise self._mistake(left, f"more than {_MOST_COMPARISONS} comparisons in one filter")
        match operator:
            case ast.In() | ast.NotIn():
                return self._membership(left, right, negated=isinstance(operator, ast.NotIn))
            case ast.Is() | ast.IsNot():
                return self._presence(left, right, negated=isinstance(operator, ast.IsNot))
        return self._ordering(left, _OPERATORS[type(operator)], right)

    # --- comparing ---

    def _ordering(self, left: ast.expr, operator: Operator, right: ast.expr) -> Condition:
        if _is_value(left):
            if _is_value(right):
                raise self._mistake(left, "this compares two values", "One side is a field, such as metrics.acc.")
            left, operator, right = right, _MIRRORED[operator], left
        field = self._fields.read(left)
        if field.kind == "tags":
            raise self._mistake(left, "tags are many", 'Write `"baseline" in tags`.')
        if _is_value(right):
            return self._compare_value(left, field, operator, right)
        other = self._fields.read(right)
        if not _can_meet(field, other):
            raise self._mistake(right, f"{self._source(left)} and {self._source(right)} cannot be compared")
        return Compare(field, operator, other)

    def _compare_value(self, left: ast.expr, field: Field, operator: Operator, right: ast.expr) -> Condition:
        value = self._value(right)
        if value is None:
            if operator not in {"==", "!="}:
                raise self._mistake(right, "None has no order", "Ask `is None` or `is not None`.")
            return Present(field) if operator == "!=" else Not(Present(field))
        if field.kind == "time" and isinstance(value, str):
            return self._compare_time(field, operator, value, right)
        if isinstance(value, tuple) and operator not in {"==", "!="}:
            raise self._mistake(right, "lists have no order here", "Use `==`, `!=` or `in`.")
        self._check_type(field, value, left, right)
        return Compare(field, operator, value)

    def _check_type(self, field: Field, value: Value, left: ast.expr, right: ast.expr) -> None:
        written = self._source(left)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if field.kind == "text" and not isinstance(value, str):
            raise self._mistake(right, f"{written} is a text", "Put the value in quotes.")
        if field.kind in {"number", "time"} and not is_number:
            hint = "It counts seconds: duration > 120." if field.name == "duration" else ""
            raise self._mistake(right, f"{written} is a number", hint)
        if field.kind == "boolean" and not isinstance(value, bool):
            raise self._mistake(right, f"{written} is True or False")
        if field == Field("run", "status") and value not in STATUSES:
            near = difflib.get_close_matches(str(value), STATUSES, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(STATUSES)}."
            raise self._mistake(right, f"no run has the status {value!r}", hint)

    def _compare_time(self, field: Field, operator: Operator, text: str, node: ast.expr) -> Condition:
        try:
            start, end = parse_moment(text, now=self._clock())
        except (ValueError, OverflowError, OSError):
            raise self._mistake(node, f"{text!r} is no time", f"Write {EXAMPLES}.") from None
        if operator in {"==", "!="} and end > start:
            within = And((Compare(field, ">=", start), Compare(field, "<", end)))
            return within if operator == "==" else And((Present(field), Not(within)))
        return Compare(field, operator, start)

    # --- asking for presence ---

    def _presence(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Condition:
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise self._mistake(right, "`is` asks only for None", "Compare with `==`.")
        present = Present(self._fields.read(left))
        return present if negated else Not(present)

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Condition:
        if isinstance(right, (ast.List, ast.Tuple, ast.Set)):
            if not right.elts:
                raise self._mistake(right, "the list is empty")
            equal = ast.NotEq() if negated else ast.Eq()
            items = tuple(self._pair(left, equal, item) for item in right.elts)
            return And(items) if negated else Or(items)
        contains = self._contains(left, right)
        if not negated:
            return contains
        # A run without tags has no such tag; but of a param that is not there nothing can be said.
        without = Not(contains)
        return without if contains.field.kind == "tags" else And((Present(contains.field), without))

    def _contains(self, left: ast.expr, right: ast.expr) -> Contains:
        if isinstance(right, ast.Constant):
            raise self._mistake(right, "`in` looks into a field or a list", 'Write `"forest" in params.model`.')
        field = self._fields.read(right)
        written = self._source(right)
        if field.kind not in {"text", "tags", "any"}:
            raise self._mistake(right, f"nothing can be in {written}")
        if not _is_value(left):
            raise self._mistake(left, "a value in quotes belongs here", f'Write `"…" in {written}`.')
        item = self._value(left)
        if item is None or isinstance(item, tuple) or (field.kind != "any" and not isinstance(item, str)):
            raise self._mistake(left, f"this cannot be in {written}", f'Write a text in quotes: `"…" in {written}`.')
        if field.kind == "tags" and item not in self._tags:
            near = difflib.get_close_matches(str(item), self._tags, n=1, cutoff=0.75)
            if near:
                raise self._mistake(left, f"no run has the tag {item!r}", f"Did you mean {near[0]!r}?")
        return Contains(field, item)

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() as whole) if whole.bit_length() > _MOST_BITS:
                raise self._mistake(node, "the number is too large")
            case ast.Constant(value=None | bool() | int() | float() | str() as constant):
                return constant
            case ast.Name(id=word) if word in _NUMBERS:
                return _NUMBERS[word]
            case ast.UnaryOp(op=sign, operand=operand):
                number = self._value(operand)
                if isinstance(number, (int, float)) and not isinstance(number, bool):
                    return -number if isinstance(sign, ast.USub) else number
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return tuple(self._value(item) for item in items)
        hint = "Values are numbers, texts in quotes, True, False, None and lists of them."
        raise self._mistake(node, "this is no value", hint)


def _is_value(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.List() | ast.Tuple():
            return True
        case ast.Name(id=word):
            return word in _NUMBERS
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _is_value(operand)
    return False


def _can_meet(left: Field, right: Field) -> bool:
    """Whether two fields may hold values of one kind."""
    numeric = {"number", "time", "boolean", "any"}
    return (left.kind in numeric and right.kind in numeric) or {left.kind, right.kind} <= {"text", "any"}
