"""Values that are given to the names of credentials: in code, in shells, in settings files, in what is printed."""

from __future__ import annotations

import re
import string
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from nbtrail.tracking.secrets.names import Kind, kind_of
from nbtrail.tracking.secrets.shapes import Span
from nbtrail.tracking.secrets.values import Place, counts_quoted, counts_unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRIGGERS: Final = ("pass", "pwd", "secret", "token", "key", "cred", "authorization", "_pat")
_TRIGGER: Final = re.compile(r"(?:pass|pwd|secret|token|key|cred|authorization|_pat)[\w\-]{0,40}")
_TRIGGER_ANY_CASE: Final = re.compile(_TRIGGER.pattern, re.IGNORECASE)
_NAME_CHARS: Final = string.ascii_letters + string.digits + "_-"
_NAME_LENGTH: Final = 40
_QUOTE: Final = r"\\?\"\"\"|'''|\\+\"|\\+'|\"|'|&quot;|&\#0?39;|&\#x27;|&apos;"
_SEPARATOR: Final = re.compile(
    rf"""(?P<close>{_QUOTE})?[ \t]{{0,20}}[\])]?[ \t]{{0,40}}
    (?::[ \t]{{0,8}}[A-Za-z_][\w.\[\]|, ]{{0,60}}(?==))?          # an annotation
    (?P<sign>:=|==|!=|\+=|=>|=|:|,|[ \t]or\b|(?<=[\w])[ \t])
    (?P<space>\s{{0,80}})(?:default[ \t]{{0,4}}=[ \t]{{0,4}})?""",
    re.VERBOSE,
)
_OPENING: Final = re.compile(
    rf"(?:\(?\s{{0,8}}|(?:SecretStr|SecretBytes|Secret|str|bytes)\(\s{{0,8}})(?P<prefix>[rbfuRBFU]{{0,2}})(?P<quote>{_QUOTE})"
)
_ADJACENT: Final = re.compile(rf"\s{{0,40}}(?:\\\n|\+)?\s{{0,40}}(?P<prefix>[rbfuRBFU]{{0,2}})(?P<quote>{_QUOTE})")
_DISPLAY: Final = re.compile(rf"[\[{{(]\s{{0,80}}[rbfuRBFU]{{0,2}}(?:{_QUOTE})")
_STRING_OR_BRACKET: Final = re.compile(r"\"((?:[^\"\\\n]|\\.){0,2000})\"|'((?:[^'\\\n]|\\.){0,2000})'|[\[\](){}]")
_BODIES: Final = {'"': re.compile(r'(?:[^"\\\n]|\\.){0,4000}'), "'": re.compile(r"(?:[^'\\\n]|\\.){0,4000}")}
_UNQUOTED: Final = re.compile(r"[^\s\"'<>&]{1,400}")
_SCHEME: Final = re.compile(r"(?i)(?:basic|bearer|bot|token|digest|apikey)\s{1,4}")
_TAKES_DEFAULT: Final = re.compile(r"(?:getenv|environ\.get|setdefault|putenv|setenv|secrets\.get|set_key)\s*\(\s*$")
_ENVIRONMENT: Final = re.compile(
    r"(?:environ\.update\([^)\n]{0,40}|environ\[\s*|environ\.\w+\(\s*|getenv\(\s*|setenv\(\s*|putenv\(\s*|%(?:set_)?env\s+|export\s+)$"
)
_COMMAND: Final = re.compile(r"(?:%(?:set_)?env\s+|\bexport\s+|\bset(?:env)?\s+|\bENV\s+|\bARG\s+)$")
_SETS_BY_SPACE: Final = re.compile(r"(?:%(?:set_)?env|\bsetenv)\s+$")
_LINE_START: Final = re.compile(r"(?:^|\n)[+\- ]?[ \t]{0,40}(?:- )?[!$]?[\"']?$")
_PAIRS: Final = re.compile(
    r"(?m)^[+\-]?(?P<names>[ \t]{0,40}\w{1,60}(?:[ \t]{0,8},[ \t]{0,8}\w{1,60}){1,12})"
    r"[ \t]{0,8}=[ \t]{0,8}(?P<values>[^\n]{3,2000})$"
)
_LITERAL: Final = re.compile(
    r"\s*[rbfu]{0,2}(?:\"(?P<a>(?:[^\"\\]|\\.)*)\"|'(?P<b>(?:[^'\\]|\\.)*)'|[\w.+\-]+)\s*(?:,|$|#)"
)
_TRIPLE: Final = frozenset({'"""', "'''"})
_AFTER_STRING: Final = frozenset({"", " ", ",", ".", ";", ":", "%", "+", ")", "]", "}", "\n"})
_WALK: Final = 4_000


