"""Words and values of a magic's line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from nbtrail.errors import MagicError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_QUOTES: Final = frozenset("\"'")
_NUMBERS: Final = frozenset({"nan", "inf", "infinity"})
"""Words that are numbers, though Python has no literal for them."""


def split_words(text: str, *, line: str) -> list[str]:
    """Split at blanks that stand in no quotes and no brackets; quotes stay.

    Raises
    ------
    MagicError
        A quote or a bracket is not closed.
    """
    words: list[str] = []
    waiting: list[str] = []
    word = quote = ""
    for character in text:
        if not quote and not waiting and character.isspace():
            words += [word] if word else []
            word = ""
            continue
        word += character
        if quote:
            quote = "" if character == quote and not word.endswith(f"\\{quote}") else quote
        elif character in _QUOTES and (waiting or not word[:-1] or word[-2] in "=,:([{"):
            quote = character
        elif character in _OPENING:
            waiting.append(_OPENING[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
    if quote or waiting:
        raise MagicError(line, problem=f"{quote or waiting[-1]} is missing", hint="Close what was opened.")
    return words + ([word] if word else [])


def without_comment(text: str) -> str:
    """The text up to a ``#`` that stands between blanks and in no quotes."""
    quote, before = "", " "
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES and before in " \t=,:([{":
            quote = character
        elif character == "#" and before.isspace() and not text[at + 1 : at + 2].strip():
            return text[:at].rstrip()
        before = character
    return text


def unquote(word: str) -> str:
    """A word without the quotes around it."""
    if len(word) > 1 and word[0] in _QUOTES and word[-1] == word[0]:
        try:
            return str(ast.literal_eval(word))
        except (ValueError, SyntaxError):
            return word[1:-1]
    return word


def read_pairs(words: Sequence[str], namespace: Mapping[str, Any], *, line: str) -> dict[str, Any]:
    """``name=value`` pairs. A value is a literal, else an expression of the notebook's names, else text.

    Raises
    ------
    MagicError
        A word is no pair.
    """
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise MagicError(line, problem=f"{word} is no NAME=VALUE", hint="Write lr=0.01, without blanks around `=`.")
        pairs[unquote(name)] = _value(value, namespace)
    return pairs


def _value(text: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    if text.lower().lstrip("+-") in _NUMBERS:
        return float(text)
    try:
        return eval(text, dict(namespace))  # noqa: S307 - the user's own line in the user's own kernel
    except Exception:  # noqa: BLE001 - what is no expression is text
        return text
