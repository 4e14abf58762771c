"""Sacred with its file storage."""

from __future__ import annotations

import json
import logging


class Sacred:
    def __init__(self, folder):
        from sacred import Experiment
        from sacred.observers import FileStorageObserver

        self._experiment = Experiment
        self._observer = FileStorageObserver
        self._folder = folder

    def run(self, name, params, body):
        experiment = self._experiment(name, save_git_info=False)
        experiment.logger = logging.getLogger("quiet")
        experiment.logger.setLevel(logging.ERROR)
        experiment.observers.append(self._observer(self._folder))
        experiment.add_config(dict(params))

        @experiment.main
        def main(_run):
            def log(metrics, step):
                for key, value in metrics.items():
                    _run.log_scalar(key, value, step)

            body(log)

        experiment.run()

    def points(self, name, metric):
        for path in self._folder.glob("*/metrics.json"):
            text = path.read_text(encoding="utf-8")
            return json.loads(text).get(metric, {}).get("values", []) if text else []
        return []
