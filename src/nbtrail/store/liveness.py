"""Which processes are still there, so that a killed kernel's runs read as lost."""

from __future__ import annotations

import functools
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nbtrail.records import Session

HEARTBEAT_LIMIT_S = 90.0
"""How long another machine may be silent before its processes count as gone."""
START_TOLERANCE_S = 1.0
_OWN_PROCESS_IDS = "pid:[4026531836]"
"""The space of process ids that Linux itself begins with, outside every container."""


class IsAlive(Protocol):
    """Tells whether the process of a session that said no goodbye is still there."""

    def __call__(self, session: Session, *, now: float) -> bool:
        """Whether the process lives, at ``now`` (UTC seconds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFacts:
    """What tells this process from every other one, on this machine and on others."""

    host: str
    boot_id: str
    pid: int
    process_started: float
    """As ``process_started`` measures it: comparable only within one ``boot_id``."""


def this_process() -> ProcessFacts:
    """The facts of the calling process, for a ``Session``; asked anew after a fork."""
    pid = os.getpid()
    return ProcessFacts(host=host(), boot_id=boot_id(), pid=pid, process_started=process_started(pid) or 0.0)


@functools.cache
def host() -> str:
    """The name of this machine; in a container also the name of the space in which its process ids count."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = _OWN_PROCESS_IDS
    name = socket.gethostname()
    return name if space == _OWN_PROCESS_IDS else f"{name} {space}"


@functools.cache
def boot_id() -> str:
    """A text that differs each time this machine starts."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        import psutil

        # A minute's grain: the boot time is computed from the clock, and the clock is corrected now and then.
        return f"boot-{round(psutil.boot_time() / 60)}"


def process_started(pid: int) -> float | None:
    """When the process with this id started; ``None`` if there is none.

    Seconds since the machine's start where ``/proc`` tells them: those stay true when the clock is set. Elsewhere UTC
    seconds.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _process_started_by_clock(pid)
    except OSError:
        return _process_started_by_clock(pid)
    # The command's name stands in parentheses and may hold anything; what follows the last one is numbers.
    fields = stat.rpartition(b")")[2].split()
    state, ticks = fields[0], int(fields[19])
    return None if state in {b"Z", b"X"} else ticks / os.sysconf("SC_CLK_TCK")


def _process_started_by_clock(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return 0.0


def process_is_alive(session: Session, *, now: float) -> bool:
    """Whether the process of ``session`` is still there.

    On this machine the process table knows. Of another machine only the heartbeat is known: it counts as alive while
    that is younger than 90 seconds.
    """
    if session.host != host():
        return now - session.heartbeat < HEARTBEAT_LIMIT_S
    if session.boot_id != boot_id():
        return False
    started = process_started(session.pid)
    return started is not None and abs(started - session.process_started) <= START_TOLERANCE_S
