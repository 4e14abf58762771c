"""Losing the power, as far as a file system can tell: what lies on its disk at a moment, mounted again.

A file serves as the disk. What a process wrote and did not sync stands in memory alone, so a copy of that file is what
a computer finds when it starts again. To mount it takes root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from tests.faults.kills import Tally, look, project_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.kills import Zygote

DISK_BYTES = 96 << 20
_RARELY = "commit=300"
"""How seldom ext4 writes by itself, in seconds: only what was synced shall be there."""


def make_disk(path: Path) -> None:
    """An empty ext4 in a file."""
    with path.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(path)], check=True)


@contextlib.contextmanager
def mounted(disk: Path, folder: Path) -> Iterator[Path]:
    """The disk's files in a folder."""
    folder.mkdir()
    subprocess.run(["mount", "-o", f"loop,{_RARELY}", str(disk), str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def lose_power(zygote: Zygote, folder: Path, empty: Path, *, after_s: float, work: str = "log_many") -> Tally:
    """Let a process work on a new disk like ``empty``, take the power away, and read what is on the disk."""
    disk, copy, ledger = folder / "disk.img", folder / "copy.img", folder / "power.ledger"
    folder.mkdir()
    shutil.copyfile(empty, disk)
    with mounted(disk, folder / "before") as before:
        root = project_in(before / "project")
        os.sync()
        pid = zygote.fork(root, "power", work=work, ledger=str(ledger), watched=True)
        time.sleep(after_s)
        os.kill(pid, signal.SIGSTOP)
        subprocess.run(["cp", "--sparse=always", str(disk), str(copy)], check=True)
        told = ledger.read_bytes()
        os.kill(pid, signal.SIGKILL)
        zygote.wait(pid)
    ledger.write_bytes(told)
    with mounted(copy, folder / "after") as after:
        root = after / "project"
        return look(root, "power", ledger_path=ledger, only_finished=True)
