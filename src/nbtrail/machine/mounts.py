"""Which kind of file system a file lies on: a store on a network cannot share memory between machines."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_NETWORK: Final = (
    "nfs", "cifs", "smb", "afp", "afs", "9p", "ceph", "glusterfs", "lustre", "webdav", "vboxsf", "fuse.", "osxfuse",
    "macfuse", "gpfs", "beegfs", "pvfs", "orangefs", "gfs2", "ocfs2", "ncp", "coda", "prl_fs", "vmhgfs", "virtiofs",
    "wekafs", "panfs", "remote",
)  # fmt: skip
"""How the kinds begin that several machines may write at once. Not ``fuseblk``, which is a local disk."""
_OF_UNKNOWN: Final = {"autofs", "fuse"}
"""What may turn out to be a network once it is used."""
_MOUNTS: Final = Path("/proc/self/mountinfo")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_UPPER: Final = re.compile(r"(?:^|,)upperdir=((?:[^,\\]|\\.)+)")


class Mount(NamedTuple):
    """One mounted file system."""

    folder: str
    kind: str
    device: str = ""
    """``major:minor``, where it is known."""
    upper: str = ""
    """The folder into which an overlay writes."""


def is_on_network(path: Path, mounts: Iterable[Mount] | None = None) -> bool:
    """Whether a file lies, or will lie, on a file system that other machines may write too.

    Parameters
    ----------
    path
        The file.
    mounts
        The mounted file systems, in the order in which they were mounted; those of this machine if left out.
    """
    folder = path.resolve().parent
    if str(folder).startswith("\\\\"):
        return True
    # Looked at first: that makes an automount happen.
    device = _device_of(folder) if mounts is None else ""
    known = list(_this_machines() if mounts is None else mounts)
    mount = _nearest(folder, known, device)
    if mount.kind == "overlay" and mount.upper:
        # What an overlay writes lies in its upper folder; one that cannot be seen from in here is its host's disk.
        inner = _nearest(Path(mount.upper), known, "")
        return inner.kind != "overlay" and Path(mount.upper).exists() and _is_network(inner.kind)
    return _is_network(mount.kind)


def _is_network(kind: str) -> bool:
    return kind.lower().startswith(_NETWORK) or kind in _OF_UNKNOWN


def _nearest(folder: Path, mounts: list[Mount], device: str) -> Mount:
    # As texts: a machine may have thousands of mounts, and a path takes its time to take apart.
    inside = f"{folder}{os.sep}"
    above = [mount for mount in mounts if inside.startswith(f"{mount.folder.rstrip(os.sep)}{os.sep}")]
    # A mount further up that came later hides one further down: the number of the device tells which one is seen.
    above = [mount for mount in above if device and mount.device == device] or above
    # Of several file systems mounted on one folder, the last one hides the others.
    return max(reversed(above), key=lambda mount: len(mount.folder.rstrip(os.sep)), default=Mount("", ""))


def _device_of(folder: Path) -> str:
    for one in (folder, *folder.parents):
        try:
            number = one.stat().st_dev
        except OSError:
            continue
        return f"{os.major(number)}:{os.minor(number)}" if hasattr(os, "major") else ""
    return ""


def _this_machines() -> list[Mount]:
    try:
        return mounts_of(_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        import psutil

        # Windows says of a drive that it is remote in its options.
        parts = psutil.disk_partitions(all=True)
        return [Mount(part.mountpoint, "remote" if "remote" in part.opts.split(",") else part.fstype) for part in parts]


def mounts_of(mountinfo: str) -> list[Mount]:
    """The mounts that a text like that of ``/proc/self/mountinfo`` lists; a line that is none is passed over."""
    found = []
    for line in mountinfo.splitlines():
        place, _, kind = line.partition(" - ")
        places, kinds = place.split(" "), kind.split(" ")
        if len(places) >= 6 and len(kinds) >= 3:  # noqa: PLR2004 - proc(5) gives the fields
            upper = _UPPER.search(_plain(kinds[2]))
            found.append(Mount(_plain(places[4]), kinds[0], places[2], upper[1] if upper else ""))
    return found


def _plain(text: str) -> str:
    """The kernel writes a blank, a tab, a line's end and a backslash as octal digits."""
    return _ESCAPED.sub(lambda digits: chr(int(digits[1], 8)), text)
