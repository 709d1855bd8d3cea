"""How the console's pages look: both themes, three widths, nothing that axe objects to."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Stage
from tests.browser.manager import Manager

pytestmark = pytest.mark.slow
PAGES = (
    "overview",
    "leads",
    "lead",
    "impact",
    "mine",
    "team",
    "patterns",
    "model",
    "profile",
    "operations",
    "access",
    "start",
    "setup",
)
FORMS = ("password", "second-factor")
WIDTHS = (390, 768, 1440)
THEMES = ("light", "dark")
DRAWN_MS = 1_000  # charts and tables fade in: half-way their colours are not those of the theme


def settle(page: Page, heading: int = 1) -> None:
    """Until everything is drawn."""
    page.locator(f"h{heading}").first.wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.wait_for_timeout(DRAWN_MS)


def objections(page: Page, where: str) -> list[str]:
    """What axe, the width and the charts say against the page as it stands."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [f"{where}: {one['id']}: {node['html'][:150]}" for one in found for node in one["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        told.append(f"{where}: wider than the screen")
    titles = page.locator(".gtitle").filter(has_text=re.compile(r"\S"))
    if titles.count() or page.locator(".modebar").count():
        told.append(f"{where}: a chart's title or toolbar lies on the chart")
    return told


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_can_be_read_by_everybody(browser: Browser, stage: Stage, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    manager = Manager(page, stage).sign_in()
    told: list[str] = []
    for name in (*PAGES, *FORMS):
        manager.open(f"/leads?lead={stage.leads[0]}" if name == "lead" else f"/{name}")
        settle(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)
            told += objections(page, f"{name}, {theme}, {width}")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert dark is (theme == "dark")
    context.close()
    assert not told, "\n".join(told)


def test_filters_are_folded_and_charts_have_their_numbers(fresh: Page, stage: Stage) -> None:
    manager = Manager(fresh, stage).sign_in()
    settle(fresh)
    charts = fresh.get_by_test_id("stPlotlyChart")
    expect(fresh.get_by_text("As a table", exact=True)).to_have_count(charts.count())
    manager.open("/leads?owner=none")
    settle(fresh)
    expect(fresh.get_by_label("Owner")).not_to_be_visible()
    fresh.get_by_text("More filters (1 set)").click()
    expect(fresh.get_by_label("Owner")).to_be_visible()
