"""What tells this machine from others, and one start of it from the next."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import socket
import sys
import uuid
from pathlib import Path
from typing import Final

_OWN_PROCESS_IDS: Final = "pid:[4026531836]"
"""The space of process ids that Linux itself begins with, outside every container."""
_MACHINE_FILES: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


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
    """A text that differs each time this machine starts; behind an ``@`` what stays the same, where that is known."""
    machine = machine_id()
    return f"{_start_of_this_machine()}@{machine}" if machine else _start_of_this_machine()


@functools.cache
def machine_id() -> str:
    """Twelve digits that this installation keeps when its name changes; empty where there is nothing to tell by.

    Made from what the system calls its id, which is not to be shown to others.
    """
    own = _id_of_the_system()
    return hashlib.sha256(f"nbtrail {own}".encode()).hexdigest()[:12] if own else ""


def _id_of_the_system() -> str:
    try:
        if sys.platform == "darwin":
            return _mac_host_uuid()
        if sys.platform == "win32":
            return _windows_machine_guid()
    except (OSError, AttributeError):
        return ""
    for path in _MACHINE_FILES:
        try:
            found = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        # An image that has not started yet says "uninitialized".
        if len(found) == 32:  # noqa: PLR2004 - machine-id(5)
            return found
    return ""


def _start_of_this_machine() -> str:
    try:
        if sys.platform == "darwin":
            return _mac_boot_session()
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except (OSError, AttributeError, ValueError):
        import psutil

        # A minute's grain: the boot time is computed from the clock, and the clock is corrected now and then.
        return f"boot-{round(psutil.boot_time() / 60)}"


def _mac_host_uuid() -> str:
    found = (ctypes.c_ubyte * 16)()
    at_once = (ctypes.c_long * 2)(1, 0)
    if ctypes.CDLL(None, use_errno=True).gethostuuid(found, at_once) != 0:
        raise OSError(ctypes.get_errno(), "gethostuuid")
    return str(uuid.UUID(bytes=bytes(found)))


def _mac_boot_session() -> str:
    found = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(found))
    call = ctypes.CDLL(None, use_errno=True).sysctlbyname
    if call(b"kern.bootsessionuuid", found, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise OSError(ctypes.get_errno(), "sysctlbyname")
    return found.value.decode("utf-8")


def _windows_machine_guid() -> str:
    import winreg

    # Of the 64-bit registry also for a 32-bit Python: one machine has one id.
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY  # type: ignore[attr-defined,unused-ignore]
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access) as key:  # type: ignore[attr-defined,unused-ignore]
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]
