"""Which processes are still there, so that a killed kernel's runs read as lost."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbtrail.machine.identity import boot_id, host

if TYPE_CHECKING:
    from nbtrail.records import Session

HEARTBEAT_LIMIT_S = 90.0
"""How long another machine may be silent before its processes count as gone."""
CLOCK_TOLERANCE_S = 86_400.0
"""How far another machine's clock may be ahead; a heartbeat from later than that is no sign of life."""
START_TOLERANCE_S = 1.0
_COMPUTED = "boot-"
"""How the id of a start begins that was computed from the clock, in minutes."""


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
    started = process_started(pid)
    known = 0.0 if started is None or math.isnan(started) else started
    return ProcessFacts(host=host(), boot_id=boot_id(), pid=pid, process_started=known)


def process_started(pid: int) -> float | None:
    """When the process with this id started; ``None`` if there is none, NaN if there is one that tells nothing.

    Seconds since the machine's start where ``/proc`` tells them: those stay true when the clock is set. Elsewhere UTC
    seconds.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return _process_started_unseen(pid) if Path("/proc/self/stat").exists() else _process_started_by_clock(pid)
    except OSError:
        return _process_started_by_clock(pid)
    # The command's name stands in parentheses and may hold anything; what follows the last one is numbers.
    fields = stat.rpartition(b")")[2].split()
    state, ticks = fields[0], int(fields[19])
    return None if state in {b"Z", b"X"} else ticks / os.sysconf("SC_CLK_TCK")


def _process_started_unseen(pid: int) -> float | None:
    """Some systems (``hidepid``) hide the processes of others in ``/proc``; a signal would still find them."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return math.nan
    except (OSError, OverflowError):
        pass
    return None


def _process_started_by_clock(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return None
    except psutil.AccessDenied:
        return math.nan


def process_is_alive(session: Session, *, now: float) -> bool:
    """Whether the process of ``session`` is still there.

    On this machine the process table knows, whatever the machine is called by now. Of another machine, and of a
    container's processes from outside, only the heartbeat is known: they count as alive while that is younger than 90
    seconds.
    """
    if _is_of_this_start(session):
        started = process_started(session.pid)
        if started is None or not math.isnan(started):
            return started is not None and abs(started - session.process_started) <= START_TOLERANCE_S
    elif _is_of_an_earlier_start(session):
        return False
    return -CLOCK_TOLERANCE_S < now - session.heartbeat < HEARTBEAT_LIMIT_S


def is_certain(session: Session) -> bool:
    """Whether ``process_is_alive`` knows, instead of going by a heartbeat that another machine may yet send."""
    if _is_of_this_start(session):
        started = process_started(session.pid)
        return started is None or not math.isnan(started)
    return _is_of_an_earlier_start(session)


def _is_of_this_start(session: Session) -> bool:
    """Whether the process ids of the session are those that are seen here."""
    if not is_same_start(session.boot_id, boot_id()) or _space(session.host) != _space(host()):
        return False
    # Two machines may have started in the same minute.
    return not session.boot_id.startswith(_COMPUTED) or _is_of_this_machine(session)


def _is_of_an_earlier_start(session: Session) -> bool:
    return not is_same_start(session.boot_id, boot_id()) and _is_of_this_machine(session)


def is_same_start(one: str, other: str) -> bool:
    """Whether two texts of ``boot_id`` mean one start of a machine; computed from the clock they may be a bit off."""
    (one, _), (other, _) = _parts(one), _parts(other)
    if one.startswith(_COMPUTED) and other.startswith(_COMPUTED):
        return abs(_minute(one) - _minute(other)) <= 1
    return one == other


def _is_of_this_machine(session: Session) -> bool:
    """Whether name and id are those of this machine: copies of one image share the id, and strangers may share a name.

    Containers often share both; whether one of an earlier start was here, nobody can tell.
    """
    (_, theirs), (_, ours) = _parts(session.boot_id), _parts(boot_id())
    if session.host != host():
        return False
    return theirs == ours if theirs and ours else not _space(session.host)


def _parts(boot: str) -> tuple[str, str]:
    start, _, machine = boot.partition("@")
    return start, machine


def _space(host_name: str) -> str:
    return host_name.partition(" ")[2]


def _minute(start: str) -> int:
    minute = start.removeprefix(_COMPUTED)
    return int(minute) if minute.isdecimal() else -1
