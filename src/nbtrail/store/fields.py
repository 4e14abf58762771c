"""The fields of the filter language: ``name``, ``params.lr``, ``metrics["val/loss"].min``."""

from __future__ import annotations

import ast
import difflib
import json
import keyword
from typing import TYPE_CHECKING, Final, Literal, cast

from nbtrail.records import Names
from nbtrail.store.conditions import METRIC_PARTS, RUN_FIELDS, STATUSES, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.errors import FilterError
    from nbtrail.store.expression import Expression

_CONSTANTS: Final = {"true": "True", "false": "False", "none": "None", "null": "None"}
_MOST_LISTED: Final = 12


class FieldReader:
    """Reads the fields of one expression.

    With the names that exist, a param or a metric that no run has is a mistake.
    """

    def __init__(self, expression: Expression, names: Names | None) -> None:
        self._expression = expression
        self._strict = names is not None
        names = names or Names()
        self._known: dict[str, Sequence[str]] = {"params": names.params, "metrics": names.metrics}

    def read(self, node: ast.expr) -> Field:
        """The field that a node stands for.

        Raises
        ------
        FilterError
            It stands for none.
        """
        match node:
            case ast.Name(id=word) if word in RUN_FIELDS:
                return Field("run", word)
            case ast.Name():
                raise self._no_field(node)
            case ast.Attribute() | ast.Subscript():
                return self._named(node)
        raise self.no_expression(node)

    def no_expression(self, node: ast.expr) -> FilterError:
        """The mistake of a node that no filter and no field can have."""
        match node:
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as operator):
                symbol, word = ("&", "and") if isinstance(operator, ast.BitAnd) else ("|", "or")
                offset = self._expression.symbol_offset(node, symbol)
                problem = f"`{symbol}` does not join conditions"
                return self._expression.mistake(node, problem, f"Write `{word}`.", byte_offset=offset)
            case ast.BinOp():
                hint = 'A name with other characters than letters, digits and _ goes in brackets: metrics["val/loss"].'
                return self._expression.mistake(node, "arithmetic is not understood", hint)
            case ast.Call():
                return self._expression.mistake(node, "calls are not understood", 'Search with `"…" in name`.')
            case ast.Constant():
                return self._expression.mistake(node, "a field belongs here, such as metrics.acc")
        return self._expression.mistake(node, "this is not understood", "Compare a field: metrics.acc > 0.9.")

    def _named(self, node: ast.Attribute | ast.Subscript) -> Field:
        owner, words, position = self._unfold(node)
        if owner.id not in self._known:
            raise self._no_owner(node, owner)
        group = cast("Literal['params', 'metrics']", owner.id)
        part = "last"
        if group == "metrics" and len(words) > 1 and isinstance(node, ast.Attribute) and words[-1] in METRIC_PARTS:
            part = words.pop()
        field = Field(group, ".".join(words), part)
        if self._strict and field.name not in self._known[group]:
            raise self._unknown(field, node, position)
        return field

    def _unfold(self, node: ast.expr) -> tuple[ast.Name, list[str], int]:
        """What stands before the first dot or bracket, the words after it, and the byte where they begin."""
        words: list[str] = []
        position = node.col_offset
        while not isinstance(node, ast.Name):
            match node:
                case ast.Attribute(value=value, attr=attribute):
                    words.insert(0, attribute)
                    position = (node.end_col_offset or 0) - len(attribute.encode())
                case ast.Subscript(value=value, slice=ast.Constant(value=str() as key) as index):
                    words.insert(0, key)
                    position = index.col_offset
                case ast.Subscript(slice=index):
                    raise self._expression.mistake(index, "a name in quotes belongs here", 'Write params["any name"].')
                case _:
                    raise self.no_expression(node)
            node = value
        return node, words, position

    # --- mistakes ---

    def _no_field(self, node: ast.Name) -> FilterError:
        word = node.id
        if word in STATUSES:
            hint = f'Write `{word}`, or `status == "{word}"`.'
            return self._expression.mistake(node, f"`{word}` is a condition by itself", hint)
        if word in self._known:
            example = {"params": "params.lr", "metrics": "metrics.acc"}[word]
            hint = f'Write {example}, or {word}["any name"].'
            return self._expression.mistake(node, f"`{word}` needs a name", hint)
        if constant := _CONSTANTS.get(word.lower()):
            return self._expression.mistake(node, f"`{word}` is not understood", f"Write {constant}.")
        return self._expression.mistake(node, f"no field `{word}`", self._hint_for(word))

    def _hint_for(self, word: str) -> str:
        for group in ("metrics", "params"):
            if word in self._known[group]:
                return f"Write {write_name(group, word)}."
        owned = {name: write_name(group, name) for group, names in self._known.items() for name in names}
        near = difflib.get_close_matches(word, [*RUN_FIELDS, *STATUSES, *owned], n=1)
        if near:
            return f"Did you mean {owned.get(near[0], near[0])}?"
        return f"Fields are {', '.join(RUN_FIELDS)}, params.NAME and metrics.NAME."

    def _no_owner(self, node: ast.expr, owner: ast.Name) -> FilterError:
        if owner.id in RUN_FIELDS:
            hint = 'Write `"…" in tags`.' if owner.id == "tags" else f"Compare {owner.id} itself."
            return self._expression.mistake(node, f"`{owner.id}` has no parts", hint)
        near = difflib.get_close_matches(owner.id, self._known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "What has a dot begins with params or metrics."
        return self._expression.mistake(node, f"no field `{self._expression.source(node)}`", hint)

    def _unknown(self, field: Field, node: ast.expr, position: int) -> FilterError:
        noun, other = ("param", "metrics") if field.group == "params" else ("metric", "params")
        known = self._known[field.group]
        owner, _, part = field.name.rpartition(".")
        if field.name in self._known[other]:
            hint = f"Write {write_name(other, field.name)}."
        elif field.group == "metrics" and owner in known:
            hint = f"The parts of a metric are {', '.join(METRIC_PARTS)}; {part!r} is none."
        elif near := difflib.get_close_matches(field.name, known, n=1):
            hint = f"Did you mean {write_name(field.group, near[0])}?"
        else:
            hint = f"There are {', '.join(known[:_MOST_LISTED])}." if known else f"No run has {noun}s yet."
        problem = f"no run has the {noun} {field.name!r}"
        return self._expression.mistake(node, problem, hint, byte_offset=position)


def write_field(field: Field) -> str:
    """A field as it is written in a filter."""
    if field.group == "run":
        return field.name
    name = write_name(field.group, field.name)
    return name if field.part == "last" else f"{name}.{field.part}"


def write_name(group: str, name: str) -> str:
    """A param or metric as it is written: after a dot if its name allows it, else in brackets."""
    words = name.split(".")
    is_plain = all(word.isidentifier() and not keyword.iskeyword(word) for word in words)
    reads_as_part = group == "metrics" and len(words) > 1 and words[-1] in METRIC_PARTS
    if is_plain and not reads_as_part:
        return f"{group}.{name}"
    quoted = json.dumps(name, ensure_ascii=False) if name.isprintable() else repr(name)
    return f"{group}[{quoted}]"
