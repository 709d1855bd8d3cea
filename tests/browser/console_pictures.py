"""The console's pages as pictures, from the running product."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import Stage
from tests.browser.manager import Manager

# page: (its heading, height in pixels)
PAGES = {
    "overview": ("Overview", 1_250),
    "leads?band=High&band=Medium": ("Leads", 1_000),
    "patterns": ("Patterns", 1_450),
    "model": ("Model", 1_600),
    "profile": ("Ideal client profile", 1_250),
    "operations": ("Operations", 1_250),
    "access": ("Access", 1_100),
    "setup": ("Setup", 1_250),
}
DRAWN_MS = 5_000  # charts and tables fade in


def take(browser: Browser, stage: Stage, folder: Path) -> None:
    """Sign-in, every page with a model to look at, and one lead."""
    stage.run.scenario.flask("model", "train", "--portal", str(stage.portal_id))
    page = browser.new_page(viewport={"width": 1360, "height": 800}, device_scale_factor=1.25)
    manager = Manager(page, stage).open("/overview")
    page.screenshot(path=folder / "console-sign-in.png")
    manager.sign_in()
    for path, (heading, height) in PAGES.items():
        page.set_viewport_size({"width": 1360, "height": height})
        manager.open(f"/{path}").heading(heading).wait_for()
        page.wait_for_timeout(DRAWN_MS)
        page.screenshot(path=folder / f"console-{path.partition('?')[0]}.png")
    page.set_viewport_size({"width": 1360, "height": 1_450})
    manager.open(f"/leads?lead={stage.leads[0]}")
    page.get_by_role("heading", name="Why it changed").wait_for()
    page.wait_for_timeout(DRAWN_MS)
    page.screenshot(path=folder / "console-lead.png")
    page.close()
