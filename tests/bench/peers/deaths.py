"""``kill -9`` in the midst of logging, and what is left afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.bench.peers.sandbox import MeasurementError, sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.peers.catalog import Entry

AT_ONCE = 2
FIRST_CALL_TIMEOUT_S = 90.0
LIFE_S = (1.0, 3.0)
"""How long after its first call a process lives: a random time between these."""
GRACE_S = 2.0
"""How long what outlives the process may go on, where a tool has a process of its own for writing."""


def deaths(
    entry: Entry, venvs: Path | None, *, kills: int, per_s: int, advance: Callable[[], object]
) -> dict[str, Any]:
    """Kill a logging process some times; ``per_s`` of 0 is a flood.

    Raises
    ------
    MeasurementError
        It did not come to log, or what is left cannot be read by the tool at all.
    """

    def one(_: int) -> tuple[int, int]:
        found = death(entry, venvs, per_s=per_s)
        advance()
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, range(kills)))
    calls, lost = (sum(column) for column in zip(*found, strict=True))
    return {
        "kills": kills,
        "calls": calls,
        "lost": lost,
        "percent": 100 * lost / calls,
        "worst_percent": max(100 * lost / calls for calls, lost in found),
    }


def death(entry: Entry, venvs: Path | None, *, per_s: int, life_s: tuple[float, float] = LIFE_S) -> tuple[int, int]:
    """One kill: how many calls had returned, and how many of them are lost."""
    with sandbox(venvs) as place:
        counter = place.store.parent / "counter"
        counter.write_bytes(bytes(8))
        with (place.store.parent / "victim").open("w+b") as output:
            victim = subprocess.Popen(
                place.command(entry, "victim", counter=str(counter), per_s=per_s),
                cwd=place.store,
                env=place.environ(entry),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                _wait_for_first_call(victim, counter)
                time.sleep(random.uniform(*life_s))
            finally:
                victim.kill()
                victim.wait()
                returned = _returned(counter)
                _end_the_rest(victim.pid)
        read = place.ask(entry, "count", timeout_s=300)["read"]
    return returned, max(returned - read, 0)


def _wait_for_first_call(victim: subprocess.Popen[bytes], counter: Path) -> None:
    until = time.monotonic() + FIRST_CALL_TIMEOUT_S
    while not _returned(counter):
        if victim.poll() is not None or time.monotonic() > until:
            raise MeasurementError("the process that was to be killed did not come to log")
        time.sleep(0.02)


def _returned(counter: Path) -> int:
    (returned,) = struct.unpack("<q", counter.read_bytes())
    return int(returned)


def _end_the_rest(session: int) -> None:
    until = time.monotonic() + GRACE_S
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(session, 0)
            time.sleep(0.1)
        os.killpg(session, signal.SIGKILL)