class _Named(NamedTuple):
    """A name in a text that may be given a secret."""

    kind: Kind
    start: int
    end: int
    before: str
    """What stands right before it."""


class _Unpacked(NamedTuple):
    """Where names stand that several values are given to at once, and which of these are secrets."""

    start: int
    end: int
    spans: list[Span]


def find_assigned(text: str) -> Iterator[Span]:
    """What is given to names of credentials, each value without its quotes."""
    lower = text.lower()
    if not any(trigger in lower for trigger in _TRIGGERS):
        return
    # Some capital letters are longer when they are small; then positions would not be the same.
    is_aligned = len(lower) == len(text)
    unpacked = deque(_find_unpacked(text))
    for found in unpacked:
        yield from found.spans
    at = 0
    for match in (_TRIGGER if is_aligned else _TRIGGER_ANY_CASE).finditer(lower if is_aligned else text):
        if match.start() < at:
            continue
        named = _named(text, match)
        if named is None:
            continue
        while unpacked and unpacked[0].end <= named.start:
            unpacked.popleft()
        if unpacked and unpacked[0].start <= named.start:
            continue
        for span in _given(text, named):
            at = max(at, span.end)
            yield span


def _named(text: str, match: re.Match[str]) -> _Named | None:
    left = text[max(match.start() - _NAME_LENGTH, 0) : match.start()]
    start = match.start() - len(left) + len(left.rstrip(_NAME_CHARS))
    name = text[start : match.end()]
    kind = kind_of(name)
    if kind is None:
        return None
    before = text[max(start - 48, 0) : start]
    if kind == "setting" and not _LINE_START.search(before) and not _ENVIRONMENT.search(before.rstrip("\"'\\")):
        return None
    return _Named(kind, start, match.end(), before)


def _given(text: str, named: _Named) -> Iterator[Span]:
    separator = _SEPARATOR.match(text, named.end)
    if separator is None:
        return
    at, sign = separator.end(), separator["sign"].strip()
    if sign == "" and not _is_option(text, named) and not _SETS_BY_SPACE.search(named.before):
        return
    if text.startswith(("[", "{", "("), at) and sign != ",":
        if named.kind != "setting" and _DISPLAY.match(text, at):
            yield from _find_in_display(text, at, named.kind)
        return
    opening = _OPENING.match(text, at)
    if opening is None:
        yield from _unquoted(text, named, separator)
    elif _takes_string(text, named, separator, opening):
        yield from _quoted(text, named.kind, opening)


def _takes_string(text: str, named: _Named, separator: re.Match[str], opening: re.Match[str]) -> bool:
    """Whether a string behind a name is what it is given."""
    if "\n" in separator["space"] and (separator["close"] is None or opening["quote"] in _TRIPLE):
        return False
    if separator["close"] is None and _closes(text, named.start, opening):
        return False
    if separator["sign"] == ",":
        return _takes_argument(text, named, opening)
    return named.kind != "setting" or _ENVIRONMENT.search(named.before.rstrip("\"'\\")) is not None


def _closes(text: str, start: int, opening: re.Match[str]) -> bool:
    """Whether a quote ends the string in which the name stands, as in ``input("Password: ")``."""
    quote = opening["quote"]
    line = text[max(text.rfind("\n", max(start - _WALK, 0), start) + 1, start - _WALK, 0) : start]
    return line.count(quote) % 2 == 1 and text[opening.end() : opening.end() + 1] in _AFTER_STRING


def _takes_argument(text: str, named: _Named, opening: re.Match[str]) -> bool:
    """Whether a string that follows a name after a comma is its value, as in ``getenv("TOKEN", "default")``."""
    value = text[opening.end() : _close(text, opening.end(), opening["quote"])]
    if counts_unquoted(value, "tokens"):
        return True
    asks = _is_option(text, named) or _TAKES_DEFAULT.search(named.before.rstrip("\"'\\")) is not None
    return asks and not value.startswith("-")


def _is_option(text: str, named: _Named) -> bool:
    return text.startswith("--", named.start)


