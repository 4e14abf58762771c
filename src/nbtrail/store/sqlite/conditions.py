# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Filters and sort keys as SQL. Values travel as bound parameters only; the words of the SQL all stand here.

The statements run against ``runs r`` with ``:alive`` bound to a JSON list of the sessions that are still there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from nbtrail.store.conditions import And, Compare, Contains, Field, Not, Or, Present, Truth
from nbtrail.store.sqlite.connection import encodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.store.conditions import Condition, Value

_IS_LOST: Final = "(r.status = 'running' AND r.session_id NOT IN (SELECT value FROM json_each(:alive)))"
STATUS: Final = f"CASE WHEN {_IS_LOST} THEN 'lost' ELSE r.status END"
ENDED: Final = (
    f"CASE WHEN {_IS_LOST} THEN coalesce((SELECT coalesce(s.ended, s.heartbeat) FROM sessions s"
    " WHERE s.id = r.session_id), r.started) ELSE r.ended END"
)
RUN_COLUMNS: Final = {
    "id": "r.id",
    "name": "r.name",
    "status": STATUS,
    "notebook": "r.notebook",
    "note": "nullif(r.note, '')",
    "parent": "r.parent_id",
    "error": "r.error",
    "started": "r.started",
    "ended": f"({ENDED})",
    "duration": f"(({ENDED}) - r.started)",
    "starred": "r.starred",
}
_NEVER_NULL: Final = {"id", "name", "status", "started", "starred"}
_METRIC_COLUMNS: Final = {
    "last": "last",
    "min": "min",
    "max": "max",
    "mean": "sum / nullif(count - nan_count, 0)",
    "count": "count",
    "step": "last_step",
}
_LARGEST_EXACT: Final = 2**53


@dataclass(slots=True)
class Bound:
    """The parameters of one statement, gathered while its text is written."""

    values: dict[str, object] = field(default_factory=dict)
    walks: bool = False
    """Each run is asked for itself whether it passes, instead of gathering all that do before."""
    run_id: str = "r.id"
    """The column with the run's id; another one than this where nothing else of ``runs`` may be needed."""

    def __call__(self, value: object) -> str:
        """The placeholder under which ``value`` is bound."""
        name = f"v{len(self.values)}"
        self.values[name] = float(value) if isinstance(value, int) else encodable(value)
        return f":{name}"

    def page(self, limit: int, offset: int) -> dict[str, object]:
        """All parameters, with those of a page."""
        return {**self.values, "limit": limit, "offset": offset}


def where(condition: Condition, bound: Bound, *, exact: bool = False) -> str:  # noqa: PLR0911 - one for each kind
    """An expression that is true for the runs that pass; for others 0 if ``exact``, else 0 or NULL.

    A comparison that may be NULL can use an index.
    """
    match condition:
        case And(items):
            return _joined([where(item, bound, exact=exact) for item in items], "AND")
        case Or(items):
            return _joined([where(item, bound, exact=exact) for item in items], "OR")
        case Not(item):
            return f"(NOT {where(item, bound, exact=True)})"
        case Compare(left, operator, Field() as right):
            return _compare_fields(left, operator, right, bound)
        case Compare(left, operator, other):
            test, is_null = _compare_value(left, operator, cast("Value", other), bound)
            return f"coalesce({test}, 0)" if is_null and exact else test
        case Contains(wanted, item):
            return _contains(wanted, item, bound)
        case Present(wanted):
            return _present(wanted, bound)
        case Truth(wanted):
            return _truth(wanted, bound)


def order(keys: Sequence[tuple[Field, bool]], bound: Bound) -> tuple[str, str]:
    """The joins and the ORDER BY terms for these fields, each with "descending?"; missing values and NaN last."""
    joins: list[str] = []
    terms: list[str] = []
    for position, (wanted, descending) in enumerate(keys):
        direction = " DESC" if descending else ""
        if wanted.group == "run":
            column = RUN_COLUMNS[wanted.name]
            missing = [] if wanted.name in _NEVER_NULL else [f"{column} IS NULL"]
            terms += [*missing, column + direction]
            continue
        alias = f"k{position}"
        join = f"LEFT JOIN {wanted.group} {alias} ON {alias}.run_id = r.id AND {alias}.key = {bound(wanted.name)}"
        joins.append(join)
        if wanted.group == "metrics":
            column = metric_column(wanted.part, alias)
            terms += [f"{column} IS NULL", column + direction]
        else:
            text = f"coalesce({alias}.text, {alias}.value)"
            terms += [
                f"({alias}.number IS NULL AND coalesce({alias}.value, 'null') IN ('null', 'NaN'))",
                f"{alias}.number IS NULL{direction}",
                f"{alias}.number{direction}",
                text + direction,
            ]
    return " ".join(joins), ", ".join([*terms, "r.id DESC"])


def metric_column(part: str, alias: str) -> str:
    """A part of a metric's summary, in the table of that alias."""
    if part == "mean":
        return f"{alias}.sum / nullif({alias}.count - {alias}.nan_count, 0)"
    return f"{alias}.{_METRIC_COLUMNS[part]}"


