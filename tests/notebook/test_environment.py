"""The environment of what runs in a notebook, and the machine while it runs."""

from __future__ import annotations

import time

from nbtrail.project import find_project


def environment_of(notebook, name):
    return notebook.read(lambda store: store.environment(store.run(name).environment_id))


def text_of(notebook, digest):
    return find_project(notebook.root, environ={}).blobs.read(digest).decode()


def test_a_module_that_a_cell_imports_is_kept_with_the_run(notebook):
    (notebook.root / "ages.py").write_text("LIMIT = 40\n")
    notebook.run(
        f"%%track first\nimport sys; sys.path.insert(0, {str(notebook.root)!r})\nimport ages\nacc = ages.LIMIT / 50"
    )
    modules = environment_of(notebook, "first").modules
    notebook.run("del sys.modules['ages'], sys.path[0]", silent=True)

    assert list(modules) == ["ages.py"]
    assert text_of(notebook, modules["ages.py"]) == "LIMIT = 40\n"


def test_a_module_that_is_edited_and_loaded_again_is_another_one(notebook):
    """``%autoreload`` does the same as ``importlib.reload``."""
    (notebook.root / "ages.py").write_text("LIMIT = 40\n")
    notebook.run(f"import importlib, sys; sys.path.insert(0, {str(notebook.root)!r})\nimport ages")
    notebook.run("%%track before\nacc = ages.LIMIT / 50")
    notebook.read(lambda store: store.names())
    (notebook.root / "ages.py").write_text("LIMIT = 4000\n")
    notebook.run("importlib.reload(ages)")
    notebook.run("%%track after\nacc = ages.LIMIT / 50")
    before, after = (environment_of(notebook, name).modules["ages.py"] for name in ("before", "after"))
    notebook.run("del sys.modules['ages'], sys.path[0]", silent=True)

    assert (text_of(notebook, before), text_of(notebook, after)) == ("LIMIT = 40\n", "LIMIT = 4000\n")


def test_a_package_that_a_cell_installs_is_seen_by_the_next_run(notebook):
    home = notebook.root / "site-packages"
    home.mkdir()
    notebook.run(f"import sys; sys.path.append({str(home)!r})")
    notebook.run("%%track before\nacc = 0.5")
    notebook.read(lambda store: store.names())
    installed = home / "hearts-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: hearts\nVersion: 1.0\n")
    notebook.run("%%track after\nacc = 0.6")
    before, after = (environment_of(notebook, name).packages for name in ("before", "after"))
    notebook.run("sys.path.pop()", silent=True)

    assert ("hearts" in before, after.get("hearts")) == (False, "1.0")


def test_the_machine_is_measured_and_the_table_does_not_show_it(notebook):
    notebook.run("%%track measured\nimport time\ntime.sleep(1.6)\nacc = 9 / 10")
    table = notebook.run("%track runs").displays[0]["text/plain"]

    keys = [one.key for one in notebook.read(lambda store: store.metrics([store.run("measured").id], system=True))]
    assert "system/memory_gb" in keys
    assert ("acc" in table, "system/" in table) == (True, False)


def test_no_thread_measures_while_nothing_is_tracked(notebook):
    notebook.run("%%track measured\nacc = 0.9")
    deadline = time.monotonic() + 120
    names = "nbtrail-system"
    while "nbtrail-system" in names and time.monotonic() < deadline:
        names = notebook.run("import threading; print([one.name for one in threading.enumerate()])").stdout

    assert "MainThread" in names
    assert "nbtrail-system" not in names
