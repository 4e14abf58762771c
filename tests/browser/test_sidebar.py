"""What a person does with the runs in the sidebar, in a real JupyterLab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from nbtrail.project import FOLDER, find_project
from tests.browser.screen import Lab
from tests.server import world


class Sidebar(Lab):
    """JupyterLab with the sidebar in view."""

    def choose(self, run: str, command: str) -> None:
        """Choose a command in the menu of a run."""
        self.row(run).click(button="right")
        self.page.get_by_role("menuitem", name=command, exact=True).click()

    def answer(self, text: str) -> None:
        """Write a text into the dialog that asks for one."""
        self.page.locator(".jp-Dialog input").fill(text)
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def described(self, run: str):
        """The run's name, whose title says what has no room in the row."""
        return self.row(run).locator(".nbtrail-RunRow-name")

    def notification(self, text: str):
        return self.page.get_by_role("alert").filter(has_text=text)

    def assert_clean_but_for(self, refused: str) -> None:
        """The browser itself logs each request that the server refuses."""
        self.watched.errors = [error for error in self.watched.errors if f"status of {refused}" not in error]
        self.assert_clean()


@pytest.fixture
def open_sidebar(start_server, open_page):
    """Opens JupyterLab in a project of five runs, or in one whose store holds these bytes, and shows the sidebar."""

    def open_(*, store: bytes | None = None, dark: bool = False) -> Sidebar:
        server = start_server(dark=dark)
        folder = server.root / FOLDER
        folder.mkdir()
        if store is None:
            opened = find_project(server.root, environ={}).open(read_only=False)
            world.fill(opened)
            opened.close()
        else:
            (folder / "store.db").write_bytes(store)
        page, watched = open_page(server.address(), dark=dark)
        sidebar = Sidebar(page, watched, server)
        sidebar.show_runs()
        return sidebar

    return open_


def test_a_run_is_renamed_tagged_noted_and_starred_in_its_menu(open_sidebar):
    sidebar = open_sidebar()
    sidebar.choose("quiet-lynx", "Rename Run…")
    sidebar.answer("calm-heron")
    expect(sidebar.notification("the name 'calm-heron' belongs to run")).to_be_visible()
    expect(sidebar.row("quiet-lynx")).to_be_visible()

    sidebar.choose("bold-finch", "Rename Run…")
    sidebar.answer("network-64-0.003")
    sidebar.choose("network-64-0.003", "Edit Tags…")
    sidebar.answer("deep, a-tag-that-has-no-room")
    sidebar.choose("network-64-0.003", "Edit Note…")
    sidebar.answer("try it deeper")
    sidebar.choose("network-64-0.003", "Star Run")

    name = sidebar.described("network-64-0.003")
    expect(name).to_have_text("★ network-64-0.003")
    expect(name).to_have_attribute("title", "network-64-0.003\ntags: a-tag-that-has-no-room, deep\ntry it deeper")
    assert name.evaluate("node => node.scrollWidth <= node.clientWidth"), "tags take the room of the name"
    sidebar.assert_clean_but_for("409")


def test_another_baseline_changes_the_differences_and_undo_brings_a_run_out_of_the_trash(open_sidebar):
    sidebar = open_sidebar()
    otter = sidebar.row("swift-otter")
    expect(otter).to_contain_text("acc 0.934 ▲ .012")
    sidebar.choose("bold-finch", "Set as Baseline")

    expect(otter).to_contain_text("acc 0.934 ▲ .033")
    expect(sidebar.row("bold-finch").get_by_text("baseline")).to_be_visible()
    expect(sidebar.row("calm-heron").get_by_text("baseline")).to_have_count(0)

    sidebar.choose("quiet-lynx", "Move to Trash")
    expect(sidebar.row("quiet-lynx")).to_have_count(0)
    expect(sidebar.panel).to_contain_text("4 runs")
    sidebar.notification("quiet-lynx is in the trash").get_by_role("button", name="Undo").click()
    expect(sidebar.row("quiet-lynx")).to_be_visible()
    sidebar.assert_clean()


def test_runs_are_chosen_opened_and_compared_by_keyboard(open_sidebar):
    sidebar = open_sidebar(dark=True)
    page, keys = sidebar.page, sidebar.page.keyboard
    sidebar.row("swift-otter").wait_for()
    sidebar.panel.get_by_role("tree").focus()
    for key in ("ArrowDown", " ", "ArrowDown", "ArrowDown", " ", "Enter"):
        keys.press(key)

    expect(sidebar.panel).to_contain_text("2 selected")
    expect(sidebar.row("calm-heron")).to_have_attribute("aria-selected", "true")
    assert len({round(sidebar.footer(name).bounding_box()["y"]) for name in ("Compare", "Insert", "Export…")}) == 1
    details = page.locator(".nbtrail-Details")
    expect(details).to_contain_text("literal in cell 11, read by cell 12")
    expect(details).to_contain_text("model = build(lr, depth)")
    details.get_by_role("button", name="train", exact=True).click()
    expect(details.locator(".nbtrail-Dataset-columns")).to_contain_text("2 different: m, f")

    keys.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input").fill("Compare Selected Runs")
    keys.press("Enter")
    expect(page.locator(".nbtrail-Comparison")).to_contain_text("metrics.val_loss (last)")
    expect(page.locator(".nbtrail-Comparison")).to_contain_text("data.train")
    expect(page.locator(".nbtrail-Comparison svg.marks, .nbtrail-Comparison canvas.marks").first).to_be_visible()
    sidebar.assert_clean()


def test_a_filter_that_is_wrong_or_passes_nothing_says_what_to_do(open_sidebar):
    sidebar = open_sidebar(dark=True)
    expect(sidebar.panel).to_contain_text("without a notebook")
    expect(sidebar.row("swift-otter")).to_contain_text(re.compile("depth 6 · lr 0.09"))
    sidebar.filter("metrics.acc > 0.9 and (")
    problem = sidebar.panel.get_by_role("alert")
    expect(problem).to_contain_text(re.compile(r"column \d+"))
    expect(sidebar.row("swift-otter")).to_be_visible()

    sidebar.filter("metrics.acc > 7")
    expect(sidebar.panel).to_contain_text("None of the 5 runs passes this filter.")
    sidebar.panel.locator(".nbtrail-Notice").get_by_role("button", name="Clear the filter").click()
    expect(sidebar.row("swift-otter")).to_be_visible()
    expect(sidebar.panel.get_by_role("combobox").first).to_have_value("")
    sidebar.assert_clean_but_for("400")


def test_a_store_that_is_no_database_is_named_with_what_to_do(open_sidebar):
    sidebar = open_sidebar(store=b"not a database" * 100)
    notice = sidebar.panel.get_by_role("alert")
    expect(notice).to_contain_text("store.db cannot be read as an nbtrail store")
    expect(notice).to_contain_text("Move the file aside to start afresh")

    (sidebar.server.root / FOLDER / "store.db").unlink()
    notice.get_by_role("button", name="Try again").click()
    expect(sidebar.panel).to_contain_text("No runs here yet.")
    sidebar.assert_clean_but_for("422")
