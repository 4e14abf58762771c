"""The data of a run on the command line."""

from __future__ import annotations

from click.testing import CliRunner

import nbtrail as nt
from nbtrail.changes import DatasetSeen
from nbtrail.cli import main
from nbtrail.records import Dataset, DatasetUse


def test_show_names_the_data_that_a_run_read(project):
    frame = Dataset(digest="3f2a" * 8, name="train", kind="pandas.DataFrame", shape=(1437, 64), sampled=True)
    with nt.start_run("otter") as run:
        run.recorder.append(DatasetSeen(use=DatasetUse(run_id=run.id, role="read", name="train", dataset=frame)))
    nt.runs()

    shown = CliRunner().invoke(main, ["show", "otter"]).output
    (line,) = [line for line in shown.splitlines() if line.startswith("train")]
    assert line.split() == ["train", "read", "pandas.DataFrame", "1,437", "×", "64", "3f2a3f2a3f2a", "sampled"]
