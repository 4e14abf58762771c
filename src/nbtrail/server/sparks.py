"""The small curves in the rows of a list of runs."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nbtrail.records import Metric
    from nbtrail.store.protocol import Store

MOST_VALUES: Final = 48
_MOST_KEPT: Final = 5000
_MOST_READ: Final = 100_000
"""Of longer curves a part shows as much in a row's space."""


class Sparks:
    """Thinned curves, kept until their metric gets another point. Used by several threads."""

    def __init__(self, *, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str, int, float], list[float | None]] = OrderedDict()

    def values(self, store: Store, metric: Metric) -> list[float | None]:
        """At most 48 values of a metric in the order logged; ``None`` for NaN and ±inf."""
        key = (store.url, metric.run_id, metric.key, metric.count, metric.at)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        values = _thinned(store, metric)
        with self._lock:
            self._kept[key] = values
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return values


def _thinned(store: Store, metric: Metric) -> list[float | None]:
    # Late: it brings numpy's friends, and most requests find their sparks ready.
    from nbtrail.reading.thinning import thin

    series = store.outline(metric.run_id, metric.key, most_points=_MOST_READ)
    values = series.values[thin(series.steps, series.values, MOST_VALUES)]
    return [value if math.isfinite(value) else None for value in values.tolist()]
