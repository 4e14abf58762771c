"""``python -m tests.bench NAME``: measure, and print ratios that belong to one run on one machine."""

from __future__ import annotations

import sys
from itertools import takewhile

from tests.bench import capture, faults, log_path, scale
from tests.bench.peers import command as peers

BENCHES = {
    "capture": capture.main,
    "faults": faults.main,
    "log": log_path.main,
    "peers": peers.main,
    "scale": scale.main,
}
ALONE = frozenset({"faults", "peers", "scale"})
"""They take options and many minutes, so they are run when they are asked for."""


def main() -> int:
    words = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    wanted = words or [name for name in BENCHES if name not in ALONE]
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}.")
    for name in wanted:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
