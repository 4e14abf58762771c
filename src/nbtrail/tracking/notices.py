"""Telling the user something without ever raising into their code."""

from __future__ import annotations

import sys
import warnings

from nbtrail.errors import NbtrailWarning


def announce(message: str) -> None:
    """Show a message once, where warnings appear; also where the user made warnings raise."""
    try:
        warnings.warn(message, NbtrailWarning, stacklevel=3)
    except NbtrailWarning:
        sys.stderr.write(f"nbtrail: {message}\n")
