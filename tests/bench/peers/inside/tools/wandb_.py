"""Weights & Biases in its offline mode, which has no reader: its file is read record by record."""

from __future__ import annotations

import json
import struct

HEAD, BLOCK, RECORD_HEAD = 7, 32_768, 7
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


class Wandb:
    def __init__(self, folder):
        import wandb

        self._wandb = wandb
        self._folder = folder

    def run(self, name, params, body):
        settings = self._wandb.Settings(mode="offline", silent=True, console="off")
        run = self._wandb.init(project="bench", name=name, config=dict(params), dir=self._folder, settings=settings)
        body(run.log)
        run.finish()

    def points(self, name, metric):
        (path,) = self._folder.glob("wandb/offline-run-*/run-*.wandb")
        return list(self._values(path, metric))

    def _values(self, path, metric):
        from wandb.proto.wandb_internal_pb2 import Record

        for data in _records(path.read_bytes()):
            record = Record()
            record.ParseFromString(data)
            for item in record.history.item:
                if (item.key or "/".join(item.nested_key)) == metric:
                    yield json.loads(item.value_json)


def _records(data):
    """The whole records of a file in the format of LevelDB's log, up to where a killed process had come."""
    at, parts = HEAD, []
    while at + RECORD_HEAD <= len(data):
        left = BLOCK - at % BLOCK
        if left < RECORD_HEAD:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        at += RECORD_HEAD
        if at + length > len(data) or kind not in {WHOLE, FIRST, MIDDLE, LAST}:
            return
        parts.append(data[at : at + length])
        at += length
        if kind in {WHOLE, LAST}:
            yield b"".join(parts)
            parts = []
