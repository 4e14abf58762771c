"""What the live card shows, worked out from a run. ``docs/widgets.md`` says what the state holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from nbtrail.notices import encodable
from nbtrail.reading.text import format_number, format_value

if TYPE_CHECKING:
    from nbtrail.records import Metric, Param
    from nbtrail.tracking import Curve, Snapshot
    from nbtrail.tracking.summary import Proposed

_MOST_PROPOSED: Final = 12
"""``%track status`` shows them all."""
_NO_NUMBERS: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""What JSON has no number for."""


def card_state(
    snapshot: Snapshot, *, cell: int | None = None, kernel_id: str | None = None, message: str | None = None
) -> dict[str, Any]:
    """The card's state as JSON.

    Parameters
    ----------
    snapshot
        The run at this moment.
    cell
        The ``n`` of the ``In[n]`` that runs now.
    kernel_id
        Jupyter's id of the kernel, so that the card can stop it.
    message
        Something to say below the rest.
    """
    state = {
        "run_id": snapshot.run_id,
        "name": snapshot.name,
        "status": snapshot.status,
        "error": snapshot.error,
        "started": snapshot.started,
        "ended": snapshot.ended,
        "cell": cell,
        "step": snapshot.step,
        "total": snapshot.total,
        "params": [_param(param) for param in snapshot.params],
        "metrics": [_metric(metric) for metric in snapshot.metrics],
        "proposed": [_proposed(one) for one in snapshot.proposed[:_MOST_PROPOSED]],
        "tags": list(snapshot.tags),
        "note": snapshot.note,
        "message": message,
        "kernel_id": kernel_id,
    }
    return {**_encodable(state), "curves": [_curve(curve) for curve in snapshot.curves]}


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return {key: _encodable(item) for key, item in value.items()} if isinstance(value, dict) else value


def _param(param: Param) -> dict[str, str]:
    return {"name": param.key, "value": format_value(param.value), "origin": param.origin, "reason": param.reason}


def _metric(metric: Metric) -> dict[str, str]:
    return {"name": metric.key, "value": format_number(metric.last), "origin": metric.origin, "reason": metric.reason}


def _proposed(one: Proposed) -> dict[str, Any]:
    return {
        "name": one.key,
        "value": format_number(one.value),
        "reason": one.reason,
        "number": one.value if math.isfinite(one.value) else _NO_NUMBERS[str(one.value)],
    }


def _curve(curve: Curve) -> dict[str, Any]:
    values = [value if math.isfinite(value) else None for value in curve.values]
    return {"metric": encodable(curve.metric), "steps": list(curve.steps), "values": values}
