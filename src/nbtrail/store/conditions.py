"""A filter as a small tree of values, between the language (``query``) and the engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

FieldKind: TypeAlias = Literal["text", "number", "time", "boolean", "tags", "any"]
Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]
Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | None"

RUN_FIELDS: Final[dict[str, FieldKind]] = {
    "id": "text",
    "name": "text",
    "status": "text",
    "notebook": "text",
    "note": "text",
    "parent": "text",
    "error": "text",
    "started": "time",
    "ended": "time",
    "duration": "number",
    "starred": "boolean",
    "tags": "tags",
}
"""The fields that every run has, and what they hold."""
METRIC_PARTS: Final = ("last", "min", "max", "mean", "count", "step")
STATUSES: Final = ("running", "finished", "failed", "interrupted", "lost")


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a run has: ``name``, ``params.lr``, ``metrics["val/loss"].min``."""

    group: Literal["run", "params", "metrics"]
    name: str
    part: str = "last"
    """Of a metric: one of ``METRIC_PARTS``."""

    @property
    def kind(self) -> FieldKind:
        """What the field holds; ``any`` for a param."""
        if self.group == "run":
            return RUN_FIELDS[self.name]
        return "number" if self.group == "metrics" else "any"


@dataclass(frozen=True, slots=True)
class Compare:
    """Field against value or field. False where either side is missing or NaN, also for ``!=``.

    Times are UTC seconds; a tuple stands for a JSON list; ``parent`` equals the parent's id and its name.
    """

    field: Field
    operator: Operator
    other: Field | Value


@dataclass(frozen=True, slots=True)
class Contains:
    """A tag among the tags, a text within a text, an item in a list. False where the field is missing."""

    field: Field
    item: str | float | bool


@dataclass(frozen=True, slots=True)
class Present:
    """The run has the field; a NaN counts, a ``None`` or an empty note does not."""

    field: Field


@dataclass(frozen=True, slots=True)
class Truth:
    """The field is there, and neither false, 0 nor empty."""

    field: Field


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    item: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of at least one."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of at least one."""

    items: tuple[Condition, ...]


Condition: TypeAlias = Compare | Contains | Present | Truth | Not | And | Or
