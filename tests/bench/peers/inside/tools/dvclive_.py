"""DVCLive, without DVC's own experiments."""

from __future__ import annotations


class DvcLive:
    def __init__(self, folder):
        from dvclive import Live

        self._live = Live
        self._folder = folder

    def run(self, name, params, body):
        folder = str(self._folder / name)
        with self._live(folder, save_dvc_exp=False, report=None, monitor_system=False) as live:
            if params:
                live.log_params(dict(params))

            def log(metrics, step):
                live.step = step
                for key, value in metrics.items():
                    live.log_metric(key, value)
                live.make_summary()

            body(log)

    def points(self, name, metric):
        from dvclive.utils import parse_tsv

        path = self._folder / name / "plots" / "metrics" / f"{metric}.tsv"
        return [float(row[metric.split("/")[-1]]) for row in parse_tsv(path)] if path.exists() else []
