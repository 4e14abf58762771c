"""What a person corrects on the card of a run, in a real JupyterLab."""

from __future__ import annotations

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from nbtrail.project import find_project
from tests.browser.screen import Lab

LOAD = "%load_ext nbtrail\nlr, depth = 0.09, 6"
GAP = "%%track {name}\na, b = lr * 2, depth / 7\ngap = abs(a - b)\nprint(gap)"
SLOW = """%%track {name} --each-step
import time
for step in range(40):
    loss = lr / (step + 1) + depth
    time.sleep(0.15)"""


class Cards(Lab):
    """A notebook with cards in it."""

    def card(self, cell: int):
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".nbt-card")

    def press(self, cell: int, name: str) -> None:
        """Press a button of a card; those of a chip come out when the mouse is over it."""
        button = self.card(cell).get_by_role("button", name=name)
        button.locator("xpath=..").hover()
        with self.page.expect_response(lambda answer: answer.request.method == "PATCH"):
            button.click()

    def run_cell(self, cell: int) -> None:
        self.page.locator(".jp-CodeCell").nth(cell).locator(".cm-content").first.click()
        self.page.keyboard.press("Shift+Enter")

    def settings(self):
        return find_project(self.server.root, environ={}).settings()


@pytest.fixture
def open_cards(start_server, open_page):
    """Opens a notebook of these cells, with the sidebar in view and the kernel ready."""

    def open_(*sources, app: str = "jupyterlab") -> Cards:
        server = start_server(app)
        server.write_notebook("train.ipynb", *sources)
        path = "lab/tree/train.ipynb" if app == "jupyterlab" else "notebooks/train.ipynb"
        page, watched = open_page(server.address(path))
        cards = Cards(page, watched, server)
        cards.wait_until_ready()
        return cards

    return open_


def test_a_proposed_number_is_taken_and_a_param_left_out_by_one_click(open_cards):
    cards = open_cards(LOAD, GAP.format(name="first"), GAP.format(name="second"))
    cards.show_runs()
    cards.run_cells(2)
    expect(cards.card(1).get_by_text("maybe")).to_be_visible()
    expect(cards.row("first")).not_to_contain_text("gap")

    cards.press(1, "take gap as a metric")
    expect(cards.row("first")).to_contain_text("gap 0.67")
    cards.press(1, "leave out depth from here on")
    expect(cards.card(1)).to_contain_text("depth is left out · undo")
    expect(cards.row("first")).not_to_contain_text("depth")

    cards.run_cell(2)
    expect(cards.row("second")).to_contain_text("gap 0.67")
    expect(cards.row("second")).to_contain_text("lr 0.09")
    expect(cards.card(2).locator("[data-name=depth]")).to_have_count(0)
    expect(cards.row("second")).not_to_contain_text("depth")
    cards.assert_clean()


def test_the_card_of_a_notebook_that_is_opened_again_shows_what_was_corrected_and_can_be_corrected(open_cards):
    cards = open_cards(LOAD, GAP.format(name="first"))
    cards.run_cells(2)
    expect(cards.card(1)).to_contain_text("finished")
    cards.press(1, "leave out depth from here on")
    cards.press(1, "take gap as a metric")
    expect(cards.card(1).locator("[data-kind=metric]")).to_contain_text("gap")
    cards.save()
    saved = nbformat.read(cards.server.root / "train.ipynb", as_version=4)
    html, _ = HTMLExporter().from_notebook_node(saved)
    assert 'data-kind="metric" data-name="gap"' in html
    assert 'data-name="depth"' not in html

    cards.page.reload()
    cards.wait_until_ready()

    expect(cards.card(1)).to_contain_text("gap 0.67")
    expect(cards.card(1).locator("[data-name=depth]")).to_have_count(0)
    cards.press(1, "leave out lr from here on")
    expect(cards.card(1)).to_contain_text("lr is left out")
    cards.press(1, "undo: take lr again")
    expect(cards.card(1).locator("[data-kind=param]")).to_have_text("lr 0.09")
    assert (cards.settings().ignore, cards.settings().watch_metrics) == (("depth",), ("gap",))
    cards.assert_clean()


def test_a_click_while_the_cell_runs_counts_when_it_has_ended(open_cards):
    cards = open_cards(LOAD, SLOW.format(name="slow"))
    cards.show_runs()
    cards.run_cells(2)
    cards.press(1, "leave out depth from here on")

    expect(cards.card(1).locator("[data-name=depth].nbt-chip")).to_have_count(0)
    assert cards.cell_is_running(1)
    expect(cards.card(1)).to_contain_text("finished")
    assert cards.settings().ignore == ("depth",)
    expect(cards.card(1).locator("[data-kind=param]")).to_have_text("lr 0.09")
    expect(cards.row("slow")).not_to_contain_text("depth")
    cards.assert_clean()


def test_the_card_of_a_notebook_run_follows_the_kernel_and_is_corrected_with_the_keyboard(open_cards):
    cards = open_cards("%load_ext nbtrail\n%track start whole", "lr = 0.5\nspread = lr / 8\nprint(spread)", "lr")
    cards.run_cells(2)
    card = cards.card(0)
    card.get_by_role("button", name="take spread as a metric").focus()
    cards.page.keyboard.press("Enter")
    expect(card.locator("[data-kind=metric]")).to_have_text("spread 0.0625")
    card.get_by_role("button", name="leave out lr from here on").focus()
    cards.page.keyboard.press("Enter")

    expect(card.get_by_role("button", name="undo: take lr again")).to_be_focused()
    cards.run_cell(2)
    expect(card.locator("[data-kind=metric]")).to_have_attribute(
        "title", "metric spread, inferred: watched; a computed number that the cell shows"
    )
    expect(card.locator("[data-kind=param]")).to_have_count(0)
    cards.assert_clean()


def test_a_card_says_in_one_line_why_a_click_has_changed_nothing(open_cards):
    cards = open_cards(LOAD, GAP.format(name="first"))
    cards.run_cells(2)
    expect(cards.card(1)).to_contain_text("finished")
    (cards.server.root / ".nbtrail" / "settings.toml").write_text("[capture]\nignore = 3\n")

    cards.press(1, "leave out lr from here on")

    expect(cards.card(1)).to_contain_text("Nothing was changed:")
    expect(cards.card(1).locator("[data-name=lr]")).to_have_text("lr 0.09")


def test_the_card_of_a_notebook_that_is_not_trusted_is_drawn_and_in_another_project_says_what_is_missing(open_cards):
    cards = open_cards(LOAD, GAP.format(name="first"))
    cards.run_cells(2)
    expect(cards.card(1)).to_contain_text("finished")
    cards.save()
    other = cards.server.root / "other"
    (other / ".nbtrail").mkdir(parents=True)
    copy = nbformat.read(cards.server.root / "train.ipynb", as_version=4)
    copy.cells[0].source += "  # by somebody else"
    nbformat.write(copy, other / "copy.ipynb")

    cards.page.goto(cards.server.address("lab/workspaces/other/tree/other/copy.ipynb"))
    cards.wait_until_ready()
    assert not cards.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[1].model.trusted")
    cards.press(1, "leave out lr from here on")

    expect(cards.card(1)).to_contain_text("Nothing was changed: no run")


def test_the_card_works_in_notebook_7(open_cards):
    cards = open_cards(LOAD, GAP.format(name="first"), app="notebook")
    cards.run_cells(2)
    cards.press(1, "take gap as a metric")

    expect(cards.card(1).locator("[data-kind=metric]")).to_contain_text("gap")
    expect(cards.card(1).get_by_text("maybe")).to_be_hidden()
    cards.assert_clean()
