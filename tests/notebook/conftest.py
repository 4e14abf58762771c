"""A real kernel in a project of its own, and the store that it writes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty

import pytest
from jupyter_client.manager import KernelManager

import nbtrail
from nbtrail.project import find_project
from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader

SOURCE = Path(nbtrail.__file__).parents[1]
"""Where the nbtrail that is tested lies; an installed one as well as a checkout."""
TIMEOUT_S = 60
# Between the last look at signals and its wait, one long ``sleep`` would miss an interrupt that comes just then.
SLEEP = "import time\nfor _ in range(600):\n    time.sleep(0.1)"
_CLOSE = (
    "get_ipython().run_line_magic('unload_ext', 'nbtrail')\nfrom nbtrail.tracking.state import process as _p\n"
    "[_r.finish() for _r in tuple(_p.open_runs)]; [_r.close() for _r in _p.recorders.values()]\n"
    "_p.recorders.clear(); del _p"
)
_FLUSH = "from nbtrail.tracking.state import process as _p; [_r.flush() for _r in _p.recorders.values()]; del _p"


@dataclass
class Ran:
    """What a cell put out, message by message."""

    messages: list[dict] = field(default_factory=list)
    reply: dict = field(default_factory=dict)

    def stream(self, name: str) -> str:
        return "".join(m["content"]["text"] for m in self._of("stream") if m["content"]["name"] == name)

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")

    @property
    def displays(self) -> list[dict]:
        return [m["content"]["data"] for m in self._of("display_data")]

    @property
    def updates(self) -> list[dict]:
        return [m["content"]["data"] for m in self._of("update_display_data")]

    @property
    def result(self) -> str | None:
        return next((m["content"]["data"]["text/plain"] for m in self._of("execute_result")), None)

    @property
    def error(self) -> dict | None:
        return next((m["content"] for m in self._of("error")), None)

    def _of(self, kind: str) -> list[dict]:
        return [m for m in self.messages if m["msg_type"] == kind]


class Notebook:
    """A kernel and the project that its notebook belongs to."""

    def __init__(self, root: Path, environ: dict[str, str]) -> None:
        self.root = root
        self.is_closed = False
        self.manager = KernelManager(kernel_name="python3", connection_file=str(root.parent / "kernel-c0ffee.json"))
        self.manager.start_kernel(cwd=str(root), env=environ)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT_S)

    def run(self, source: str, **options) -> Ran:
        """Run a cell to its end."""
        return self.collect(self.send(source, **options))

    def send(self, source: str, **options) -> str:
        return self.client.execute(source, **options)

    def collect(self, message_id: str) -> Ran:
        ran = Ran()
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            ran.messages.append(message)
        while ran.reply == {}:
            reply = self.client.get_shell_msg(timeout=TIMEOUT_S)
            if reply["parent_header"].get("msg_id") == message_id:
                ran.reply = reply["content"]
        return ran

    def wait_for_stdout(self, text: str) -> None:
        """Wait until the cell that runs now has printed something."""
        deadline = time.monotonic() + TIMEOUT_S
        seen = ""
        while text not in seen and time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def wait_for_update(self, text: str) -> str:
        """Wait until a display that is there already comes to show something."""
        deadline = time.monotonic() + TIMEOUT_S
        shown = ""
        while text not in shown and time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            if message["msg_type"] == "update_display_data":
                shown = message["content"]["data"]["text/plain"]
        return shown

    def read(self, what):
        """Ask the store: ``read(lambda store: …)``; what the kernel has recorded is in it."""
        self.run(_FLUSH, silent=True)
        with reader(find_project(self.root, environ={})) as reading:
            return what(reading.store)

    def runs(self):
        """All runs, oldest first."""
        return self.read(lambda store: store.runs(RunQuery(sort=(("started", False),))))

    def params(self, name: str) -> dict:
        return {one.key: one for one in self.read(lambda store: store.params([store.run(name).id]))}

    def metrics(self, name: str) -> dict:
        return {one.key: one for one in self.read(lambda store: store.metrics([store.run(name).id]))}

    def series(self, name: str, key: str) -> list[tuple[int, float]]:
        series = self.read(lambda store: store.series(store.run(name).id, key))
        return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))

    def executions(self, name: str) -> list:
        return self.read(lambda store: store.executions(store.run(name).id))

    def outputs(self, execution_id: str) -> list:
        return self.read(lambda store: store.outputs([execution_id]))

    def close(self) -> None:
        """End the kernel as Jupyter does; once."""
        if self.is_closed:
            return
        self.is_closed = True
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)
        self.manager.cleanup_resources()


@pytest.fixture(scope="session")
def environ(tmp_path_factory):
    """An environment in which nothing outside of the tests' folder is read or written."""
    home = tmp_path_factory.mktemp("home")
    places = {"HOME": home, "XDG_STATE_HOME": home / "state", "IPYTHONDIR": home / "ipython"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBTRAIL_", "JPY_", "IPYTHON"))}
    return {**kept, **{name: str(place) for name, place in places.items()}, "PYTHONPATH": str(SOURCE)}


@pytest.fixture
def empty_notebook(tmp_path, environ):
    """A notebook in which nothing has run yet."""
    root = tmp_path / "heart-disease"
    root.mkdir()
    notebook = Notebook(root, environ)
    yield notebook
    notebook.close()


@pytest.fixture
def own_notebook(empty_notebook):
    """A notebook with a kernel of its own, whose first cell was ``%load_ext nbtrail``."""
    empty_notebook.run("%load_ext nbtrail")
    return empty_notebook


@pytest.fixture(scope="session")
def shared_notebook(tmp_path_factory, environ):
    """A kernel that many tests use one after the other."""
    notebook = Notebook(tmp_path_factory.mktemp("shared"), environ)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(shared_notebook, tmp_path):
    """A new session in a project of its own, whose first cell was ``%load_ext nbtrail``."""
    shared_notebook.root = tmp_path / "heart-disease"
    shared_notebook.root.mkdir()
    shared_notebook.run(f"import os; os.chdir({str(shared_notebook.root)!r}); del os", silent=True)
    shared_notebook.run("%load_ext nbtrail")
    yield shared_notebook
    # The next test has another project: what this one's store holds open would add up.
    shared_notebook.run(_CLOSE, silent=True)
    shared_notebook.run("%reset -f\nget_ipython().reset(new_session=True)")
