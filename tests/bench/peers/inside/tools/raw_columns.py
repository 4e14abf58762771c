"""Columns by hand: chunks of 4,096 points in SQLite, and a flat file."""

from __future__ import annotations

import sqlite3
import sys
import time
from functools import partial

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 4_096
SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS points (
  run TEXT, key TEXT, first INTEGER, count INTEGER, steps BLOB, times BLOB, data BLOB, PRIMARY KEY (run, key, first)
);
"""


class Chunks:
    """A row a chunk: steps and times as small differences, values as they are, each compressed by zstd at level 1."""

    def __init__(self, folder):
        self._db = sqlite3.connect(folder / "chunks.db", isolation_level=None)
        self._db.executescript(SCHEMA)

    def write_arrays(self, name, metrics):
        import numpy as np

        compress = partial(zstd.compress, level=1)
        self._db.execute("BEGIN")
        for key, column in metrics.items():
            steps = np.arange(len(column))
            times = np.round(time.time() * 1e3 + steps).astype(np.int64)
            for first in range(0, len(column), CHUNK):
                part = slice(first, first + CHUNK)
                blobs = [compress(np.diff(one[part], prepend=0).tobytes()) for one in (steps, times)]
                data = compress(column[part].tobytes())
                self._db.execute(
                    "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (name, key, first, len(column[part]), *blobs, data),
                )
        self._db.execute("COMMIT")

    def points(self, name, metric):
        import numpy as np

        columns = []
        sql = "SELECT steps, times, data FROM points WHERE run=? AND key=? ORDER BY first"
        for steps, times, data in self._db.execute(sql, (name, metric)):
            np.cumsum(np.frombuffer(zstd.decompress(steps), np.int64))
            np.cumsum(np.frombuffer(zstd.decompress(times), np.int64))
            columns.append(np.frombuffer(zstd.decompress(data)))
        return np.concatenate(columns)

    def downsample(self, steps, values, count):
        from tsdownsample import MinMaxLTTBDownsampler

        return MinMaxLTTBDownsampler().downsample(steps, values, n_out=count)


class FlatFile:
    """numpy's own file, which is read at once or not at all."""

    def __init__(self, folder):
        self._folder = folder

    def write_arrays(self, name, metrics):
        import numpy as np

        for key, column in metrics.items():
            steps = np.arange(len(column), dtype=np.float64)
            np.save(self._folder / f"{name}-{key}.npy", np.stack([steps, steps + time.time(), column]))

    def points(self, name, metric):
        import numpy as np

        return np.load(self._folder / f"{name}-{metric}.npy")[2]
