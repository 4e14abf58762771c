"""A process that has nbtrail loaded and forks another for each order that it reads: quick enough for a thousand kills.

It opens no project itself. An order is a line of JSON; the answer is one too.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401 - what a fork need not load

import nbtrail.store.sqlite
import nbtrail.tracking.artifacts
import nbtrail.tracking.environment
import nbtrail.tracking.recorder
import nbtrail.tracking.recovery  # noqa: F401
from tests.faults.ledger import Ledger
from tests.faults.watching import Census, Countdown, note_phases
from tests.faults.works import WORKS


def serve() -> None:
    """Take orders until there are none."""
    for line in sys.stdin:
        order = json.loads(line)
        answer = _wait(order["wait"]) if "wait" in order else _fork(order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _wait(pid: int) -> dict[str, Any]:
    _, status = os.waitpid(pid, 0)
    return {"exit": os.waitstatus_to_exitcode(status)}


def _fork(order: dict[str, Any]) -> dict[str, Any]:
    pid = os.fork()
    if pid:
        return {"pid": pid}
    code = 1
    try:
        code = _work(order)
    except BaseException:  # noqa: BLE001 - said where the tests look, and told by the exit code
        traceback.print_exc()
    os._exit(code)


def _work(order: dict[str, Any]) -> int:
    root = Path(order["root"])
    os.chdir(root)
    warnings.simplefilter("ignore" if order.get("quiet") else "default")
    ledger = Ledger(Path(order["ledger"]))
    census = None
    if order.get("kill"):
        name, number, after = order["kill"]
        Countdown(name, number, after=after).start()
    elif order.get("census"):
        census = Census()
        census.start()
    elif order.get("watched"):
        note_phases(ledger)
        # Every second one switches threads as often as it can: what two threads may do to each other, happens.
        sys.setswitchinterval((0.005, 0.000_001)[os.getpid() % 2])
    WORKS[order["work"]](order["name"], ledger)
    _end()
    if census is not None:
        Path(order["census"]).write_text(json.dumps(census.counts), encoding="utf-8")
    return 0


def _end() -> None:
    """What a script's end does, for a fork that must not run what its parent has registered elsewhere."""
    atexit._run_exitfuncs()
    sys.setprofile(None)
    threading.setprofile(None)


if __name__ == "__main__":
    serve()
