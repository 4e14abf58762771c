"""A real Jupyter server in a folder of its own, and a real Chromium that cannot leave the machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import find_chromium

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_MS = 30_000
"""How long a page may take: what waits ends as soon as it may, and other tests share the machine."""
expect.set_options(timeout=PATIENCE_MS)

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
_APPS = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}
_QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/application-extension:context-menu": {},
}


@dataclass
class JupyterServer:
    """A running server: where it listens and which folder it serves."""

    url: str
    token: str
    root: Path
    process: subprocess.Popen
    log: Path

    def address(self, path: str = "lab", **query: str) -> str:
        arguments = "&".join(f"{key}={value}" for key, value in {"token": self.token, **query}.items())
        return f"{self.url}{path}?{arguments}"

    def write_notebook(self, name: str, *sources: str) -> Path:
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path


@dataclass
class Watched:
    """What a page did that a test must know of."""

    errors: list[str] = field(default_factory=list)
    left_the_machine: list[str] = field(default_factory=list)


def _start_server(folder: Path, app: str, dark: bool) -> JupyterServer:
    home, root = folder / "home", folder / "work"
    settings = home / "lab-settings"
    for path in (home, root, settings):
        path.mkdir(parents=True, exist_ok=True)
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    for plugin, values in {**_QUIET, "@jupyterlab/apputils-extension:themes": {"theme": theme}}.items():
        package, name = plugin.split(":")
        target = settings / package / f"{name}.jupyterlab-settings"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(values))
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "JPY_", "NBTRAIL"))},
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    token, log = "secret-of-this-test", folder / "server.log"
    command = [sys.executable, "-m", app, "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
    command.append(f"--{_APPS[app]}.expose_app_in_browser=True")
    with log.open("w") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, cwd=root, env=environ)
    return JupyterServer(_wait_for_url(process, log), token, root, process, log)


def _wait_for_url(process: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text())
        if found:
            return f"http://127.0.0.1:{found[1]}/"
        time.sleep(0.1)
    raise RuntimeError(log.read_text())


def _stop(server: JupyterServer) -> None:
    server.process.terminate()
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def start_server(tmp_path):
    """Starts servers; each is stopped, by its process id, when the test ends."""
    servers = []

    def start(app: str = "jupyterlab", *, dark: bool = False) -> JupyterServer:
        server = _start_server(tmp_path / f"server-{len(servers)}", app, dark)
        servers.append(server)
        return server

    yield start
    for server in servers:
        _stop(server)


@pytest.fixture
def jp_asyncio_loop():
    """None: Playwright runs a loop of its own, and pytest-jupyter's would get in its way."""


@pytest.fixture
def jp_server_cleanup():
    """Nothing to clean up: no server runs in this process."""


@pytest.fixture(scope="module")
def chromium():
    """A browser for one file's tests: while it is open, no other event loop can run in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Opens pages that note errors in the console and requests that leave the machine."""
    contexts = []

    def open_(address: str, *, dark: bool = False, width: int = 1440, height: int = 900):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page, watched = context.new_page(), Watched()
        page.on("console", lambda message: message.type == "error" and watched.errors.append(message.text))
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on("request", lambda request: _note_request(request.url, watched))
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        return page, watched

    yield open_
    for context in contexts:
        context.close()


def _note_request(url: str, watched: Watched) -> None:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}:
        watched.left_the_machine.append(url)
