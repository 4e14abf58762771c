"""``python -m tests.bench NAME``: measure, and print ratios that belong to one run on one machine."""

from __future__ import annotations

import sys

from tests.bench import capture, log_path

BENCHES = {"capture": capture.main, "log": log_path.main}


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}.")
    for name in wanted:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
