"""Readings of the machine: processor, memory, disk, network, GPUs."""

from __future__ import annotations

import functools
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbtrail.tracking.gpus import Gpus

PREFIX: Final = "system/"
_GB: Final = 1e9
_MB: Final = 1e6
_LOOPBACK: Final = re.compile(r"lo\d*$|loopback", re.IGNORECASE)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The machine at one moment."""

    at_s: float
    """On the monotonic clock."""
    now: Mapping[str, float] = field(default_factory=dict)
    """What is so at this moment, or was so on average since the reading before."""
    counted_mb: Mapping[str, float] = field(default_factory=dict)
    """What has been read, written, received and sent since the machine was started."""

    def since(self, start: Reading) -> dict[str, float]:
        """All metrics of a run that began at an earlier reading, by name."""
        counted = {key: self.counted_mb[key] - start.counted_mb.get(key, 0.0) for key in self.counted_mb}
        # A counter that wrapped, or a device that was taken away, must not show as less than nothing.
        return {**self.now, **{key: max(0.0, value) for key, value in counted.items()}}


def _no_gpus() -> None:
    return None


class Machine:
    """Reads what the machine does. What a system does not tell is left out.

    Parameters
    ----------
    open_gpus
        Called once, when GPUs are first read: to find them takes longer than all the rest.
    """

    def __init__(self, open_gpus: Callable[[], Gpus | None] = _no_gpus) -> None:
        self._open_gpus = functools.cache(open_gpus)
        self._process = psutil.Process()
        self._cpu: tuple[float, float] | None = None
        self._process_cpu: tuple[float, float] | None = None

    def read(self, *, with_gpus: bool = True) -> Reading:
        """A reading; the load of processors is in it from the second one on."""
        at_s = time.monotonic()
        now: dict[str, float | None] = {
            "cpu_percent": self._cpu_percent(),
            "process_cpu_percent": self._process_cpu_percent(at_s),
            "memory_percent": _told(lambda: psutil.virtual_memory().percent),
            "memory_gb": _told(lambda: self._process.memory_info().rss / _GB),
        }
        if with_gpus and (gpus := self._open_gpus()) is not None:
            now |= gpus.measure()
        return Reading(at_s=at_s, now=_named(now), counted_mb=_named(_counted_mb()))

    def _cpu_percent(self) -> float | None:
        # Not psutil.cpu_percent: it measures from its last call, and the next one may be the user's.
        times = _told(psutil.cpu_times)
        if times is None:
            return None
        before, self._cpu = self._cpu, _busy_and_whole_s(times)
        if before is None or self._cpu[1] <= before[1]:
            return None
        return min(100.0, max(0.0, 100.0 * (self._cpu[0] - before[0]) / (self._cpu[1] - before[1])))

    def _process_cpu_percent(self, at_s: float) -> float | None:
        times = _told(self._process.cpu_times)
        if times is None:
            return None
        before, self._process_cpu = self._process_cpu, (times.user + times.system, at_s)
        if before is None or at_s <= before[1]:
            return None
        return max(0.0, 100.0 * (self._process_cpu[0] - before[0]) / (at_s - before[1]))


def _busy_and_whole_s(times: Any) -> tuple[float, float]:
    """Seconds in which processors worked, and all seconds; a guest's time is within the others."""
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return whole - times.idle - getattr(times, "iowait", 0.0), whole


def _counted_mb() -> dict[str, float | None]:
    disk = _told(lambda: psutil.disk_io_counters(nowrap=False))
    network = _told(lambda: psutil.net_io_counters(pernic=True, nowrap=False)) or {}
    # What a notebook says to its own kernel is no traffic.
    outside = [count for name, count in network.items() if not _LOOPBACK.match(name)]
    return {
        "disk_read_mb": disk and disk.read_bytes / _MB,
        "disk_written_mb": disk and disk.write_bytes / _MB,
        "network_received_mb": sum(one.bytes_recv for one in outside) / _MB if outside else None,
        "network_sent_mb": sum(one.bytes_sent for one in outside) / _MB if outside else None,
    }


def _named(values: Mapping[str, float | None]) -> dict[str, float]:
    return {f"{PREFIX}{key}": value for key, value in values.items() if value is not None}


def _told(question: Callable[[], _Answer]) -> _Answer | None:
    try:
        return question()
    except (OSError, RuntimeError, NotImplementedError, psutil.Error):
        return None
