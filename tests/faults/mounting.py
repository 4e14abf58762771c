"""A small disk of its own that fills up, and one that turns read-only while it is written.

Run as ``unshare --user --map-root-user --mount python -m tests.faults.mounting FOLDER``, where the system lets users
have name spaces of their own: nobody else sees the disk. What was found is printed as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import nbtrail as nt
from nbtrail.errors import NbtrailWarning
from nbtrail.tracking import reader

if TYPE_CHECKING:
    from collections.abc import Callable

DISK = "size=4m"
STEPS = 3000


def main() -> None:
    folder = Path(sys.argv[1])
    warnings.simplefilter("ignore", NbtrailWarning)
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    found = {
        "disk full": _work(folder / "full", _fill, _empty),
        "remounted read-only": _work(folder / "ro", _lock, _open),
    }
    sys.stdout.write(json.dumps(found))


def _work(disk: Path, trouble: Callable[[Path], None], over: Callable[[Path], None]) -> tuple[int, int]:
    """How many points were logged before, in and after the trouble, and how many are there."""
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "none", str(disk)], check=True)
    (disk / ".nbtrail").mkdir()
    run = nt.start_run("kept", project=disk)
    for step in range(STEPS):
        if step == STEPS // 3:
            run.recorder.flush(3)
            trouble(disk)
        if step == 2 * STEPS // 3:
            run.recorder.flush(3)
            over(disk)
        run.log({"loss": step / 7}, step=step)
    run.finish()
    with reader(disk) as reading:
        kept = reading.store.run("kept")
        steps = reading.store.series(kept.id, "loss").steps.tolist()
    assert kept.status == "finished"
    assert steps == sorted(set(steps))
    return STEPS, len(steps)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def _empty(disk: Path) -> None:
    (disk / "ballast").unlink()


def _lock(disk: Path) -> None:
    # The disk itself cannot turn while it is written; one that lies over it can: what is opened anew is read-only.
    subprocess.run(["mount", "--bind", str(disk), str(disk)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(disk)], check=True)


def _open(disk: Path) -> None:
    subprocess.run(["umount", str(disk)], check=True)


if __name__ == "__main__":
    main()
