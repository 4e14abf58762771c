"""SQLite by hand, with the tables that anyone would make."""

from __future__ import annotations

import json
import sqlite3
import time
from itertools import islice, repeat

PER_TRANSACTION = 1_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, status TEXT, started REAL, ended REAL);
CREATE TABLE IF NOT EXISTS params (run TEXT, key TEXT, value TEXT, number REAL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (run TEXT, key TEXT, last REAL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS points (
  run TEXT, key TEXT, position INTEGER, step INTEGER, at REAL, value REAL, PRIMARY KEY (run, key, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS params_by_number ON params (key, number, run);
CREATE INDEX IF NOT EXISTS metrics_by_last ON metrics (key, last, run);
"""


class Rows:
    """A transaction a log call, a row a point; a run ends on the disk itself (``synchronous=FULL``)."""

    def __init__(self, folder):
        self.db = sqlite3.connect(folder / "runs.db", isolation_level=None)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def run(self, name, params, body):
        execute, last = self.db.execute, {}

        def log(metrics, step):
            now = time.time()
            execute("BEGIN")
            self.db.executemany(
                "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)",
                [(name, key, step, step, now, value) for key, value in metrics.items()],
            )
            execute("COMMIT")
            last.update(metrics)

        execute("INSERT INTO runs VALUES (?, 'running', ?, NULL)", (name, time.time()))
        self._set_params(name, params)
        body(log)
        execute("PRAGMA synchronous=FULL")
        execute("BEGIN")
        self.db.executemany("INSERT INTO metrics VALUES (?, ?, ?)", [(name, *one) for one in last.items()])
        execute("UPDATE runs SET status='finished', ended=? WHERE id=?", (time.time(), name))
        execute("COMMIT")
        execute("PRAGMA synchronous=NORMAL")

    def points(self, name, metric):
        found = self.db.execute("SELECT value FROM points WHERE run=? AND key=? ORDER BY position", (name, metric))
        return [value for (value,) in found]

    def table(self):
        runs = self.db.execute("SELECT * FROM runs").fetchall()
        row_of, columns = {run: row for row, (run, *_) in enumerate(runs)}, {}
        for table in ("SELECT run, key, number FROM params", "SELECT run, key, last FROM metrics"):
            for run, key, value in self.db.execute(table):
                if key not in columns:
                    columns[key] = [None] * len(runs)
                columns[key][row_of[run]] = value
        return len(runs), 4 + len(columns)

    def _set_params(self, name, params):
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO params VALUES (?, ?, ?, ?)", _cells(name, params))
        self.db.execute("COMMIT")

    def write_arrays(self, name, metrics):
        self.db.execute("INSERT INTO runs VALUES (?, 'finished', ?, NULL)", (name, time.time()))
        for key, values in metrics.items():
            steps, now = range(len(values)), time.time()
            rows = zip(repeat(name), repeat(key), steps, steps, repeat(now), values.tolist(), strict=False)
            while batch := list(islice(rows, PER_TRANSACTION)):
                self.db.execute("BEGIN")
                self.db.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)", batch)
                self.db.execute("COMMIT")

    def change_mark(self):
        return lambda: self.db.execute("PRAGMA data_version").fetchone()

    def find(self, param, metric):
        sql = """SELECT run FROM params WHERE key=? AND number > ? AND run IN
          (SELECT run FROM metrics WHERE key=? AND last > ?)"""
        return len(self.db.execute(sql, (*param, *metric)).fetchall())

    def chart(self, names, metric):
        points = [
            {"run": name, "step": step, "value": float(f"{value:.6g}")}
            for name in names
            for step, value in enumerate(self.points(name, metric))
        ]
        encoding = {
            "x": {"field": "step", "type": "quantitative"},
            "y": {"field": "value", "type": "quantitative"},
            "color": {"field": "run"},
        }
        return json.dumps({"mark": "line", "encoding": encoding, "data": {"values": points}}, separators=(",", ":"))


class OneTransaction(Rows):
    """A run is one transaction, on the disk itself at its end: the least that a tiny run can cost."""

    def __init__(self, folder):
        super().__init__(folder)
        self.db.execute("PRAGMA synchronous=FULL")

    def run(self, name, params, body):
        points = []
        body(lambda metrics, step: points.append((step, time.time(), metrics)))
        now, db = time.time(), self.db
        db.execute("BEGIN")
        db.execute("INSERT INTO runs VALUES (?, 'finished', ?, ?)", (name, now, now))
        db.executemany("INSERT INTO params VALUES (?, ?, ?, ?)", _cells(name, params))
        rows = [(name, key, step, step, at, value) for step, at, metrics in points for key, value in metrics.items()]
        db.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?, ?)", rows)
        last = {key: value for _, _, metrics in points for key, value in metrics.items()}
        db.executemany("INSERT INTO metrics VALUES (?, ?, ?)", [(name, *one) for one in last.items()])
        db.execute("COMMIT")


def _cells(name, params):
    return [
        (name, key, json.dumps(value), value if isinstance(value, int | float) else None)
        for key, value in params.items()
    ]
