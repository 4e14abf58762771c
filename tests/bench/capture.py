"""What the capture costs: an empty cell, and one turn of a loop, each beside the same without tracking."""

from __future__ import annotations

import os
import statistics
import tempfile
import textwrap
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.notebook.conftest import Notebook

CELLS = 300
ROUNDS = 5
TURNS = 100_000
KEEP_ALL = "import nbtrail.analysis.ticks as _ticks; _burst = _ticks.KEPT_AT_ONCE; _ticks.KEPT_AT_ONCE = 10**9"
"""So that every turn is kept, however fast the loop is."""
THIN_AGAIN = "_ticks.KEPT_AT_ONCE = _burst"
TIMER = textwrap.dedent(
    """
    import time
    shell, spent = get_ipython(), []
    plain, trigger = shell.run_cell_async, shell.events.trigger
    hooks = []
    async def timed(*args, **options):
        start = time.perf_counter()
        result = await plain(*args, **options)
        spent.append(time.perf_counter() - start)
        return result
    def timed_trigger(event, *args, **options):
        start = time.perf_counter()
        trigger(event, *args, **options)
        hooks.append(time.perf_counter() - start)
    shell.run_cell_async, shell.events.trigger = timed, timed_trigger
    """
)
READ = (
    "import statistics; cells = [sum(hooks[at:at + 4]) for at in range(0, len(hooks) - 3, 4)];"
    " print(statistics.median(cells) * 1e3, statistics.median(spent) * 1e3);"
    " spent.clear(); hooks.clear()"
)
LOOPS = {
    "one number": "for i in range({turns}):\n    loss = i / 2",
    "three numbers": "for i in range({turns}):\n    loss = i / 2\n    acc = i / 3\n    error = i / 4",
    "a growing list": "losses = []\nfor i in range({turns}):\n    losses.append(i / 2)",
    "a numpy scalar": "import numpy as np\nhalf = np.float64(0.5)\nfor i in range({turns}):\n    loss = half * i",
    "a while loop": "i = 0\nwhile i < {turns}:\n    i += 1\n    loss = i / 2",
}


def main() -> None:
    """Print both tables."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder, Progress(console=console, transient=True) as progress:
        notebook = start_notebook(Path(folder))
        try:
            tables = [measure_cells(notebook, progress), measure_loops(notebook, progress)]
        finally:
            notebook.client.stop_channels()
            notebook.manager.shutdown_kernel(now=True)
            notebook.manager.cleanup_resources()
    for table in tables:
        console.print(table)


def start_notebook(folder: Path) -> Notebook:
    """A kernel in a project of its own."""
    root = folder / "project"
    root.mkdir()
    (root / ".nbtrail").mkdir()
    return Notebook(root, {**os.environ, "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython")})


def measure_cells(notebook: Notebook, progress: Progress) -> Table:
    """An empty cell: without nbtrail, with it loaded, and tracked."""
    notebook.run(TIMER)
    table = Table(title=f"An empty cell (`pass`), {CELLS} of each")
    for heading in ("", "hooks ms", "cell ms", "until the reply ms"):
        table.add_column(heading, justify="right" if heading else "left")
    task = progress.add_task("cells", total=3)
    for name, setup in {"without nbtrail": "pass", "loaded": "%load_ext nbtrail", "tracked": "%track"}.items():
        notebook.run(setup)
        notebook.run(READ)
        replies = [timed(notebook, "pass") * 1e3 for _ in range(CELLS)]
        hooks, cell = (float(word) for word in notebook.run(READ).stdout.split())
        table.add_row(name, f"{hooks:.3f}", f"{cell:.3f}", f"{statistics.median(replies):.2f}")
        progress.advance(task)
    notebook.run("%track stop")
    return table


def measure_loops(notebook: Notebook, progress: Progress) -> Table:
    """A turn of a loop: plain; followed, with every turn kept; followed, with most turns left out."""
    table = Table(title=f"One turn of a loop, median of {ROUNDS}")
    for heading in ("", "plain µs", "kept: added µs", "thinned: added µs"):
        table.add_column(heading, justify="right" if heading else "left")
    task = progress.add_task("loops", total=len(LOOPS))
    for name, loop in LOOPS.items():
        plain = turn(notebook, loop)
        thinned = turn(notebook, loop, is_tracked=True) - plain
        notebook.run(KEEP_ALL)
        kept = turn(notebook, loop, is_tracked=True) - plain
        notebook.run(THIN_AGAIN)
        table.add_row(name, f"{plain:.2f}", f"{kept:.2f}", f"{thinned:.2f}")
        progress.advance(task)
    return table


def turn(notebook: Notebook, loop: str, *, is_tracked: bool = False) -> float:
    """Microseconds a turn, measured inside of the cell."""
    magic = "%%track --each-step\n" if is_tracked else ""
    source = f"{magic}_started = time.perf_counter()\n{loop.format(turns=TURNS)}\nprint(time.perf_counter() - _started)"
    return statistics.median(float(notebook.run(source).stdout) for _ in range(ROUNDS)) / TURNS * 1e6


def timed(notebook: Notebook, source: str) -> float:
    """Seconds until the kernel has replied."""
    start = time.perf_counter()
    notebook.run(source)
    return time.perf_counter() - start
