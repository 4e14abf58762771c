"""What inference gives: names with values, each with the reason why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that is taken for a param or a metric."""

    name: str
    value: Any
    reason: str
