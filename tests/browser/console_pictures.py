"""The console's pages as pictures, from the running product."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import Stage
from tests.browser.manager import Manager

PAGES = {
    "overview": ("Overview", 1_250),
    "leads?band=High&band=Medium": ("Leads", 1_000),
    "patterns": ("Patterns", 1_700),
    "model": ("Model", 1_700),
    "profile": ("Ideal client profile", 1_250),
    "operations": ("Operations", 1_250),
    "access": ("Access", 900),
    "setup": ("Setup", 1_250),
}
DRAWN_MS = 2_500  # charts and tables fade in


def take(browser: Browser, stage: Stage, folder: Path) -> None:
    """Sign-in, every page, and one lead."""
    page = browser.new_page(viewport={"width": 1360, "height": 800}, device_scale_factor=1.5)
    manager = Manager(page, stage).open("/overview")
    page.screenshot(path=folder / "console-sign-in.png")
    manager.sign_in()
    for path, (title, height) in PAGES.items():
        page.set_viewport_size({"width": 1360, "height": height})
        manager.open(f"/{path}").heading(title).wait_for()
        page.wait_for_timeout(DRAWN_MS)
        page.screenshot(path=folder / f"console-{title.lower().replace(' ', '-')}.png")
    page.set_viewport_size({"width": 1360, "height": 1_450})
    manager.open(f"/leads?lead={stage.leads[0]}")
    page.get_by_role("heading", name="Why it changed").wait_for()
    page.wait_for_timeout(DRAWN_MS)
    page.screenshot(path=folder / "console-lead.png")
    page.close()
