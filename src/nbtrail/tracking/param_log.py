"""What one run sets of its params, and what they were before."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nbtrail.changes import ParamSet
from nbtrail.records import Param
from nbtrail.tracking.secrets import mask_value
from nbtrail.tracking.values import shown, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbtrail.records import Origin
    from nbtrail.tracking.recorder import Recorder


class ParamLog:
    """The params of a run. All but ``set`` is called under the recorder's lock.

    Parameters
    ----------
    run_id
        Whose they are.
    refuse
        Takes the name of what is no JSON, and a message about it.
    """

    def __init__(self, run_id: str, refuse: Callable[[str, str], None]) -> None:
        self._run_id = run_id
        self._refuse = refuse
        self._params: dict[str, Param] = {}

    def set(self, recorder: Recorder, params: Mapping[str, object], origin: Origin, reasons: Mapping[str, str]) -> bool:
        """Take values; says whether any of them is new. Takes the lock itself.

        Not before all are converted: what users' objects do when they are looked at may take long.
        """
        wanted = [
            self._param(str(key), value, origin, reasons.get(key, ""), recorder.execution_id)
            for key, value in params.items()
        ]
        with recorder.lock:
            changes = [param_set(self._take(param)) for param in wanted if self._is_new(param)]
            if changes:
                recorder.append(*changes)
        return bool(changes)

    def withdraw(self, keys: Sequence[str]) -> list[str]:
        """Forget those that were inferred, and say which."""
        inferred = [key for key in keys if key in self._params and self._params[key].origin == "inferred"]
        for key in inferred:
            del self._params[key]
        return inferred

    def origins(self) -> dict[str, Origin]:
        """How each param came."""
        return {key: param.origin for key, param in self._params.items()}

    def records(self) -> tuple[Param, ...]:
        """The params, in the order in which they were set first."""
        return tuple(self._params.values())

    def _param(self, key: str, value: object, origin: Origin, reason: str, execution_id: str | None) -> Param:
        plain, as_text = to_json(value)
        if as_text and origin == "logged":
            what = f"{mask_value(key, shown(value))} of type {type(value).__name__}"
            self._refuse(key, f"param {key!r} is no JSON: {what}. Its text is kept; give its settings instead")
            reason = reason or f"the text of a {type(value).__name__}"
        return Param(
            run_id=self._run_id,
            key=key,
            value=mask_value(key, plain),
            as_text=as_text,
            origin=origin,
            reason=reason,
            execution_id=execution_id,
            at=time.time(),
        )

    def _is_new(self, param: Param) -> bool:
        before = self._params.get(param.key)
        return before is None or before.value != param.value or type(before.value) is not type(param.value)

    def _take(self, param: Param) -> Param:
        before = self._params.get(param.key)
        if before is not None:
            param = replace(param, earlier=(*before.earlier, before.value))
        self._params[param.key] = param
        return param


def param_set(param: Param) -> ParamSet:
    """The change that gives a run this param."""
    return ParamSet(
        run_id=param.run_id,
        key=param.key,
        value=param.value,
        at=param.at,
        as_text=param.as_text,
        origin=param.origin,
        reason=param.reason,
        execution_id=param.execution_id,
    )
