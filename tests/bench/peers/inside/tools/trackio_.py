"""Trackio, kept on this machine."""

from __future__ import annotations


class Trackio:
    def __init__(self, folder):
        import trackio

        self._trackio = trackio

    def run(self, name, params, body):
        run = self._trackio.init(project="bench", name=name, config=dict(params), embed=False)
        body(run.log)
        self._trackio.finish()

    def points(self, name, metric):
        logs = self._trackio.SQLiteStorage.get_logs("bench", name)
        return [row[metric] for row in logs if metric in row]

    def table(self):
        storage = self._trackio.SQLiteStorage
        configs = storage.get_all_run_configs("bench")
        rows = {}
        for one in storage.get_run_records("bench"):
            logs = storage.get_logs("bench", one["name"], run_id=one["id"])
            rows[one["name"]] = {**configs.get(one["id"], {}), **(logs[-1] if logs else {})}
        return len(rows), len({key for row in rows.values() for key in row})
