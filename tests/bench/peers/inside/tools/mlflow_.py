"""MLflow with its SQLite store: the ordinary way, in the background, and in batches by hand."""

from __future__ import annotations

import logging
import time

PER_BATCH = 300
"""Calls of three metrics that stay under MLflow's 1,000 metrics a batch."""


class Calls:
    """``mlflow.log_metrics`` as the tutorials have it."""

    def __init__(self, folder):
        import mlflow

        logging.getLogger("alembic").setLevel(logging.ERROR)
        self.mlflow = mlflow
        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        if mlflow.get_experiment_by_name("bench") is None:
            mlflow.create_experiment("bench", artifact_location=str(folder / "artifacts"))
        mlflow.set_experiment("bench")

    def run(self, name, params, body):
        with self.mlflow.start_run(run_name=name) as run:
            if params:
                self.mlflow.log_params(params)
            self.inside(run, body)

    def inside(self, run, body):
        log_metrics = self.mlflow.log_metrics
        body(lambda metrics, step: log_metrics(metrics, step=step))

    def points(self, name, metric):
        client = self.mlflow.MlflowClient()
        experiment = client.get_experiment_by_name("bench")
        (run,) = client.search_runs([experiment.experiment_id], f"attributes.run_name = '{name}'")
        return [point.value for point in client.get_metric_history(run.info.run_id, metric)]

    def table(self):
        return self.mlflow.search_runs(experiment_names=["bench"], max_results=50_000).shape


class InTheBackground(Calls):
    """``synchronous=False``."""

    def inside(self, run, body):
        log_metrics = self.mlflow.log_metrics
        body(lambda metrics, step: log_metrics(metrics, step=step, synchronous=False))
        self.mlflow.flush_async_logging()


class Batches(Calls):
    """``MlflowClient.log_batch`` whenever enough has gathered: what one writes who finds the calls too slow."""

    def inside(self, run, body):
        from mlflow.entities import Metric

        client, waiting = self.mlflow.MlflowClient(), []

        def log(metrics, step):
            at = int(time.time() * 1000)
            waiting.extend([Metric(key, value, at, step) for key, value in metrics.items()])
            if len(waiting) >= PER_BATCH * 3:
                client.log_batch(run.info.run_id, metrics=waiting)
                waiting.clear()

        body(log)
        client.log_batch(run.info.run_id, metrics=waiting)
