"""Which numbers of a cell are metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.lexicon import call_reason, metric_reason
from nbtrail.analysis.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbtrail.analysis.facts import CellFacts
    from nbtrail.settings import Settings

_ARRAY_PACKAGES: Final = frozenset({"numpy", "torch", "jax", "jaxlib", "tensorflow", "cupy", "mxnet", "mlx"})


def find_metrics(
    facts: CellFacts, before: Mapping[str, Any], after: Mapping[str, Any], settings: Settings, *, completed: bool
) -> Iterator[Proposal]:
    """The metrics among the numbers that a cell computed.

    Parameters
    ----------
    facts
        The cell's.
    before, after
        The values of the names that the cell writes, as it found and as it left them.
    settings
        Names to leave out, and names that count whatever the rules say.
    completed
        Whether the cell ran to its end; if not, a name that holds what it held before was not bound. Nor was one, in
        any case, that is only bound under a condition.
    """
    for name in facts.names.writes:
        reason = _metric_reason(name, facts, settings)
        if reason is None or name not in after:
            continue
        value = after[name]
        if name in before and before[name] is value and (not completed or name in facts.doubtful):
            continue
        number = scalar(value)
        if number is not None:
            yield Proposal(name, number, reason)


def find_shown_metric(facts: CellFacts, shown: object, settings: Settings) -> Proposal | None:
    """The metric that a cell's last expression shows: ``model.score(X, y)``, ``search.best_score_``."""
    name = facts.last
    if name is None or name in settings.ignore:
        return None
    reason = "watched" if name in settings.watch_metrics else call_reason(name) or _attribute_reason(name)
    number = scalar(shown) if reason is not None else None
    return None if number is None or reason is None else Proposal(name, number, reason)


def find_shown(facts: CellFacts, after: Mapping[str, Any], settings: Settings) -> Iterator[Proposal]:
    """Numbers that may be metrics and are not taken unasked: floats that a cell computed and showed.

    Parameters
    ----------
    facts
        The cell's.
    after
        The values of the names that the cell writes, as it left them.
    settings
        Names that are left out or taken anyway.
    """
    decided = {*settings.ignore, *settings.watch_params, *settings.watch_metrics}
    for name in facts.names.writes:
        value = after.get(name)
        if name in decided or name not in facts.shown or name not in facts.computed or name in facts.targets:
            continue
        if name.startswith("_") or isinstance(value, int) or _metric_reason(name, facts, settings) is not None:
            continue
        number = scalar(value)
        if number is not None and not (number.is_integer() and not isinstance(value, float)):
            yield Proposal(name, number, "a computed number that the cell shows")


def _attribute_reason(name: str) -> str | None:
    owner, dot, attribute = name.rpartition(".")
    return metric_reason(attribute) if dot and owner else None


def scalar(value: object) -> float | None:
    """A value as a float if it is one real number, else ``None``.

    Scalars and one-element arrays of numpy, torch and the like are numbers; booleans are not.
    """
    kind = type(value)
    if kind is float or kind is int:
        return _float(value)
    if value is None or issubclass(kind, (bool, str, bytes, complex, type)):
        return None
    if issubclass(kind, (int, float)) and kind.__module__.partition(".")[0] not in _ARRAY_PACKAGES:
        # What a subclass says of itself is code of the user's.
        return _float((float.__float__ if issubclass(kind, float) else int.__int__)(value))  # type: ignore[arg-type]
    if kind.__module__.partition(".")[0] not in _ARRAY_PACKAGES:
        return None
    if math.prod(getattr(value, "shape", (0,))) != 1 or "bool" in str(getattr(value, "dtype", "")):
        return None
    item = getattr(value, "item", None)
    number = item() if callable(item) else None
    return _float(number) if isinstance(number, (int, float)) else None


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return None


def _metric_reason(name: str, facts: CellFacts, settings: Settings) -> str | None:
    if name in settings.ignore or name in settings.watch_params:
        return None
    if name in settings.watch_metrics:
        return "watched"
    if name.startswith("_") or name in facts.targets or name not in facts.computed:
        return None
    call = facts.computed[name]
    return metric_reason(name) or (call_reason(call) if call else None)
