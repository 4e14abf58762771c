"""Values that look like credentials are masked before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrail.records import Json

MASK = "********"

_NAME = r"(?:pass(?:word|wd|phrase)|secret|(?:api|access|private)[_-]?key|token|credentials?)"
_SECRET_NAME = re.compile(rf"(?:^|[_\-. ]){_NAME}s?$|^{_NAME}s?$", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"(?P<head>{_NAME}[\"'\]]*\s*[=:]\s*)(?P<quote>[\"'])(?P<value>[^\"'\n]{{4,}})(?P=quote)",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"(?P<head>\b[a-z][a-z0-9+.\-]{0,30}://[^\s:/@]{0,200}:)[^\s@/]{1,500}(?P<tail>@)", re.IGNORECASE)
_SHAPES = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[\w\-]{20,}|hf_[A-Za-z0-9]{30,}"
    r"|sk-[A-Za-z0-9_\-]{20,}|xox[abprs]-[\w\-]{10,}|eyJ[\w\-]{10,}\.[\w\-]{10,}\.[\w\-]{10,})"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


def looks_secret(name: str) -> bool:
    """Whether a name is one that people give to credentials, such as ``db_password`` or ``API_KEY``."""
    return _SECRET_NAME.search(name) is not None


def mask_text(text: str) -> str:
    """The text with what looks like a credential replaced by asterisks.

    Looked for: quoted values given to names such as ``password``, ``token`` or ``api_key``; passwords inside URLs;
    the shapes of well-known access tokens; private keys.
    """
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _SHAPES.sub(MASK, text)
    text = _IN_URL.sub(rf"\g<head>{MASK}\g<tail>", text)
    return _ASSIGNED.sub(rf"\g<head>\g<quote>{MASK}\g<quote>", text)


def mask_value(name: str, value: Json) -> Json:
    """A param's value, masked throughout; everything under a name that ``looks_secret`` is."""
    if isinstance(value, dict):
        return {key: mask_value(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [mask_value(name, part) for part in value]
    if isinstance(value, str):
        return MASK if value and looks_secret(name) else mask_text(value)
    return value
