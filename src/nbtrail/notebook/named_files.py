"""Which files the code of a cell names where it reads or writes.

Nothing listens to the files that are opened: a hook of the interpreter would slow all code down for the kernel's life,
and a wrapper around ``open`` would stand in tracebacks.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
import stat
from contextlib import suppress
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from nbtrail.analysis.names import parse_cell
from nbtrail.notebook.path_values import PathValues

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbtrail.notebook.path_values import Value

_MENTIONS: Final = re.compile(
    r"\b(?:open|(?:im)?(?:read|save|write)|load|scan|genfromtxt|fromfile|memmap|dump|tofile|sink|ExcelWriter"
    r"|to_(?!numpy|numeric|datetime|frame|dict|list|string))\w*\s*\(|File\s*\("
)
"""Code without such a call names no file."""
_READS: Final = re.compile(r"(?:read|load|scan)(?:_\w+|txt|mat|arff)?|imread|genfromtxt|fromfile|memmap|\w*File")
_WRITES: Final = re.compile(r"(?:to|write|save|dump|sink)_\w+|write|save\w*|dump|tofile|imsave|imwrite|ExcelWriter")
_OF_PATHS: Final = {"read_text": False, "read_bytes": False, "write_text": True, "write_bytes": True}
_MODE: Final = re.compile(r"[rwaxbtU+|:]{1,4}")
_LONGEST_PATH: Final = 1_024
_DEEPEST: Final = 5
_MOST: Final = 10_000
_CLOCK_S: Final = 0.02
"""Files are dated by a clock that goes in steps."""


def named_files(
    source: str, names: Iterable[str], namespace: Mapping[str, Any], *, started: float, until: int | None = None
) -> dict[str, bool]:
    """The files that a cell which has ended names in calls that read and write.

    Parameters
    ----------
    source
        The cell, without its magics.
    names
        What it and the functions that it calls look up.
    namespace
        What these names hold now.
    started
        When the cell began, in seconds since 1970.
    until
        The line in which it failed: statements that begin later do not count.

    Returns
    -------
    dict of str to bool
        Absolute paths in the order of the code, each with whether it was written. Empty where the cell names none.
    """
    functions = (value for value in map(namespace.get, names) if type(value) is FunctionType)
    if not _MENTIONS.search(source) and not any(_mentions(value.__code__) for value in functions):
        return {}
    tree = parse_cell(source)
    if tree is None:
        return {}
    walk = _Walk(namespace)
    with suppress(RecursionError):
        walk.follow((node for node in tree.body if until is None or node.lineno <= until), {})
    found: dict[str, bool] = {}
    try:
        folder = os.getcwd()  # noqa: PTH109 - a text is wanted
    except OSError:
        return found
    for text, is_written in walk.found:
        path = os.path.join(folder, text)  # noqa: PTH118 - there may be thousands
        if _is_used(path, started, is_written=is_written):
            found[path] = found.get(path, False) or is_written
    return found


def _is_used(path: str, started: float, *, is_written: bool) -> bool:
    try:
        state = os.stat(path)  # noqa: PTH116 - there may be thousands
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(state.st_mode) and (not is_written or state.st_mtime >= started - _CLOCK_S)


_mentioning: Final[WeakKeyDictionary[CodeType, bool]] = WeakKeyDictionary()


def _mentions(code: CodeType) -> bool:
    known = _mentioning.get(code)
    if known is None:
        inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
        known = any(_MENTIONS.search(f"{name}(") for name in code.co_names) or any(map(_mentions, inner))
        _mentioning[code] = known
    return known


class _Walk:
    """Goes through code in its order, into the functions of the notebook that it calls by their names."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._values = PathValues(namespace)
        self._depth = 0
        self._entered: set[tuple[int, str]] = set()
        self.found: dict[tuple[str, bool], None] = {}
        """Paths as they are named, each with whether it is written."""

    def follow(self, statements: Iterable[ast.AST], known: Mapping[str, list[Value]]) -> None:
        outer, self._values = self._values, PathValues(self._namespace, known)
        for statement in statements:
            self._visit(statement)
        self._values = outer

    def _visit(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return
            case ast.For(target=target, iter=looped) | ast.AsyncFor(target=target, iter=looped):
                self._bind(target, self._values.items(looped))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                for part in node.generators:
                    self._bind(part.target, self._values.items(part.iter))
            case ast.Call():
                self._call(node)
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        match node:
            case ast.Assign(targets=[target], value=value):
                self._bind(target, self._values.of(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self._values.of(value))

    def _bind(self, target: ast.expr, values: list[Value]) -> None:
        if not isinstance(target, ast.Name):
            return
        if values or self._depth:
            self._values.known[target.id] = values
        else:
            self._values.known.pop(target.id, None)

    def _call(self, call: ast.Call) -> None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        is_written = _role(call, name)
        if is_written is not None:
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            if isinstance(call.func, ast.Attribute) and (name == "open" or name in _OF_PATHS):
                given.insert(0, call.func.value)
            for value in (value for node in given for value in self._values.of(node)):
                self._find(value, is_written=is_written)
        function = self._namespace.get(name) if isinstance(call.func, ast.Name) else None
        if type(function) is FunctionType and function.__globals__ is self._namespace:
            self._enter(function, call)

    def _find(self, value: Value, *, is_written: bool) -> None:
        if not isinstance(value, (int, float)) and len(self.found) < _MOST:
            text = str(value)
            if 0 < len(text) <= _LONGEST_PATH:
                self.found[text, is_written] = None

    def _enter(self, function: FunctionType, call: ast.Call) -> None:
        code = function.__code__
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        positional = parameters[: code.co_argcount]
        defaults = dict(zip(positional[::-1], (function.__defaults__ or ())[::-1], strict=False))
        given = PathValues(defaults | (function.__kwdefaults__ or {}))
        known = {name: given.of(ast.Name(name)) for name in parameters}
        known |= {name: self._values.of(node) for name, node in zip(positional, call.args, strict=False)}
        known |= {word.arg: self._values.of(word.value) for word in call.keywords if word.arg in parameters}
        once = (id(code), repr(known))
        if self._depth >= _DEEPEST or once in self._entered:
            return
        self._entered.add(once)
        self._depth += 1
        self.follow(_body(code), known)
        self._depth -= 1


def _role(call: ast.Call, name: str) -> bool | None:
    """Whether a call writes; ``None`` where it neither reads nor writes."""
    if name == "open" or name.endswith("File"):
        return any(not {"w", "a", "x", "+"}.isdisjoint(mode) for mode in _modes(call))
    if name in _OF_PATHS:
        return _OF_PATHS[name]
    if _WRITES.fullmatch(name):
        return True
    return False if _READS.fullmatch(name) else None


def _modes(call: ast.Call) -> Iterator[str]:
    words = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    of_path = isinstance(call.func, ast.Attribute) and len(call.args) == 1
    for node in [*call.args[0 if of_path else 1 : 2], *words]:
        if isinstance(node, ast.Constant) and type(node.value) is str and _MODE.fullmatch(node.value):
            yield node.value


def _body(code: CodeType) -> list[ast.stmt]:
    tree = parse_cell("".join(linecache.getlines(code.co_filename)))
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == code.co_firstlineno:
                return node.body
    return []
