"""Ids of runs, sessions and executions."""

from __future__ import annotations


def new_id() -> str:
    """A ULID: unique across machines, and sortable by when it was made."""
    # Late: it takes a fifth of the time that it takes to import nbtrail.
    from ulid import ULID

    return str(ULID())
