"""What nbtrail adds: the same work by hand, with nothing around it, in the same minute on the same machine."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from backports import zstd
from tsdownsample import MinMaxLTTBDownsampler

from nbtrail.reading import frames
from nbtrail.reading.charts import draw_comparison, prepare_comparison, vegalite5
from nbtrail.reading.thinning import thin
from nbtrail.settings import Settings
from nbtrail.store.protocol import RunQuery
from nbtrail.store.query import parse_filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.scale_work import Desk

REPEATS = 9
_LEAST_S = 0.02
FILTER = "metrics.loss > 0.9 and params.lr < 0.01"
_TABLES = """
CREATE TABLE run (id INTEGER PRIMARY KEY, name TEXT, started REAL);
CREATE TABLE p (run INTEGER, key TEXT, value REAL, text TEXT, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE m (run INTEGER, key TEXT, value REAL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE INDEX p_value ON p (key, value, run);
CREATE INDEX m_value ON m (key, value, run);
"""


def measure_limits(desk: Desk, by_hand: Path) -> list[dict]:
    """Rows of ``what``, ``ours`` and ``hand`` (milliseconds), ``most`` (the ratio that must not be passed).

    The desk's store holds 10,000 runs of 30 fields, some curves of a million points and many of a hundred thousand.
    """
    tables = _one_row_a_field(desk, by_hand)
    long = _curve_of(desk, 1_000_000)
    short = _curve_of(desk, 100_000)
    series = desk.store.series(*long)
    chart = _chart_of_twenty(desk)
    rows = [
        ("table of 10,000 runs × 30 fields", lambda: _table(desk), lambda: _table_by_hand(tables), 2.0),
        (f"filter 10,000 runs: `{FILTER}`", lambda: _filter(desk), lambda: _filter_by_hand(tables), 3.0),
        (
            "read a curve of 100,000 points",
            lambda: desk.store.series(*short),
            lambda: _curve_by_hand(desk, *short),
            2.0,
        ),
        ("read 1,000,000 points", lambda: desk.store.series(*long), lambda: _curve_by_hand(desk, *long), 2.0),
        ("1,000,000 points to 2,000", lambda: _thin(series), lambda: _thin_by_hand(series), 2.0),
        ("notice a change", desk.store.change_mark, lambda: _version_by_hand(tables), None),
    ]
    found = [{"what": what, **_race(ours, hand), "most": most} for what, ours, hand, most in rows]
    return [*found, chart]


def _race(ours: Callable[[], object], hand: Callable[[], object]) -> dict[str, float]:
    """The smallest time of each; in turns, so that others on the machine hold up both."""
    times: dict[str, list[float]] = {"ours": [], "hand": []}
    for _ in range(REPEATS):
        for name, do in (("ours", ours), ("hand", hand)):
            started, count = time.process_time(), 0
            # What is quick is done until the clock can tell.
            while time.process_time() - started < _LEAST_S or not count:
                do()
                count += 1
            times[name].append((time.process_time() - started) / count * 1e3)
    return {name: min(found) for name, found in times.items()}


def _one_row_a_field(desk: Desk, path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(_TABLES)
    connection.execute("ATTACH ? AS ours", (str(desk.path),))
    connection.execute("INSERT INTO run SELECT rowid, name, started FROM ours.runs WHERE trashed IS NULL")
    of_runs = "JOIN ours.runs r ON r.id = run_id AND r.trashed IS NULL"
    connection.execute(f"INSERT INTO p SELECT r.rowid, key, number, text FROM ours.params {of_runs}")
    connection.execute(f"INSERT INTO m SELECT r.rowid, key, last FROM ours.metrics {of_runs}")
    connection.execute("DETACH ours")
    return connection


def _table(desk: Desk) -> pd.DataFrame:
    return frames.runs_frame(desk.store, desk.store.runs(RunQuery()))


def _table_by_hand(tables: sqlite3.Connection) -> pd.DataFrame:
    runs = tables.execute("SELECT id, name, started FROM run ORDER BY started DESC").fetchall()
    row_of = {run[0]: row for row, run in enumerate(runs)}
    columns: dict[str, list] = {"name": [run[1] for run in runs], "started": [run[2] for run in runs]}
    for run, key, value, text in tables.execute("SELECT run, key, value, text FROM p"):
        if key not in columns:
            columns[key] = [None] * len(runs)
        columns[key][row_of[run]] = value if text is None else text
    for run, key, value in tables.execute("SELECT run, 'metrics.' || key, value FROM m"):
        if key not in columns:
            columns[key] = [None] * len(runs)
        columns[key][row_of[run]] = value
    return pd.DataFrame(columns)


def _filter(desk: Desk) -> tuple:
    desk.store._answers.clear()
    query = RunQuery(where=parse_filter(FILTER), limit=100)
    return desk.store.runs(query), desk.store.count(query)


def _filter_by_hand(tables: sqlite3.Connection) -> tuple:
    matching = (
        "SELECT {} FROM run WHERE id IN (SELECT run FROM m WHERE key = 'loss' AND value > 0.9)"
        " AND id IN (SELECT run FROM p WHERE key = 'lr' AND value < 0.01)"
    )
    page = tables.execute(matching.format("*") + " ORDER BY started DESC LIMIT 100").fetchall()
    return tables.execute(matching.format("count(*)")).fetchone(), page


def _curve_of(desk: Desk, points: int) -> tuple[str, str]:
    sql = "SELECT run_id, key FROM metrics ORDER BY abs(count - ?) LIMIT 1"
    with sqlite3.connect(desk.path) as connection:
        return connection.execute(sql, (points,)).fetchone()


def _curve_by_hand(desk: Desk, run_id: str, key: str) -> tuple:
    """As ``docs/chunk-format.md`` tells anybody to."""
    connection = sqlite3.connect(desk.path)
    sql = 'SELECT steps, times, "values" FROM points WHERE run_id = ? AND key = ? ORDER BY first'
    parts = [
        (
            _integers(zstd.decompress(steps)),
            _integers(zstd.decompress(times)) / 1000,
            np.frombuffer(zstd.decompress(values), "<f8"),
        )
        for steps, times, values in connection.execute(sql, (run_id, key))
    ]
    connection.close()
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _integers(raw: bytes) -> np.ndarray:
    deltas = np.frombuffer(raw, f"<i{raw[0]}", offset=9)
    return np.cumsum(np.append(np.frombuffer(raw, "<i8", 1, offset=1), deltas))


def _thin(series: object) -> object:
    return thin(series.steps, series.values, 2000)


def _thin_by_hand(series: object) -> object:
    return MinMaxLTTBDownsampler().downsample(series.steps, series.values, n_out=2000)


def _version_by_hand(tables: sqlite3.Connection) -> object:
    return tables.execute("PRAGMA data_version").fetchone()


def _chart_of_twenty(desk: Desk) -> dict:
    """20 curves of at least 1,000 points: what it takes, and how large it is."""
    with sqlite3.connect(desk.path) as connection:
        sql = "SELECT run_id FROM metrics WHERE key = 'loss' AND count BETWEEN 1000 AND 5000 LIMIT 20"
        ids = [run_id for (run_id,) in connection.execute(sql)]
    found = frames.find_runs(desk.store, ids)
    times = []
    for _ in range(3):
        started = time.process_time()
        spec = json.dumps(vegalite5(draw_comparison(prepare_comparison(desk.store, found, "loss", Settings()))))
        times.append((time.process_time() - started) * 1e3)
    what = f"chart of 20 curves of 1,000 points ({len(spec) / 1000:.0f} kB)"
    return {"what": what, "ours": min(times), "hand": None, "most": None}
