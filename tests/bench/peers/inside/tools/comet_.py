"""Comet in its offline mode, which has no reader: the messages that wait for the server are read from their archive."""

from __future__ import annotations

import json
import zipfile


class Comet:
    def __init__(self, folder):
        import comet_ml

        self._comet = comet_ml
        self._folder = folder

    def run(self, name, params, body):
        experiment = self._comet.OfflineExperiment(
            project_name="bench",
            workspace="nobody",
            offline_directory=str(self._folder),
            display_summary_level=0,
            log_git_metadata=False,
            log_git_patch=False,
        )
        experiment.set_name(name)
        if params:
            experiment.log_parameters(dict(params))
        body(lambda metrics, step: experiment.log_metrics(metrics, step=step))
        experiment.end()

    def points(self, name, metric):
        values = []
        for path in self._folder.glob("*.zip"):
            with zipfile.ZipFile(path) as archive:
                # Filled at the end of the run; what a killed process left in a temporary folder has no way into it.
                if "messages.json" in archive.namelist():
                    values += _values(archive, metric)
        return values


def _values(archive, metric):
    with archive.open("messages.json") as lines:
        for line in lines:
            found = json.loads(line)["payload"].get("metric") or {}
            if found.get("metricName") == metric:
                yield float(found["metricValue"])
