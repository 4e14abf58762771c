"""Files by hand: what a log call costs with nothing around it."""

from __future__ import annotations

import array
import functools
import json
import os
import struct
import time


class Write:
    """One ``os.write`` a call: it is in the page cache when the call returns, so it outlives the process."""

    metrics = 3

    def __init__(self, folder):
        self._path = folder / "points.bin"
        self._pack = struct.Struct(f"<IIQIdq{self.metrics}d").pack

    def run(self, name, params, body):
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            body(self.logger())
        finally:
            os.close(self._fd)

    def logger(self):
        write, pack, clock = functools.partial(os.write, self._fd), self._pack, time.time
        return lambda metrics, step: write(pack(44, 1, step, 1, clock(), step, *metrics.values()))

    def points(self, name, metric):
        # A record's last number is the metric named last, whichever is asked for: only reading matters.
        values = array.array("d")
        size = struct.calcsize(f"<IIQIdq{self.metrics}d")
        data = self._path.read_bytes()
        for end in range(size, len(data) + 1, size):
            values.frombytes(data[end - 8 : end])
        return values


class Synced(Write):
    """The same, and on the disk itself when the call returns."""

    def logger(self):
        log, sync = super().logger(), functools.partial(os.fdatasync, self._fd)

        def synced(metrics, step):
            log(metrics, step)
            sync()

        return synced


class Buffered(Write):
    """The same through Python's buffer: it dies with the process."""

    def run(self, name, params, body):
        with self._path.open("ab") as file:
            write, pack, clock = file.write, self._pack, time.time
            body(lambda metrics, step: write(pack(44, 1, step, 1, clock(), step, *metrics.values())))


class Lines:
    """One line of JSON a call, each written at once."""

    def __init__(self, folder):
        self._path = folder / "points.jsonl"

    def run(self, name, params, body):
        with self._path.open("ab", buffering=0) as file:
            body(
                lambda metrics, step: file.write(
                    json.dumps({"step": step, "at": time.time(), **metrics}).encode() + b"\n"
                )
            )

    def points(self, name, metric):
        with self._path.open(encoding="utf-8") as lines:
            return [json.loads(line)[metric] for line in lines]
