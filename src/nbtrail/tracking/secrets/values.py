"""Whether a value may be a secret, once a name says that it is one."""

from __future__ import annotations

import re
from typing import Final, Literal

from nbtrail.tracking.secrets.names import Kind, kind_of

Place = Literal["command", "setting", "mapping", "anywhere"]
"""Where a bare value stands: given by a command or an address; ``NAME=value`` on a line of its own, as in ``.env``;
``name: value`` on a line of its own, as in YAML; in the midst of anything."""

_TEMPLATE: Final = re.compile(
    r"\s*|[*.…#\-]+|x{3,}|<[^>]*>|\[[A-Za-z_]+\d*\]|(?:\w+ )?\{+[^{}]*\}+|\$\{?\w+\}?|\$\(.*|%\(?\w+\)?s?|`.*|[^\n]*[:?]\s+|\w+\?|https?://[^@]*"
    r"|[^\n<]*<[a-z_ \-]+>[^\n]*|[A-Z]\w*(?:\s\S+){4,}"
)
_FILE: Final = re.compile(
    r"(?:~|\.{1,2})/.*|[\w\-./\\ ~:]*\.(?:json|pem|key|ya?ml|txt|toml|ini|env|crt|p12|csv|parquet)"
    r"|/(?:home|run|etc|var|usr|opt|mnt|data|content|root|tmp|Users)/.*"
)
_WORDS: Final = re.compile(
    r"none|null|true|false|undefined|required|optional|missing|default|auto|prompt|include|omit|same-origin|str|bytes|int"
    r"|float|bool|dict|list|tuple|object|any|string|number|boolean|self|incorrect|accepted|rejected|verified|unknown"
    r"|expired|invalid|valid|changed|disabled|enabled|redacted|hidden|is|are|must|may|can|cannot|not|and|or|for|to|from|requires?|needs?|with|option|flag"
)
_CODE: Final = re.compile(r".*[()\[\]{}`].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[,;:]?|u?int\d+|b?float\d+|[$%].*|<.*")
_PLAIN: Final = re.compile(
    r"[a-z]+(?:[_\-./ ][a-z]+)*[_\-./]?\d{0,2}|[A-Z]?[a-z]+\d{0,2}(?:[A-Z_\-./ ][a-z]+\d{0,2})*|[A-Z_]+\d{0,2}"
)
"""Words, with a number behind them at most: the name of something."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9][\w\-.~+/=:%]*", re.ASCII)
_DIGIT: Final = re.compile(r"[0-9]")
_HINTS: Final = ("secret", "token", "pass", "key")
_NO_WORD: Final = ("$", "{", "<", "%(", "-", "'", '"', "(", "[")
_OPAQUE_LENGTH: Final = 8
_SHORT_LENGTH: Final = 6
_LONG_LENGTH: Final = 16


def counts_quoted(value: str, kind: Kind) -> bool:
    """Whether a string that was given to such a name is a secret."""
    if _TEMPLATE.fullmatch(value) or _FILE.fullmatch(value) or _WORDS.fullmatch(value.lower()):
        return False
    if value.isupper() and value.isidentifier() and kind_of(value) is not None:
        return False  # the name of a variable
    if kind == "token":
        return _may_be_token(value)
    return kind != "tokens" or (len(value) >= _LONG_LENGTH and _is_opaque(value))


def counts_unquoted(value: str, kind: Kind, place: Place = "anywhere") -> bool:
    """Whether a bare word behind such a name is a secret, and no name, no type and no call."""
    if kind != "secret" and place != "command" and _DIGIT.search(value) is None:
        return False  # in place of all that follows, which takes ten times as long
    if not counts_quoted(value, "secret"):
        return False
    if place == "command":
        return not value.startswith(_NO_WORD)
    if _CODE.fullmatch(value) or (kind_of(value) is not None and value.isidentifier()):
        return False
    if kind != "secret":
        return _is_opaque(value) and (kind != "tokens" or len(value) >= _LONG_LENGTH)
    return _may_be_bare(value, place)


def _may_be_bare(value: str, place: Place) -> bool:
    if place == "setting":
        return value[-1] not in ",:"
    if place == "mapping" and value.isalpha() and value.islower():
        return len(value) >= _OPAQUE_LENGTH
    is_name = value.replace("-", "_").isidentifier() and not any(map(str.isdigit, value))
    return len(value) >= _SHORT_LENGTH and not is_name


def _may_be_token(value: str) -> bool:
    """No word and no piece of one, as ``token`` often is where texts are taken apart."""
    if len(value) < _SHORT_LENGTH or any(map(str.isspace, value)) or not value.isascii() or not value[0].isalnum():
        return False
    return not value.isalpha() and (
        any(map(str.isdigit, value)) or len(value) >= _LONG_LENGTH or any(map(value.lower().__contains__, _HINTS))
    )


def _is_opaque(value: str) -> bool:
    return (
        len(value) >= _OPAQUE_LENGTH
        and _TOKEN.fullmatch(value) is not None
        and _CODE.fullmatch(value) is None
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
        and _PLAIN.fullmatch(value) is None
    )
