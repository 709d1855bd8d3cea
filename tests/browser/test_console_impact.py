"""What a manager asks of Impact: count, read, filter, and see what a holdout would cost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from backend.model import Band
from backend.storage.leads import scores
from tests.browser.conftest import Stage
from tests.browser.manager import Manager

pytestmark = pytest.mark.slow


def test_leads_are_counted_told_apart_and_a_link_shows_the_same(fresh: Page, stage: Stage) -> None:
    product = stage.run.scenario.product
    manager = Manager(fresh, stage).sign_in().open("/impact")
    manager.heading("Impact").wait_for()
    manager.press("Count now")
    expect(fresh.get_by_text(re.compile(r"^Counted \d"))).to_be_visible()
    with product.stores.database.read() as conn:
        low = scores.by_band(conn, stage.portal_id)[Band.LOW]
    fresh.get_by_role("combobox", name="Leads that became").click()
    fresh.get_by_role("option", name="Low").click()
    told = re.compile(r"^\d+ leads became Low: \d+ of them were contacted")
    expect(fresh.get_by_text(told)).to_be_visible()
    assert int(fresh.get_by_text(told).inner_text().split()[0].replace(",", "")) >= low * 0.9
    assert "band=Low" in fresh.url
    fresh.reload()
    expect(fresh.get_by_text(told)).to_be_visible()
    expect(
        fresh.get_by_text(re.compile("not been contacted since becoming High, .*working hours"))
    ).to_be_visible()
    fresh.get_by_text("What a holdout would cost").click()
    expect(fresh.get_by_text(re.compile("a month is known after a week"))).to_be_visible()
