"""``python -m tests``: make sure of a browser, then run the tests; arguments go to pytest.

Files of tests run beside each other, on at most four cores; ``-n 0`` runs them one after the other.
The browser tests drive Chromium. One on the machine is used; else Debian's package is installed where that is allowed
(root, or sudo without a password), else Playwright's own build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser.chromium import find_chromium

# In the order of the folders: the browser's few tests, which take longest, do not come last.
SIDE_BY_SIDE = ["-n", "logical", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]


def main() -> int:
    if find_chromium() is None:
        install_chromium()
    command = [sys.executable, "-m", "pytest", *SIDE_BY_SIDE, *sys.argv[1:]]
    return subprocess.call(command, cwd=Path(__file__).parent.parent)


def install_chromium() -> None:
    """Debian's package where it may be installed, else Playwright's build; neither hides a failure."""
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    may_install = shutil.which("apt-get") and (not become_root or _succeeds([*become_root, "true"]))
    if may_install:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.check_call([*become_root, "apt-get", "update", "-q"], env=environ)
        subprocess.check_call([*become_root, "apt-get", "install", "-y", "-q", "chromium"], env=environ)
    else:
        subprocess.check_call([sys.executable, "-m", "playwright", "install", "chromium"])


def _succeeds(command: list[str]) -> bool:
    return bool(shutil.which(command[0])) and subprocess.call(command, stderr=subprocess.DEVNULL) == 0


if __name__ == "__main__":
    sys.exit(main())