def _joined(parts: Sequence[str], operator: str) -> str:
    """All parts in a balanced tree: SQLite bounds the depth of an expression, not its width."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], operator)} {operator} {_joined(parts[middle:], operator)})"


def _runs_with(table: str, test: str, bound: Bound) -> str:
    if bound.walks:
        return f"EXISTS (SELECT 1 FROM {table} WHERE run_id = {bound.run_id} AND {test})"
    return f"{bound.run_id} IN (SELECT run_id FROM {table} WHERE {test})"


def _runs_with_key(table: str, key: str, test: str, bound: Bound) -> str:
    return _runs_with(table, f"key = {bound(key)} AND ({test})", bound)


def _compare_value(left: Field, operator: str, value: Value, bound: Bound) -> tuple[str, bool]:
    """The test, and whether it may be NULL."""
    if left.group == "params":
        return _compare_param(left.name, operator, value, bound), False
    if left.group == "metrics":
        test = f"{_METRIC_COLUMNS[left.part]} {operator} {bound(value)}"
        return _runs_with_key("metrics", left.name, test, bound), False
    if left.name == "parent" and operator in {"==", "!="}:
        name = bound(value)
        same = f"coalesce(r.parent_id IN ({name}, (SELECT id FROM runs WHERE name = {name})), 0)"
        return (same if operator == "==" else f"(r.parent_id IS NOT NULL AND NOT {same})"), False
    if left.name == "status" and operator == "==":
        return has_status(str(value), bound), False
    return f"{RUN_COLUMNS[left.name]} {operator} {bound(value)}", left.name not in _NEVER_NULL


def has_status(status: str, bound: Bound) -> str:
    """Whether a run has this status."""
    if status == "lost":
        return _IS_LOST
    return f"(r.status = 'running' AND NOT {_IS_LOST})" if status == "running" else f"r.status = {bound(status)}"


def _compare_param(name: str, operator: str, value: Value, bound: Bound) -> str:
    if isinstance(value, str):
        column, test = "text", f"text {operator} {bound(value)}"
    elif isinstance(value, tuple):
        column, test = "value", f"value {operator} {bound(json.dumps(value))}"
    else:
        column, test = "number", f"number {operator} {bound(value)}"
        if isinstance(value, int) and abs(value) > _LARGEST_EXACT and operator in {"==", "!="}:
            test = f"(number IS NOT NULL AND value {operator} {bound(str(value))})"
    if operator == "!=":
        # A value of another type differs too; NULL and NaN are no values.
        test = f"{test} OR ({column} IS NULL AND value NOT IN ('null', 'NaN'))"
    return _runs_with_key("params", name, test, bound)


def _compare_fields(left: Field, operator: str, right: Field, bound: Bound) -> str:
    tests = [
        f"{first} {operator} {second}"
        for first, second in zip(_typed(left, bound), _typed(right, bound), strict=True)
        if first and second
    ]
    return f"coalesce({', '.join([*tests, '0'])}, 0)"


def _typed(wanted: Field, bound: Bound) -> tuple[str, str]:
    """The field's value as a number and as a text; empty where it can be no such thing."""
    if wanted.group == "params":
        name = bound(wanted.name)
        select = f"(SELECT {{}} FROM params WHERE run_id = r.id AND key = {name})"
        return select.format("number"), select.format("text")
    if wanted.group == "metrics":
        column = _METRIC_COLUMNS[wanted.part]
        return f"(SELECT {column} FROM metrics WHERE run_id = r.id AND key = {bound(wanted.name)})", ""
    column = RUN_COLUMNS[wanted.name]
    return ("", column) if wanted.kind == "text" else (column, "")


def _contains(wanted: Field, item: str | float, bound: Bound) -> str:
    placeholder = bound(item)
    if wanted.name == "tags" and wanted.group == "run":
        return _runs_with("tags", f"tag = {placeholder}", bound)
    if wanted.group == "run":
        return f"coalesce(instr({RUN_COLUMNS[wanted.name]}, {placeholder}) > 0, 0)"
    types = "('text')" if isinstance(item, str) else "('integer', 'real', 'true', 'false')"
    listed = f"EXISTS (SELECT 1 FROM json_each(params.value) e WHERE e.value = {placeholder} AND e.type IN {types})"
    within = f"coalesce(instr(text, {placeholder}) > 0, 0)" if isinstance(item, str) else "0"
    # CASE, because nothing else promises that json_each is kept from values that it cannot read.
    test = f"CASE WHEN value LIKE '[%' AND json_valid(value) THEN {listed} ELSE {within} END"
    return _runs_with_key("params", wanted.name, test, bound)


def _present(wanted: Field, bound: Bound) -> str:
    if wanted.group == "params":
        return _runs_with_key("params", wanted.name, "value <> 'null'", bound)
    if wanted.group == "metrics":
        return _runs_with_key("metrics", wanted.name, "1", bound)
    if wanted.name == "tags":
        return _runs_with("tags", "1", bound)
    return f"({RUN_COLUMNS[wanted.name]} IS NOT NULL)"


def _truth(wanted: Field, bound: Bound) -> str:
    if wanted.group == "params":
        filled = "CASE WHEN text IS NULL THEN value NOT IN ('null', '[]', '{}') ELSE text <> '' END"
        test = f"CASE WHEN number IS NULL THEN {filled} ELSE number <> 0 END"
        return _runs_with_key("params", wanted.name, test, bound)
    if wanted.name == "starred":
        return "r.starred"
    return _present(wanted, bound)