def _quoted(text: str, kind: Kind, opening: re.Match[str]) -> Iterator[Span]:
    """A string, and those that are joined to it."""
    for _ in range(20):
        start, end = opening.end(), _close(text, opening.end(), opening["quote"])
        scheme = _SCHEME.match(text, start, end)
        start = scheme.end() if scheme is not None else start
        if counts_quoted(text[start:end], kind):
            yield Span(start, end, is_named=True)
        following = _ADJACENT.match(text, end + len(opening["quote"]))
        if following is None:
            return
        opening = following


def _close(text: str, start: int, quote: str) -> int:
    """Where a string ends; one without an end goes to the end of its line."""
    body = _BODIES.get(quote)
    if body is not None:
        match = body.match(text, start)
        return match.end() if match is not None else start
    is_triple = len(quote) >= 3 and quote[-1] * 3 == quote[-3:]  # noqa: PLR2004 - three quotes
    reach = start + (20_000 if is_triple else _WALK)
    end = text.find(quote, start, reach)
    if end < 0 or (not is_triple and "\n" in text[start:end]):
        end = text.find("\n", start, reach)
    return end if end >= 0 else min(reach, len(text))


def _find_in_display(text: str, at: int, kind: Kind) -> Iterator[Span]:
    """The strings of a list, a tuple or a dict's values, up to its end."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text, at, at + _WALK):
        found = match[0]
        if found in "[({":
            depth += 1
        elif found in "])}":
            depth -= 1
            if depth == 0:
                return
        else:
            is_key = text[match.end() : match.end() + 8].lstrip().startswith(":")
            value = found[1:-1]
            if not is_key and counts_quoted(value, kind):
                yield Span(match.start() + 1, match.end() - 1, is_named=True)


def _unquoted(text: str, named: _Named, separator: re.Match[str]) -> Iterator[Span]:
    """A bare value: ``TOKEN=…`` in a shell, ``password: …`` in a settings file, ``password=…`` in an address."""
    at, sign = separator.end(), separator["sign"].strip()
    if sign not in {"", "=", ":", "=="} or (separator["close"] and sign != ":") or "\n" in separator["space"]:
        return
    scheme = _SCHEME.match(text, at)
    if scheme is not None:
        at = scheme.end()
    match = _UNQUOTED.match(text, at)
    if match is None:
        return
    value = match[0]
    is_query = named.before.endswith(("?", "&", ";", "&amp;"))
    if is_query or ";" in value:
        value = re.split(r"[;&]", value, maxsplit=1)[0]
    is_header = scheme is not None and "uthorization" in text[named.start : named.end]
    place = "command" if is_query or is_header else _place(text, named, separator)
    if place != "command":
        is_line = text[at + len(value) : at + len(value) + 1] in {"", "\n", "\r"} and _LINE_START.search(named.before)
        value = value.rstrip(",;" if is_line else ".,!?:;")
    if counts_unquoted(value, named.kind, place):
        yield Span(at, at + len(value), is_named=True)


def _place(text: str, named: _Named, separator: re.Match[str]) -> Place:
    sign = separator["sign"]
    if _COMMAND.search(named.before) or (sign != ":" and _is_option(text, named)):
        return "command"
    if _LINE_START.search(named.before) is None:
        return "anywhere"
    if separator[0] == "=":
        return "command" if text[named.start : named.end].isupper() and named.kind != "setting" else "setting"
    return "mapping" if sign == ":" else "anywhere"


def _find_unpacked(text: str) -> Iterator[_Unpacked]:
    """``user, password = "ada", "…"``, where all is literal."""
    for match in _PAIRS.finditer(text):
        kinds = [kind_of(name.strip()) for name in match["names"].split(",")]
        if any(kinds):
            literals = list(_literals(text, *match.span("values")))
            if len(literals) == len(kinds):
                spans = [
                    Span(*span, is_named=True)
                    for kind, span in zip(kinds, literals, strict=True)
                    if kind is not None and counts_quoted(text[slice(*span)], kind)
                ]
                yield _Unpacked(match.start(), match.end("names"), spans)


def _literals(text: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the literals of a line stand, strings without their quotes; those that are no string are empty."""
    while at < end:
        literal = _LITERAL.match(text, at, end)
        if literal is None:
            return
        yield literal.span(literal.lastgroup) if literal.lastgroup else (at, at)
        at = literal.end()
