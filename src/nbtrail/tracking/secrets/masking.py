"""Texts and values without the credentials in them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nbtrail.tracking.secrets.known import MASK, is_singular, known_secrets
from nbtrail.tracking.secrets.names import kind_of, looks_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbtrail.records import Json
    from nbtrail.tracking.secrets.known import KnownSecrets
    from nbtrail.tracking.secrets.names import Kind
    from nbtrail.tracking.secrets.shapes import Span


def mask_text(text: str, *, known: KnownSecrets = known_secrets) -> str:
    """The text with what looks like a credential replaced by asterisks; all around it stays as it is.

    Looked for: values given to names such as ``password``, ``token`` or ``api_key``; the shapes of well-known access
    tokens; passwords in addresses and headers; private keys; the values of this process's own environment variables
    with such names, and values that were masked under a name before, wherever they stand (from 8 characters on).
    """
    if not text:
        return text
    known.look_at_environment()
    return _mask(text, known)


def mask_value(name: str, value: Json, *, known: KnownSecrets = known_secrets) -> Json:
    """A param's value, masked throughout; under a name that ``looks_secret``, every leaf of it is."""
    known.look_at_environment()
    return _mask_under(name, value, known, is_secret=False)


def remember_secrets(values: Mapping[str, object], *, known: KnownSecrets = known_secrets) -> None:
    """Know from now on the texts among these values whose names look secret."""
    known.remember(value for name, value in values.items() if type(value) is str and looks_secret(name))


def _mask(text: str, known: KnownSecrets) -> str:
    spans = [span for find in _finders() for span in find(text)]
    if spans:
        named = (text[span.start : span.end] for span in spans if span.is_named)
        known.remember(value for value in named if is_singular(value))
        text = _replace(text, spans)
    return known.mask(text)


def _mask_under(name: str, value: Json, known: KnownSecrets, *, is_secret: bool) -> Json:
    kind = kind_of(name)
    is_secret = is_secret or kind == "secret"
    if isinstance(value, dict):
        return {_mask(key, known): _mask_under(key, part, known, is_secret=is_secret) for key, part in value.items()}
    if isinstance(value, list):
        return [_mask_under(name, part, known, is_secret=is_secret) for part in value]
    if isinstance(value, str):
        if value and (is_secret or (kind in {"token", "tokens"} and _counts(value, kind))):
            known.remember([value])
            return MASK
        return _mask(value, known)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return MASK if is_secret and is_number else value


@cache
def _finders() -> tuple[Callable[[str], Iterable[Span]], ...]:
    """Late, and once: what looks for credentials takes a tenth of the time that it takes to import nbtrail."""
    from nbtrail.tracking.secrets.assigned import find_assigned
    from nbtrail.tracking.secrets.shapes import find_shapes

    return find_shapes, find_assigned


def _counts(value: str, kind: Kind) -> bool:
    from nbtrail.tracking.secrets.values import counts_quoted

    return counts_quoted(value, kind)


def _replace(text: str, spans: list[Span]) -> str:
    parts, at = [], 0
    for start, end, _ in sorted(spans):
        if start >= at:
            parts += [text[at:start], MASK]
        at = max(at, end)
    return "".join([*parts, text[at:]])
