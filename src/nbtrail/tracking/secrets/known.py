"""Secrets of this process: in its environment, and those that were seen under a name that says so."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from nbtrail.tracking.secrets.names import is_plain_name, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK: Final = "********"
_SHORTEST: Final = 8
_LONG: Final = 12
_PATH: Final = re.compile(r"\d+|\w+(?:[.:/?]+\w*)*")
_MOST: Final = 200
_LONGEST: Final = 20_000
_HARMLESS: Final = re.compile(
    r"(?i)\W*(?:your|insert|enter)[\-_ ][\w\- ]{0,40}\W*"
    r"|\W*(?:change.?me|placeholder|example|dummy|redacted|undefined)\W*"
    r"|<[^>]*>|\{[^}]*\}|\$\{?\w+\}?|[*.x…]+|https?://[^@]*|(?:~|\.{1,2})/.*"
    r"|.*\.(?:json|pem|key|ya?ml|txt|toml|ini|crt|p12)"
    r"|/(?:home|run|etc|var|usr|opt|mnt|data|content|root|tmp|Users)/.*"
)
"""Placeholders, templates and paths: others of their kind stand everywhere."""


class KnownSecrets:
    """Values that are secrets wherever they turn up. They are held in memory only, the last 200 of them.

    Parameters
    ----------
    environ
        The process's environment; it is looked at anew each time, because notebooks set variables while they run.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._contents: Mapping[Any, Any] = {}
        self._names: tuple[str, ...] = ()
        self._secret_names: tuple[str, ...] = ()
        self._from_environ: dict[str, str] = {}
        self._seen: dict[str, None] = {}
        self._forms: tuple[str, ...] = ()
        self._lock = threading.RLock()

    def remember(self, values: Iterable[str]) -> None:
        """Know values from now on; short ones, placeholders and paths are passed over."""
        new = [value for value in values if value not in self._seen and is_telling(value)]
        if not new:
            return
        with self._lock:
            self._seen.update(dict.fromkeys(new))
            while len(self._seen) > _MOST:
                self._seen.pop(next(iter(self._seen)), None)
            self._renew()

    def mask(self, text: str) -> str:
        """The text without what is known, also as HTML, JSON and URLs write it."""
        for form in self._forms:
            if form in text:
                text = (
                    re.sub(rf"\b{form}\b", MASK, text) if form.isalpha() or form.isdigit() else text.replace(form, MASK)
                )
        return text

    def look_at_environment(self) -> None:
        """Know what stands in the environment now; where nothing has changed this takes microseconds."""
        # Compared as it stands: ``os.environ`` decodes all its names and values each time that it is asked for them.
        contents = getattr(self._environ, "_data", self._environ)
        if contents == self._contents:
            return
        self._contents = dict(contents)
        names = tuple(self._environ)
        if names != self._names:
            self._secret_names = tuple(name for name in names if kind_of(name) is not None)
            self._names = names
        found = {name: self._environ.get(name, "") for name in self._secret_names}
        if found != self._from_environ:
            with self._lock:
                # A variable that was changed or taken away has not made its earlier value public.
                self._seen.update((value, None) for value in self._from_environ.values() if is_telling(value))
                self._from_environ = found
                self._renew()

    def _renew(self) -> None:
        values = {*self._seen, *(value for value in self._from_environ.values() if is_telling(value))}
        self._forms = tuple(sorted({form for value in values for form in _forms(value)}, key=len, reverse=True))


def is_telling(value: str) -> bool:
    """Whether a value is one of a kind, so that it may be masked wherever it stands."""
    return (
        _SHORTEST <= len(value) <= _LONGEST
        and len(set(value)) > 3  # noqa: PLR2004 - 00000000 and the like
        and _HARMLESS.fullmatch(value) is None
        and not is_plain_name(value)
        and value not in sys.modules
    )


def is_singular(value: str) -> bool:
    """Whether a value that stands in a text is no word that others use, such as ``development``."""
    return (any(map(str.isdigit, value)) and any(map(str.isalpha, value))) or (
        len(value) >= _LONG and _PATH.fullmatch(value) is None
    )


def _forms(value: str) -> set[str]:
    escaped = json.dumps(value)[1:-1]
    import html
    from urllib.parse import quote

    return {value, escaped, repr(value)[1:-1], html.escape(value), quote(value, safe="")}


known_secrets: Final = KnownSecrets(os.environ)
