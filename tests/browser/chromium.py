"""Where the browser is."""

from __future__ import annotations

import shutil
from pathlib import Path


def find_chromium() -> str | None:
    """The path of a Chromium: on PATH, else the one that Playwright installed, else ``None``."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
