"""Which texts and paths an expression can stand for, found without running any code of the user's."""

from __future__ import annotations

import ast
import os
from fnmatch import fnmatch
from itertools import islice, product
from pathlib import Path, PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Value: TypeAlias = Any
"""A text, a path or a number."""
_PATHS: Final = frozenset({PosixPath, WindowsPath, PurePosixPath, PureWindowsPath})
_PLAIN: Final = frozenset({str, int, float}) | _PATHS
_PARTS: Final = frozenset({"parent", "name", "stem", "suffix"})
_LISTINGS: Final = frozenset({"iterdir", "glob", "rglob"})
_FAILURES: Final = (OSError, ValueError, TypeError, AttributeError, NotImplementedError, RecursionError)
_MOST: Final = 10_000
_MOST_FOLDERS: Final = 1_000
_LONGEST_FORMAT: Final = 6


class PathValues:
    """What expressions stand for.

    Parameters
    ----------
    namespace
        What names hold that are not known otherwise.
    known
        The values that names may have, of those that the code binds itself.
    """

    def __init__(self, namespace: Mapping[str, Any], known: Mapping[str, list[Value]] | None = None) -> None:
        self._namespace = namespace
        self.known: dict[str, list[Value]] = dict(known or {})

    def of(self, node: ast.expr) -> list[Value]:
        """What an expression may stand for, at most 10,000 values; empty where that cannot be told."""
        try:
            return list(islice(self._of(node), _MOST))
        except _FAILURES:
            return []

    def items(self, node: ast.expr) -> list[Value]:
        """What a loop over an expression may meet."""
        try:
            return list(islice(self._items(node), _MOST))
        except _FAILURES:
            return []

    def _of(self, node: ast.expr) -> Iterator[Value]:
        match node:
            case ast.Constant(value=value) if type(value) in _PLAIN:
                yield value
            case ast.Name(id=name):
                yield from self.known[name] if name in self.known else _plain([self._namespace.get(name)])
            case ast.BinOp(op=ast.Div() | ast.Add()):
                yield from self._joined(node)
            case ast.JoinedStr(values=parts):
                for texts in _combined(*(list(self._of(part)) for part in parts)):
                    yield "".join(texts)
            case ast.FormattedValue(value=inner, format_spec=spec):
                yield from self._formatted(inner, spec)
            case ast.Attribute(value=inner, attr=name) if name in _PARTS:
                yield from (getattr(value, name) for value in self._of(inner) if type(value) in _PATHS)
            case ast.Call(func=function, args=arguments, keywords=[]):
                yield from self._called(ast.unparse(function), function, arguments)

    def _joined(self, node: ast.BinOp) -> Iterator[Value]:
        for first, second in _combined(self._of(node.left), self._of(node.right)):
            if isinstance(node.op, ast.Div) and (type(first) in _PATHS or type(second) in _PATHS):
                yield first / second
            elif type(first) is type(second) is str and isinstance(node.op, ast.Add):
                yield first + second

    def _formatted(self, inner: ast.expr, spec: ast.expr | None) -> Iterator[str]:
        for text in self._of(spec) if spec is not None else [""]:
            if len(text) <= _LONGEST_FORMAT:
                yield from (format(value, text) for value in self._of(inner))

    def _called(self, name: str, function: ast.expr, arguments: list[ast.expr]) -> Iterator[Value]:
        choices = _combined(*(list(self._of(argument)) for argument in arguments))
        if name in {"Path", "pathlib.Path", "os.path.join", "path.join", "join"}:
            yield from (_as_given(Path(*values), name) for values in choices)
        elif name in {"str", "os.fspath"} and len(arguments) == 1:
            yield from (str(value) for (value,) in choices)
        elif isinstance(function, ast.Attribute) and function.attr in {"with_suffix", "with_name", "joinpath"}:
            owners = [value for value in self._of(function.value) if type(value) in _PATHS]
            yield from (getattr(owner, function.attr)(*values) for owner, values in _combined(owners, choices))
        elif name in {"Path.cwd", "Path.home", "pathlib.Path.cwd", "pathlib.Path.home"}:
            yield Path.cwd() if name.endswith("cwd") else Path.home()

    def _items(self, node: ast.expr) -> Iterator[Value]:
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                for element in elements:
                    yield from self._of(element)
            case ast.Name(id=name):
                held = self._namespace.get(name) if name not in self.known else None
                yield from _plain(held[:_MOST]) if held is not None and type(held) in {list, tuple} else ()
            case ast.Call(func=ast.Name(id="sorted" | "list" | "tuple" | "reversed" | "tqdm"), args=[inner, *_]):
                yield from self._items(inner)
            case ast.Call(func=ast.Name(id="range"), args=arguments):
                bounds = [number for argument in arguments for number in self._of(argument)]
                yield from range(*bounds) if len(bounds) == len(arguments) else ()
            case ast.Call(func=ast.Attribute(value=ast.Name(id="glob"), attr="glob" | "iglob"), args=[pattern]):
                for text in self._of(pattern):
                    yield from map(str, _listed(Path(text).parent, Path(text).name, is_deep=False))
            case ast.Call(func=ast.Attribute(value=owner, attr=listing), args=arguments) if listing in _LISTINGS:
                for folder, *rest in _combined(self._of(owner), *(self._of(argument) for argument in arguments)):
                    yield from _listed(folder, *rest, is_deep=listing == "rglob")


def _listed(folder: Path, pattern: str = "*", *, is_deep: bool) -> Iterator[Path]:
    """Files of a folder, or of the folders in it too, of 1,000 folders and 10,000 files at most."""
    levels = islice(os.walk(folder), _MOST_FOLDERS if is_deep else 1)
    entries = ((place, name) for place, _, names in levels for name in names)
    for place, name in islice(entries, _MOST):
        if fnmatch(name, pattern):
            yield Path(place, name)


def _combined(*choices: Iterable[Value]) -> Iterator[tuple[Value, ...]]:
    return islice(product(*choices), _MOST)


def _plain(values: Iterable[object]) -> Iterator[Value]:
    return (value for value in values if type(value) in _PLAIN)


def _as_given(path: Path, name: str) -> Value:
    return str(path) if name.endswith("join") else path
