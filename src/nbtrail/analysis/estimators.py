"""Settings of fitted estimators that follow scikit-learn's conventions."""

from __future__ import annotations

import inspect
import math
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.call_words import NO_PARAMS
from nbtrail.analysis.calls import is_setting
from nbtrail.analysis.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbtrail.settings import Settings

_DEPTH: Final = 3


def find_estimator_params(names: Iterable[str], namespace: Mapping[str, Any], settings: Settings) -> Iterator[Proposal]:
    """The settings of fitted estimators that are not the defaults of their class.

    Parameters
    ----------
    names
        Names that a cell reads or writes.
    namespace
        Where they live, once the cell has run.
    settings
        Names to leave out.

    Yields
    ------
    Proposal
        ``RandomForestClassifier.n_estimators``; those of a pipeline's or a search's inner estimators too.
    """
    base = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    if base is None:
        return
    for name in names:
        value = namespace.get(name)
        if issubclass(type(value), base) and _is_fitted(value):
            for key, setting in _settings(value, base, _DEPTH):
                if key not in settings.ignore:
                    yield Proposal(key, setting, f"setting of {name}, which is fitted")


def _is_fitted(estimator: Any) -> bool:
    """By scikit-learn's convention: what fitting learns ends in an underscore. A pipeline is as fitted as its steps."""
    if any(name.endswith("_") and not name.startswith("_") for name in vars(estimator)):
        return True
    return any(_is_fitted(step) for _, step in getattr(estimator, "steps", ()) if hasattr(step, "get_params"))


def _settings(estimator: Any, base: type, depth: int) -> Iterator[tuple[str, Any]]:
    kind: Any = type(estimator)
    defaults = _defaults(kind)
    held = vars(estimator)
    for name in defaults:
        # Not get_params, which may be the user's own: by convention a setting is kept under its own name.
        value = held.get(name, defaults[name])
        if _is_default(defaults, name, value):
            continue
        inner = [part for part in _parts(value) if issubclass(type(part), base)]
        if inner and depth:
            for part in inner:
                yield from _settings(part, base, depth - 1)
        elif name not in NO_PARAMS and is_setting(value):
            yield f"{kind.__name__}.{name}", value


def _parts(value: object) -> Iterator[object]:
    """A value, and what stands in the ``(name, estimator, …)`` tuples of a pipeline or an ensemble."""
    yield value
    if isinstance(value, list):
        yield from (part for entry in value if isinstance(entry, tuple) for part in entry)


@lru_cache(maxsize=256)
def _defaults(kind: Any) -> Mapping[str, Any]:
    """Every setting of a class; ``inspect.Parameter.empty`` stands for "has to be given"."""
    parameters = inspect.signature(kind).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {one.name: one.default for one in parameters if one.kind not in kinds}


def _is_default(defaults: Mapping[str, Any], name: str, value: object) -> bool:
    if name not in defaults or type(defaults[name]) is not type(value):
        return False
    if isinstance(value, float) and math.isnan(value):
        return math.isnan(defaults[name])
    return bool(defaults[name] == value)
