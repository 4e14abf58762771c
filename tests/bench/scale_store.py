"""A store such as years of work leave: many runs, many names, curves of very different lengths.

Its rows go straight into the tables, through the store's own codec: a hundred million ``log`` calls would take hours.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm
from ulid import ULID

from nbtrail.machine.liveness import this_process
from nbtrail.store import open_store
from nbtrail.store.points import CHUNK_POINTS, Points, encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEWEST = 1_790_000_000.0
YEARS_S = 3 * 365 * 86_400.0
RUNS_AT_ONCE = 500
NOTEBOOKS = 60
TAGS = ("baseline", "best", "paper", "wrong-data", "sweep", *(f"idea-{number}" for number in range(35)))
WORDS = ("acc", "loss", "val/loss", "val/acc", "f1", "rmse", "auc", "grad_norm", "lr_now", "time/step", "recall")
PARAMS = ("lr", "depth", "seed", "model", "batch_size", "dropout", "optimizer", "epochs", "layers", "augment")
COMMON_METRICS = 3
COMMON_PARAMS = 4
MEAN_CURVE = 1_120
LONG_SHARE = 0.2
LONGEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a store is to be."""

    runs: int = 100_000
    points: int = 100_000_000
    names: int = 2_000
    fields: int | None = None
    """Params, and metrics, of each run; 5 to 40 of each if left out."""


def fill(path: Path, size: Size, *, seed: int = 7) -> None:
    """Make the store in ``path``."""
    open_store(path).close()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        indexes = _without_indexes(connection)
        connection.execute("BEGIN")
        batches = _Maker(size, np.random.default_rng(seed)).batches()
        for rows in tqdm(batches, total=math.ceil(size.runs / RUNS_AT_ONCE), desc=f"{size.runs} runs", unit="batch"):
            for table, of_table in rows.items():
                if of_table:
                    places = ",".join("?" * len(of_table[0]))
                    connection.executemany(f"INSERT INTO {_COLUMNS[table]} VALUES ({places})", of_table)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (size.runs,))
        for index in tqdm(indexes, desc="indexes"):
            connection.execute(index)
        connection.execute("COMMIT")
    connection.close()


def wake(path: Path) -> None:
    """Bring an older store up to date, and make this process the one in which its last runs go on."""
    store = open_store(path)
    store.close()
    process = this_process()
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE sessions SET host = ?, boot_id = ?, pid = ?, process_started = ?, ended = NULL"
        " WHERE started = (SELECT max(started) FROM sessions)",
        (process.host, process.boot_id, process.pid, process.process_started),
    )
    connection.commit()
    connection.close()


