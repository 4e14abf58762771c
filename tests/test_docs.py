"""The documents tell the truth: their examples run, and they leave nothing out."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

import nbtrail as nt
from nbtrail.cli import main
from nbtrail.notebook.grammar import help_text

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_guides_python_runs(project, capsys):
    for block in blocks(GUIDE, "python"):
        exec(compile(block, "guide.md", "exec"), {})

    assert "depth six" in capsys.readouterr().out


@pytest.mark.parametrize("query", blocks(SCHEMA, "sql"))
def test_the_schemas_queries_run(project, query):
    with nt.start_run("linear", params={"lr": 0.1}) as run:
        run.log({"acc": 0.9})
    nt.runs()

    with closing(sqlite3.connect(project.url)) as connection:
        assert connection.execute(query).description


def test_every_table_of_the_store_is_documented(project):
    with nt.start_run():
        pass
    nt.runs()
    with closing(sqlite3.connect(project.url)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    tables = {name for (name,) in found if not name.startswith(("sqlite_", "_sqlite"))}

    assert {name for name in tables if f"`{name}`" not in SCHEMA} == set()


def test_every_command_of_the_magic_is_in_the_guide():
    commands = set(re.findall(r"^%track (\w+)", help_text(), flags=re.MULTILINE))

    assert len(commands) > 10
    assert {name for name in commands if f"%track {name}" not in GUIDE} == set()


def test_every_command_of_the_command_line_is_in_the_guide():
    assert {name for name in main.commands if f"nbtrail {name}" not in GUIDE} == set()


def test_every_dependency_says_why_it_is_there():
    why = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[><=\[]", dependency)[0] for dependency in project["dependencies"]}

    assert {name for name in names if name not in why} == set()


@pytest.mark.parametrize("page", [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"], ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []
