"""nbtrail, through what it gives to everybody."""

from __future__ import annotations


class Nbtrail:
    def __init__(self, folder):
        import nbtrail

        self._nt = nbtrail
        self._folder = folder
        self._open = None
        (folder / ".nbtrail").mkdir(exist_ok=True)

    def run(self, name, params, body):
        with self._nt.start_run(name, params=params, project=self._folder) as run:
            body(run.log)

    def points(self, name, metric):
        return self._nt.history([name], metric, project=self._folder)["value"].to_numpy()

    def table(self):
        return self._nt.runs(project=self._folder).shape

    def change_mark(self):
        with self._nt.start_run(project=self._folder):
            pass
        return self._store().change_mark

    def find(self, param, metric):
        from nbtrail.store.protocol import RunQuery
        from nbtrail.store.query import parse_filter

        store = self._store()
        text = f"params.{param[0]} > {param[1]} and metrics.{metric[0]} > {metric[1]}"
        return len(store.runs(RunQuery(where=parse_filter(text, store.names()))))

    def chart(self, names, metric):
        return self._nt.compare(*names, metric=metric, project=self._folder).to_json(indent=None)

    def downsample(self, steps, values, count):
        from nbtrail.reading.thinning import thin

        return thin(steps, values, count)

    def _store(self):
        if self._open is None:
            from nbtrail.tracking import reader

            self._open = reader(self._folder)
            self._reading = self._open.__enter__()
        return self._reading.store
