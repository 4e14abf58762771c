from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from nbtrail.project import FOLDER, Project, find_project
from tests.server import world

WIRE = Path(__file__).parent.parent / "wire"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@pytest.fixture
def golden():
    """Reads a golden file of ``tests/wire``."""
    return lambda name: json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def jp_server_config():
    return Config({"ServerApp": {"jpserver_extensions": {"nbtrail.server": True, "jupyter_server_terminals": False}}})


@pytest.fixture
def make_project(jp_root_dir):
    """Makes a project with a store in a folder of the server's root, and fills it."""

    def make(name: str = "heart-disease", *, fill=world.fill) -> Project:
        folder = jp_root_dir / name
        (folder / FOLDER).mkdir(parents=True)
        project = find_project(folder, environ={})
        store = project.open(read_only=False)
        fill(store)
        store.close()
        return project

    return make


@pytest.fixture
def project(make_project) -> Project:
    """The project of the golden files, in ``heart-disease`` below the server's root."""
    return make_project()


@pytest.fixture
def ask(jp_fetch):
    """Asks a route of nbtrail and gives the answer, whatever its status."""

    async def ask(method: str, route: str, body: Any = None, *, path: str = "heart-disease", **query: Any) -> Answer:
        sent = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        parts = ("nbtrail", "api", *route.split("/"))
        params = {"path": path, **query}
        response = await jp_fetch(
            *parts,
            method=method,
            params=params,
            body=sent,
            allow_nonstandard_methods=True,
            request_timeout=60,
            raise_error=False,
        )
        return Answer(response.code, json.loads(response.body))

    return ask
