"""What a person does in JupyterLab, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import JupyterServer, Watched


_OF_NOTEBOOK_7 = re.compile(r"reading 'schema'")
"""Notebook 7.6 logs this for a settings editor of its own, with or without nbtrail."""


@dataclass
class Lab:
    """A page with a notebook open in it."""

    page: Page
    watched: Watched
    server: JupyterServer

    @property
    def panel(self) -> Locator:
        return self.page.locator(".nbtrail-Runs, #nbtrail-runs").first

    def wait_until_ready(self) -> None:
        """A cell that is run before its kernel answers is dropped."""
        self.page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
        self.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady")
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info")
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for(timeout=60_000)

    def show_runs(self) -> None:
        self.page.get_by_role("tab", name="Runs").click()
        self.panel.wait_for()

    def run_cells(self, count: int) -> None:
        """Run the first cells, one after the other, without waiting for the last one."""
        self.page.locator(".jp-CodeCell .cm-content").first.click()
        for index in range(count):
            self.page.keyboard.press("Shift+Enter")
            prompt = self.page.locator(".jp-CodeCell").nth(index).locator(".jp-InputPrompt").first
            if index < count - 1:
                expect(prompt).to_have_text(f"[{index + 1}]:")

    def cell_is_running(self, index: int) -> bool:
        return self.page.locator(".jp-CodeCell").nth(index).locator(".jp-InputPrompt").first.inner_text() == "[*]:"

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self.page.locator(".jp-mod-dirty").first.wait_for(state="detached")

    def row(self, name: str) -> Locator:
        return self.panel.locator(".nbtrail-RunRow").filter(has_text=name)

    def footer(self, button: str) -> Locator:
        return self.panel.get_by_role("button", name=button, exact=True)

    def filter(self, text: str) -> None:
        box = self.panel.get_by_role("combobox").first
        box.fill(text)
        box.press("Enter")

    def assert_clean(self) -> None:
        """No error in the browser's console, and no request that left the machine."""
        assert [text for text in self.watched.errors if not _OF_NOTEBOOK_7.search(text)] == []
        assert self.watched.left_the_machine == []