def _without_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop the indexes, which are quicker made at the end, and say how."""
    sql = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE '%migrations%'"
    )
    found = connection.execute(sql).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


_COLUMNS = {
    "sessions": "sessions (id, host, boot_id, pid, process_started, python, started, heartbeat, ended)",
    "runs": (
        "runs (id, name, status, started, ended, utc_offset_s, notebook, session_id, parent_id, note, starred, trashed,"
        " error, revision)"
    ),
    "tags": "tags (run_id, tag)",
    "params": "params (run_id, key, value, number, text, as_text, origin, reason, execution_id, at)",
    "metrics": (
        "metrics (run_id, key, last, last_step, min, min_step, max, max_step, sum, count, nan_count, origin, reason,"
        " execution_id, at)"
    ),
    "points": 'points (run_id, key, first, count, steps, times, "values")',
    "sources": "sources (digest, text)",
    "executions": "executions (id, session_id, number, source, started, ended, status, reads, writes)",
    "run_executions": "run_executions (run_id, execution_id)",
    "artifacts": "artifacts (run_id, path, digest, size, mime, metadata, at)",
}


class _Maker:
    """Makes rows, batch after batch."""

    def __init__(self, size: Size, rng: np.random.Generator) -> None:
        self._size = size
        self._rng = rng
        self._metrics = _words(WORDS, size.names)
        self._params = _words(PARAMS, max(len(PARAMS), size.names // 4))
        self._long = max(1, int(size.points * LONG_SHARE / LONGEST))
        self._long_points = min(LONGEST, int(size.points * LONG_SHARE) // self._long)
        curves = (size.points - self._long * self._long_points) / MEAN_CURVE
        fields = size.fields or 22
        self._curve_share = min(1.0, curves / (size.runs * fields))
        self._singles = self._make_singles()
        self._started = NEWEST - YEARS_S * np.sort(rng.random(size.runs))[::-1]
        # A notebook has words of its own, beside those that everybody uses; every word is some notebook's.
        params, metrics = (
            np.resize(rng.permutation(words), (NOTEBOOKS, 40)).tolist() for words in (self._params, self._metrics)
        )
        self._vocabularies = list(zip(params, metrics, strict=True))

    def _make_singles(self) -> list[tuple[float, tuple[int, bytes, bytes, bytes]]]:
        singles = []
        for value in self._rng.random(20_000).tolist():
            at = np.array([int(NEWEST * 1000)], np.int64)
            chunk = encode(Points(np.zeros(1, np.int64), at, np.array([value])))
            singles.append((value, (chunk.count, chunk.steps, chunk.times, chunk.values)))
        return singles

    def batches(self) -> Iterator[dict[str, list[tuple]]]:
        """Rows by table, for some runs at once."""
        for first in range(0, self._size.runs, RUNS_AT_ONCE):
            rows: dict[str, list[tuple]] = {table: [] for table in _COLUMNS}
            if not first:
                rows["sources"] = [(f"digest-{number}", f"fit(step={number})\n" * 20) for number in range(200)]
            self._add_session(rows, first)
            for number in range(first, min(first + RUNS_AT_ONCE, self._size.runs)):
                self._add_run(rows, number, f"S{first}")
            yield rows

    def _add_session(self, rows: dict[str, list[tuple]], first: int) -> None:
        process, at = this_process(), float(self._started[first])
        last = float(self._started[min(first + RUNS_AT_ONCE, self._size.runs) - 1])
        gone = (process.host, "an earlier start", 1, 0.0)
        rows["sessions"].append((f"S{first}", *gone, "3.12.1", at, last + 3600, None))

    def _add_run(self, rows: dict[str, list[tuple]], number: int, session: str) -> None:
        rng, at = self._rng, float(self._started[number])
        run_id = str(ULID.from_timestamp(at))[:10] + f"{number:016d}"
        chance = rng.random(8)
        place = int(chance[0] ** 2 * NOTEBOOKS)
        ended, is_running = at + float(rng.lognormal(5, 2)), chance[1] < 0.001
        ends = ("finished", "failed", "interrupted")
        status = "running" if is_running else ends[int((chance[2] > 0.92) + (chance[2] > 0.98))]
        rows["runs"].append((
            run_id, f"{_NAMES[number % len(_NAMES)]}-{number}", status, at, None if is_running else ended, 7200,
            None if place == NOTEBOOKS - 1 else f"work/experiment-{place}.ipynb", session, None,
            "a note on what was seen" if chance[3] < 0.1 else "", int(chance[4] < 0.01),
            at if chance[5] < 0.01 else None,
            "ValueError in [14]: shapes do not match" if status == "failed" else None, number + 1,
        ))  # fmt: skip
        if chance[6] < 0.3:
            tags = {TAGS[int(tag)] for tag in rng.integers(0, len(TAGS), 2)}
            rows["tags"] += [(run_id, tag) for tag in sorted(tags)]
        self._add_fields(rows, number, run_id, place, at)
        for cell in range(2):
            execution = f"{run_id[:-1]}{'AB'[cell]}"
            source = f"digest-{(place * 3 + cell) % 200}"
            times = (at + cell, at + cell + 1)
            rows["executions"].append((execution, session, cell + 1, source, *times, "ok", "[]", "[]"))
            rows["run_executions"].append((run_id, execution))
        if chance[7] < 0.2:
            digest = f"{number:064x}"
            rows["artifacts"].append((run_id, "model.joblib", digest, 4096, "application/octet-stream", "{}", at))

    def _add_fields(self, rows: dict[str, list[tuple]], number: int, run_id: str, place: int, at: float) -> None:
        rng, (own_params, own_metrics) = self._rng, self._vocabularies[place]
        params, metrics = (self._size.fields,) * 2 if self._size.fields else rng.integers(5, 41, 2).tolist()
        keys = sorted({*self._params[:COMMON_PARAMS], *own_params[: params - COMMON_PARAMS]})
        draws = rng.random(len(keys)).tolist()
        rows["params"] += [_param(run_id, key, draw, at) for key, draw in zip(keys, draws, strict=True)]
        keys = sorted({*self._metrics[:COMMON_METRICS], *own_metrics[: metrics - COMMON_METRICS]})
        draws = rng.random(len(keys)).tolist()
        for position, (key, draw) in enumerate(zip(keys, draws, strict=True)):
            is_long = position == 0 and number < 2 * self._long
            if is_long or draw < self._curve_share:
                length = self._long_points // (1 if number < self._long else 10)
                self._add_curve(rows, run_id, key, at, length if is_long else None)
                continue
            value, chunk = self._singles[int(rng.integers(len(self._singles)))]
            rows["points"].append((run_id, key, 0, *chunk))
            rows["metrics"].append(
                (run_id, key, value, 0, value, 0, value, 0, value, 1, 0, "logged", "", None, at)
            )  # fmt: skip

    def _add_curve(self, rows: dict[str, list[tuple]], run_id: str, key: str, at: float, length: int | None) -> None:
        rng = self._rng
        if length is None:
            length = int(np.clip(rng.lognormal(6.6, 0.9), 100, 5_000))
        steps = np.arange(length, dtype=np.int64)
        times = int(at * 1000) + np.cumsum(rng.integers(90, 110, length))
        values = np.exp(-steps / (length / 3)) + 0.05 * rng.standard_normal(length)
        points = Points(steps, times, values)
        for start in range(0, length, CHUNK_POINTS):
            chunk = encode(points.part(start, start + CHUNK_POINTS))
            rows["points"].append((run_id, key, start, chunk.count, chunk.steps, chunk.times, chunk.values))
        low, high = int(values.argmin()), int(values.argmax())
        rows["metrics"].append((
            run_id, key, float(values[-1]), length - 1, float(values[low]), low, float(values[high]), high,
            float(values.sum()), length, 0, "logged", "", None, at,
        ))  # fmt: skip


_NAMES = ("swift-otter", "calm-heron", "brave-lynx", "quiet-wren", "bold-ibex", "shy-mole", "keen-hawk")


def _words(first: tuple[str, ...], count: int) -> list[str]:
    more = [f"{first[number % len(first)]}/{number}" for number in range(len(first), count)]
    return [*first, *more][:count]


def _param(run_id: str, key: str, draw: float, at: float) -> tuple:
    stem = key.partition("/")[0]
    value = {
        "model": ("forest", "boosting", "linear", "mlp")[int(draw * 4)],
        "optimizer": ("adam", "sgd")[int(draw * 2)],
        "layers": [int(draw * 64), 64],
        "augment": draw > 0.5,
        "depth": int(draw * 12),
        "seed": int(draw * 1000),
        "batch_size": 2 ** int(draw * 9),
        "epochs": int(draw * 100),
    }.get(stem, draw / 10)
    number = float(value) if isinstance(value, (bool, int, float)) else None
    text = value if isinstance(value, str) else None
    return run_id, key, json.dumps(value), number, text, 0, "logged", "", None, at
