"""What has to reach the disk before it can be relied on."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_CANNOT_BE: Final = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF}
"""Some file systems, of networks above all, have no such thing as a folder that waits to be written."""


def sync_folder(folder: Path) -> None:
    """Let the names in a folder outlive a loss of power: to write a file's bytes down does not write down its name.

    Raises
    ------
    OSError
        The disk is gone, or fails.
    """
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_BE:
            raise
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are not there, so that they outlive a loss of power.

    Raises
    ------
    OSError
        It cannot be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)
