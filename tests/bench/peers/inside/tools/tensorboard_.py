"""TensorBoard's event files, written by tensorboardX and read by TensorBoard itself."""

from __future__ import annotations


class TensorBoard:
    def __init__(self, folder):
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter
        self._folder = folder

    def run(self, name, params, body):
        with self._writer(str(self._folder / name)) as writer:
            if params:
                writer.add_text("params", "\n".join(f"{key}: {value}" for key, value in params.items()))
            add = writer.add_scalar

            def log(metrics, step):
                for key, value in metrics.items():
                    add(key, value, step)

            body(log)

    def points(self, name, metric):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(str(self._folder / name), size_guidance={"scalars": 0}).Reload()
        if metric not in events.Tags()["scalars"]:
            return []
        return [event.value for event in events.Scalars(metric)]
