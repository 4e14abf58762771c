"""The main job in a real JupyterLab: track, watch, compare, insert, export."""

from __future__ import annotations

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.screen import Lab

TRAINING = """%%track {name} --each-step val_loss
import time
for epoch in range({epochs}):
    val_loss = 1 / (epoch + 1) + {lr}
    time.sleep({pause})
acc = 1 - val_loss"""
COUNT = ".nbtrail-ProjectLine"


@pytest.fixture
def lab(start_server, open_page):
    """Opens JupyterLab with a notebook of these cells, the sidebar in view and the kernel ready."""

    def open_(*sources, dark=False, width=1440, height=900):
        server = start_server(dark=dark)
        server.write_notebook("train.ipynb", *sources)
        page, watched = open_page(server.address("lab/tree/train.ipynb"), dark=dark, width=width, height=height)
        screen = Lab(page, watched, server)
        screen.wait_until_ready()
        screen.show_runs()
        return screen

    return open_


def test_a_run_is_seen_while_its_loop_goes_on_and_when_it_has_finished(lab):
    screen = lab("%load_ext nbtrail\nlr = 0.09", TRAINING.format(name="swift-otter", lr="lr", epochs=40, pause=0.15))
    screen.run_cells(2)
    row = screen.row("swift-otter")

    expect(row.get_by_text("running")).to_be_visible()
    assert screen.cell_is_running(1)
    expect(screen.page.locator(".nbtrail-TrackingPlace")).to_contain_text("swift-otter")
    expect(row.get_by_text("running")).to_have_count(0)
    expect(row).to_contain_text("acc")
    expect(row).to_contain_text("lr 0.09")
    expect(screen.page.locator(COUNT)).to_contain_text("1 run")
    screen.assert_clean()


def test_the_live_card_grows_while_its_cell_runs_and_stays_as_html(lab):
    screen = lab("%load_ext nbtrail\nlr = 0.09", TRAINING.format(name="swift-otter", lr="lr", epochs=30, pause=0.15))
    screen.run_cells(2)
    output = screen.page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea")

    expect(output).to_contain_text(re.compile(r"running.*step \d+ of 30"))
    assert screen.cell_is_running(1)
    expect(output.locator("svg").first).to_be_visible()
    screen.wait_until_idle()
    expect(output).to_contain_text("finished")
    screen.save()
    saved = nbformat.read(screen.server.root / "train.ipynb", as_version=4)
    (html,) = [out.data["text/html"] for out in saved.cells[1].outputs if "text/html" in out.get("data", {})]
    assert "swift-otter" in html
    assert "data:image/svg+xml" in html
    screen.assert_clean()


@pytest.fixture
def two_runs(lab):
    """JupyterLab after two runs, both selected in the sidebar."""
    screen = lab(
        "%load_ext nbtrail\nlr, depth = 0.09, 6",
        TRAINING.format(name="swift-otter", lr="lr", epochs=20, pause=0),
        "lr = 0.05",
        TRAINING.format(name="calm-heron", lr="lr", epochs=20, pause=0),
    )
    screen.run_cells(4)
    for name in ("swift-otter", "calm-heron"):
        screen.row(name).get_by_role("checkbox").check()
    return screen


def test_two_runs_are_compared_beside_the_notebook(two_runs):
    two_runs.footer("Compare").click()
    comparison = two_runs.page.locator(".nbtrail-Comparison")

    expect(comparison.locator("svg.marks, canvas.marks").first).to_be_visible()
    expect(comparison).to_contain_text("params.lr")
    expect(two_runs.page.locator(".jp-NotebookPanel")).to_be_visible()
    two_runs.assert_clean()


def test_a_comparison_is_inserted_into_the_notebook_and_drawn(two_runs):
    two_runs.footer("Insert").click()
    inserted = two_runs.page.locator(".jp-CodeCell").filter(has_text="%track compare")

    expect(inserted).to_contain_text("%track compare swift-otter calm-heron")
    expect(inserted.locator("svg.marks, canvas.marks").first).to_be_visible()
    expect(inserted).to_contain_text("lr")
    two_runs.assert_clean()


def test_a_comparison_is_exported_and_opened(two_runs):
    two_runs.footer("Export…").click()

    expect(two_runs.page.get_by_role("tab", name="comparison.ipynb")).to_be_visible()
    expect(
        two_runs.page.locator(".jp-NotebookPanel:visible").last.locator("svg.marks, canvas.marks").first
    ).to_be_visible()
    assert (two_runs.server.root / "comparison.ipynb").exists()
    two_runs.assert_clean()


def test_a_filter_narrows_the_list_and_a_mistake_in_it_is_pointed_out(two_runs):
    two_runs.filter("params.lr > 0.06")
    expect(two_runs.row("calm-heron")).to_have_count(0)
    expect(two_runs.row("swift-otter")).to_be_visible()

    two_runs.filter("metrics.acc >> 1")
    expect(two_runs.panel).to_contain_text("is not understood")


def test_a_project_without_runs_says_what_to_do(lab):
    screen = lab("1 + 1")

    expect(screen.panel).to_contain_text("%track")
    assert not (screen.server.root / ".nbtrail").exists()
    screen.assert_clean()


def test_the_same_notebook_works_in_notebook_7(start_server, open_page):
    server = start_server("notebook")
    server.write_notebook(
        "train.ipynb",
        "%load_ext nbtrail\nlr = 0.09",
        TRAINING.format(name="swift-otter", lr="lr", epochs=20, pause=0.05),
        TRAINING.format(name="calm-heron", lr="0.5", epochs=20, pause=0),
        "%track compare swift-otter calm-heron",
    )
    page, watched = open_page(server.address("notebooks/train.ipynb"))
    screen = Lab(page, watched, server)
    screen.wait_until_ready()
    screen.run_cells(4)
    cells = page.locator(".jp-CodeCell")

    expect(cells.nth(1).locator(".jp-OutputArea")).to_contain_text("finished")
    expect(cells.nth(3).locator("svg.marks, canvas.marks").first).to_be_visible()
    screen.assert_clean()
