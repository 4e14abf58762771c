"""``python -m inside TOOL MEASUREMENT FOLDER RESULT OPTIONS``: one thing of one tool, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from inside import calls, kill, reading, scale, tables
from inside.interface import make

MEASUREMENTS = {
    "tiny": tables.tiny,
    "flood": calls.flood,
    "paced": calls.paced,
    "busy": calls.busy,
    "victim": kill.victim,
    "count": kill.count,
    "read": reading.read,
    "fill": tables.fill,
    "table": tables.table,
    "million": scale.million,
    "notice": scale.notice,
    "filter": scale.filter_runs,
    "chart": scale.chart,
    "downsample": scale.downsample,
}


def main() -> None:
    name, measurement, folder, result, options = sys.argv[1:]
    tool = make(name, Path(folder))
    figures = MEASUREMENTS[measurement](tool, **json.loads(options))
    Path(result).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
