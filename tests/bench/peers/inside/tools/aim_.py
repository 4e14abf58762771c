"""Aim, without its server."""

from __future__ import annotations


class Aim:
    def __init__(self, folder):
        import aim

        self._aim = aim
        self._repo = aim.Repo.from_path(str(folder), init=True)
        self._is_indexed = False

    def run(self, name, params, body):
        run = self._aim.Run(repo=self._repo, experiment="bench", log_system_params=False)
        run.name = name
        run["hparams"] = dict(params)
        body(lambda metrics, step: run.track(metrics, step=step))
        run.close()

    def points(self, name, metric):
        from aim.storage.context import Context

        (run,) = [run for run in self._runs() if run.name == name]
        sequence = run.get_metric(metric, Context({}))
        return sequence.values.sparse_numpy()[1] if sequence else []

    def table(self):
        rows = []
        for run in self._runs():
            found = run.collect_sequence_info("metric")["metric"]
            last = {one["name"]: one["values"]["last"] for one in found}
            rows.append({**run["hparams"], **last, "name": run.name})
        return len(rows), len({key for row in rows for key in row})

    def _runs(self):
        if not self._is_indexed:
            from aim.sdk.index_manager import RepoIndexManager

            # What its server does in the background; without it, no run is found.
            manager = RepoIndexManager.get_index_manager(self._repo)
            for run_hash in self._repo.list_all_runs():
                manager.index(run_hash)
            self._is_indexed = True
        return self._repo.iter_runs()
