"""Hints for filters that are no Python expression: where the slip is, and what was probably meant."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYMBOLS: Final = {
    "=": ("`=` does not compare", "Write `==`."),
    "!": ("`!` is not understood", "Write `not`."),
    "~": ("`~` is not understood", 'Write `"forest" in params.model`, or `not`.'),
    "<>": ("`<>` does not compare", "Write `!=`."),
    "===": ("`===` does not compare", "Write `==`."),
    "&&": ("`&&` does not join conditions", "Write `and`."),
    "||": ("`||` does not join conditions", "Write `or`."),
    ":=": ("`:=` does not compare", "Write `==`."),
}
_WORDS: Final = {"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "IS": "is", "And": "and", "Or": "or", "Not": "not"}
_KEYWORD_NAME: Final = re.compile(r"\b(params|metrics)\.(\w+)")
_STRING: Final = re.compile(r'"[^"]*"|\'[^\']*\'')


def find_slip(text: str) -> tuple[int, str, str] | None:
    """Column, problem and hint of the first well-known slip; ``None`` where there is none."""
    bare = _STRING.sub(lambda found: " " * len(found[0]), text)
    for found in _KEYWORD_NAME.finditer(bare):
        if keyword.iskeyword(found[2]):
            hint = f'Write {found[1]}["{found[2]}"].'
            return found.start(2), f"`{found[2]}` is a word of the language", hint
    for column, token in _tokens(bare):
        if token in _SYMBOLS:
            return column, *_SYMBOLS[token]
        if token in _WORDS:
            return column, f"`{token}` is not understood", f"Write `{_WORDS[token]}` in lower case."
    return None


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """The tokens with their columns; symbols that stand together are one."""
    column, symbol = 0, ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            is_symbol = token.string in {"=", "==", "&", "|", "!", "<", ">", "~", ":=", "<>"}
            if is_symbol and symbol and token.start[1] == column + len(symbol):
                symbol += token.string
                continue
            if symbol:
                yield column, symbol
            column, symbol = token.start[1], token.string if is_symbol else ""
            if not is_symbol:
                yield column, token.string
    except (tokenize.TokenError, SyntaxError):
        return
