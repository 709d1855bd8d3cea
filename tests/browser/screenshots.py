"""`make screenshots`: the card's states and the console's pages, from the running product.

States that a healthy product does not show are answered by the page's proxy in the browser; what
draws them is the same bundle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from bench.stage import running
from tests.browser import console_pictures
from tests.browser.conftest import FLAGS, Record, Stage, chromium

IMAGES = Path(__file__).resolve().parents[2] / "docs/images"
PROXY = "**/sandbox/card/fetch*"


def main() -> None:
    """Write them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    parts = ("valkey", "sandbox", "web", "cron", "worker", "console")
    with running(contacts=1_000, rate_limit=False, parts=parts, workers=1) as run:
        run.scenario.connect()
        run.scenario.import_profile()
        run.scenario.go_live()
        run.scenario.score_all()
        stage = Stage(run)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1360, "height": 940}, device_scale_factor=2)
            take(page, stage)
            console_pictures.take(browser, stage, IMAGES)
            browser.close()


def take(page: Page, stage: Stage) -> None:
    """Whole pages first, then the card alone, state by state."""
    record = Record(page, stage)
    before = record.open(stage.silent[0]).score()
    record.log("emails:INCOMING_EMAIL", "Could you send me a quote this week?")
    record.wait_for_score_other_than(before)
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "record.png")
    shoot(record, "card-reply")
    page.get_by_role("tab", name="AI lead history").click()
    page.get_by_test_id("history").wait_for()
    page.get_by_role("tabpanel").screenshot(path=IMAGES / "tab-history.png")
    record.open(stage.leads[0]).score()
    shoot(record, "card-scored")
    page.locator("a[href^='/companies/']").first.click()
    page.get_by_test_id("account").wait_for()
    page.locator(".panel.card").screenshot(path=IMAGES / "card-company.png")
    record.open(stage.leads[0]).score()
    record.card.get_by_test_id("rescore").click()
    record.card.get_by_test_id("progress").wait_for()
    shoot(record, "card-rescoring")
    record.card.get_by_test_id("verdict").wait_for()
    shoot(record, "card-unchanged")
    record.card.get_by_test_id("disagree").click()
    shoot(record, "card-disagree")
    record.open(stage.not_leads[0])
    shoot(record, "card-not-a-lead", "not-a-lead")
    fabricated(record, stage)
    page.set_viewport_size({"width": 320, "height": 900})
    record.open(stage.leads[0]).score()
    shoot(record, "card-320px")


def fabricated(record: Record, stage: Stage) -> None:
    """States that need an outage, a model or a hostile message."""
    failures = {
        "not_scored": "not-scored",
        "scoring": "scoring",
        "disconnected": "disconnected",
    }
    for code, test_id in failures.items():
        answer = {"ok": False, "code": code, "message": "An admin has to connect it again."}
        with answered(record.page, json.dumps(answer)):
            record.open(stage.leads[0])
            shoot(record, f"card-{test_id}", test_id)
    for status, problem in ((502, "unavailable"), (401, "no_permission")):
        with answered(record.page, "{}", status):
            record.open(stage.leads[0])
            shoot(record, f"card-{problem.replace('_', '-')}", f"problem-{problem}")
    chance = {"value": 0.24, "low": 0.17, "high": 0.32, "sample": 143, "horizon_days": 120}
    changes: dict[str, dict[str, Any]] = {
        "card-chance": {"chance": chance, "outcomes": None, "model_version": 12},
        "card-manipulation": {"flags": ["manipulation_suspected"]},
        "card-not-enough": {"flags": ["little_known"]},
    }
    for name, change in changes.items():
        with changed(record.page, change):
            record.open(stage.leads[1]).score()
            shoot(record, name)


@contextmanager
def answered(page: Page, body: str, status: int = 200) -> Iterator[None]:
    """Every `hubspot.fetch` gets this."""
    said = {
        "status": "success" if status == 200 else "error",
        "responseBody": body,
        "context": {"appServerStatusCode": [str(status)]},
    }
    page.route(PROXY, lambda route: route.fulfill(json=said))
    yield
    page.unroute(PROXY)


@contextmanager
def changed(page: Page, change: dict[str, Any]) -> Iterator[None]:
    """The real answer with some fields replaced."""

    def replace(route: Route) -> None:
        answer = route.fetch()
        said = answer.json()
        body = json.loads(said["responseBody"])
        body["lead"] |= change
        route.fulfill(json=said | {"responseBody": json.dumps(body)})

    page.route(PROXY, replace)
    yield
    page.unroute(PROXY)


def shoot(record: Record, name: str, test_id: str = "score") -> None:
    """The card alone."""
    record.card.get_by_test_id(test_id).wait_for()
    record.card.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
