"""Neptune Scale in its offline mode, which has no reader: the operations that wait for the server are counted."""

from __future__ import annotations


class Neptune:
    def __init__(self, folder):
        from neptune_scale import Run

        self._run = Run
        self._folder = folder

    def run(self, name, params, body):
        run = self._run(
            run_id=name,
            project="nobody/bench",
            mode="offline",
            log_directory=self._folder,
            enable_console_log_capture=False,
            source_tracking_config=None,
        )
        run.log_configs(dict(params))
        body(lambda metrics, step: run.log_metrics(metrics, step=step))
        run.close()

    def points(self, name, metric):
        from neptune_scale.sync.operations_repository import OperationsRepository, OperationType

        values = []
        for path in self._folder.rglob("*.sqlite3"):
            repository = OperationsRepository(db_path=path)
            after = -1
            while operations := repository.get_operations(up_to_bytes=15_000_000, from_exclusive=after):
                after = operations[-1].sequence_id
                found = [one.operation for one in operations if one.operation_type == OperationType.UPDATE_SNAPSHOT]
                values += [one.append[metric].float64 for one in found if metric in one.append]
        return values
