"""Which tools are measured, and how each is installed and used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A tool, or one way of using it."""

    key: str
    title: str
    adapter: str
    """Module and class in ``inside.tools``."""
    venv: str = ""
    """The name of its environment; empty for the one that runs the benchmark."""
    statement: str = ""
    """What a user imports; empty where another way of using the tool has the figure."""
    distribution: str = ""
    """Whose version is told."""
    has_table: bool = False
    flood_calls: int = 100_000
    """Fewer for those that need minutes for what they are sent in a second."""
    limit: bool = False
    """Work done by hand, and no tool."""
    has_runs: bool = True
    """Has runs of its own to measure; a plain file has none, and another way of logging has those of its tool."""


NBTRAIL = Entry(
    key="nbtrail",
    title="nbtrail",
    adapter="nbtrail_:Nbtrail",
    statement="import nbtrail; nbtrail.start_run",
    distribution="nbtrail",
    has_table=True,
)
BY_HAND = (
    Entry(key="buffered", title="buffered file", adapter="raw_files:Buffered", limit=True, has_runs=False),
    Entry(key="write", title="os.write", adapter="raw_files:Write", limit=True, has_runs=False),
    Entry(key="lines", title="JSON lines", adapter="raw_files:Lines", limit=True, has_runs=False),
    Entry(key="rows", title="SQLite, rows", adapter="raw_sqlite:Rows", has_table=True, limit=True),
    Entry(key="synced", title="os.write, fdatasync", adapter="raw_files:Synced", limit=True, has_runs=False),
)
PEERS = (
    Entry(
        key="mlflow",
        title="MLflow",
        adapter="mlflow_:Calls",
        venv="mlflow",
        statement="import mlflow",
        distribution="mlflow",
        has_table=True,
    ),
    Entry(
        key="mlflow-async",
        title="MLflow, async",
        adapter="mlflow_:InTheBackground",
        venv="mlflow",
        flood_calls=2_000,
        has_runs=False,
    ),
    Entry(
        key="mlflow-batch",
        title="MLflow, batches",
        adapter="mlflow_:Batches",
        venv="mlflow",
        flood_calls=20_000,
        has_runs=False,
    ),
    Entry(
        key="trackio",
        title="Trackio",
        adapter="trackio_:Trackio",
        venv="trackio",
        statement="import trackio",
        distribution="trackio",
        has_table=True,
    ),
    Entry(
        key="wandb",
        title="W&B, offline",
        adapter="wandb_:Wandb",
        venv="wandb",
        statement="import wandb",
        distribution="wandb",
    ),
    Entry(
        key="aim",
        title="Aim",
        adapter="aim_:Aim",
        venv="aim",
        statement="import aim",
        distribution="aim",
        has_table=True,
    ),
    Entry(
        key="tensorboard",
        title="tensorboardX",
        adapter="tensorboard_:TensorBoard",
        venv="tensorboard",
        statement="import tensorboardX",
        distribution="tensorboardX",
    ),
    Entry(
        key="sacred",
        title="Sacred",
        adapter="sacred_:Sacred",
        venv="sacred",
        statement="import sacred",
        distribution="sacred",
    ),
    Entry(
        key="dvclive",
        title="DVCLive",
        adapter="dvclive_:DvcLive",
        venv="dvclive",
        statement="import dvclive",
        distribution="dvclive",
    ),
    Entry(
        key="neptune",
        title="Neptune, offline",
        adapter="neptune_:Neptune",
        venv="neptune",
        statement="import neptune_scale",
        distribution="neptune-scale",
    ),
    Entry(
        key="comet",
        title="Comet, offline",
        adapter="comet_:Comet",
        venv="comet",
        statement="import comet_ml",
        distribution="comet_ml",
    ),
)
PACKAGES = {
    "mlflow": ("mlflow",),
    "trackio": ("trackio",),
    "wandb": ("wandb",),
    "aim": ("aim",),
    "tensorboard": ("tensorboardX", "tensorboard"),
    "sacred": ("sacred", "setuptools<81"),  # it imports pkg_resources and does not say so
    "dvclive": ("dvclive",),
    "neptune": ("neptune-scale",),
    "comet": ("comet_ml",),
}
"""What is asked of pip for each environment, without versions: the newest that there is."""
EVERYONE = (NBTRAIL, *BY_HAND, *PEERS)

CHUNKS = Entry(key="chunks", title="chunks by hand", adapter="raw_columns:Chunks", limit=True)
FLAT = Entry(key="flat", title="a flat file", adapter="raw_columns:FlatFile", limit=True)
ONE_TRANSACTION = Entry(key="transaction", title="one transaction", adapter="raw_sqlite:OneTransaction", limit=True)
ROWS = next(entry for entry in BY_HAND if entry.key == "rows")
