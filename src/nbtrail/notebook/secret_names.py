"""Which of the notebook's names look as if they held credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtrail.tracking.secrets import looks_secret, remember_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping


class SecretNames:
    """Makes the texts that such names hold known, so that they are masked wherever they turn up.

    Parameters
    ----------
    namespace
        Where the notebook's names live; other threads may add to it at any time.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._seen: set[str] = set()
        self._secret: list[str] = []

    def remember(self) -> None:
        """Know what they hold now. Names that were looked at before cost nothing."""
        new = set(self._namespace) - self._seen
        if new:
            self._seen |= new
            self._secret += [name for name in new if looks_secret(name)]
        remember_secrets({name: self._namespace.get(name) for name in self._secret})
