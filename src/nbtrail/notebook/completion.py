"""Tab completion behind ``%track``."""

from __future__ import annotations

from typing import Any, Final

from nbtrail.errors import NbtrailError
from nbtrail.notebook.grammar import VERBS, completions

_MOST_RUNS: Final = 200


def complete(_shell: object, event: Any) -> list[str]:
    """Commands, options and names of runs that may stand where the cursor is."""
    line = str(event.line)
    words = line.split()
    verb = VERBS.get(words[1]) if len(words) > 1 else None
    runs = _run_names() if verb is not None and verb.takes in {"runs", "file"} else []
    return [word for word in completions(line, runs=runs) if word.startswith(event.symbol)]


def _run_names() -> list[str]:
    from nbtrail.store.protocol import RunQuery
    from nbtrail.tracking import reader

    try:
        with reader() as reading:
            return [run.name for run in reading.store.runs(RunQuery(limit=_MOST_RUNS))]
    except NbtrailError:
        return []
