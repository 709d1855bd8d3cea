"""Real processes, a real Chromium, the card's real bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from backend.model import NextAction
from backend.storage.leads import scores
from backend.storage.portals import portals
from backend.storage.tables.leads import leads
from bench.stage import Running, running

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BUILT = (
    ROOT / "hubspot-card/dist/LeadScoreCard/LeadScoreCard.js",
    ROOT / "hubspot-card/dist/LeadHistoryTab/LeadHistoryTab.js",
    ROOT / "sandbox/record_page/dist/host.js",
)
PATIENCE_MS = 30_000  # for what follows by itself, on a busy machine
expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str:
    """The browser's path, or a skip that says how to get one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    return found


class Stage:
    """The running product with one scored portal, and what a person does there."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.portal_id = run.scenario.portal_id
        with run.scenario.product.stores.database.read() as conn:
            found = scores.top(conn, self.portal_id, 1_000)
            self.not_leads = [
                str(row.contact_id)
                for row in conn.execute(
                    sa.select(leads.c.contact_id).where(leads.c.ineligible_reason != "")
                )
            ]
        self.leads = [score.contact_id for score in found]
        self.to_call, self.to_email = (
            [score.contact_id for score in found if score.next_action is action]
            for action in (NextAction.CALL, NextAction.EMAIL)
        )
        # a reply of these counts in full: nothing was heard of them so far
        self.silent = [
            score.contact_id
            for score in found
            if score.score < 70
            and not any(f.group == "engagement" and f.points > 0 for f in score.factors)
        ]

    def address(self, contact_id: str) -> str:
        return f"{self.run.stage.sandbox}/contacts/{contact_id}"

    def property_of(self, contact_id: str, name: str) -> str:
        base = f"{self.run.stage.sandbox}/sandbox/portals/{self.portal_id}/contacts"
        answer = requests.get(f"{base}/{contact_id}", timeout=10)
        return str(answer.json()["properties"].get(name, ""))

    def set_state(self, state: str) -> None:
        with self.run.scenario.product.stores.database.write() as conn:
            portals.set_state(conn, self.portal_id, state)

    def restart_web(self) -> None:
        self.run.start_one("web")
        self.run.scenario.wait_for_servers()


class Record:
    """One record page in the browser."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self.stage = stage

    def open(self, contact_id: str) -> Record:
        self.page.goto(self.stage.address(contact_id))
        return self

    @property
    def card(self) -> Locator:
        return self.page.get_by_role("region", name="AI lead score")

    def score(self) -> int:
        shown = self.card.get_by_test_id("score")
        shown.wait_for(timeout=PATIENCE_MS)
        return int(shown.inner_text())

    def wait_for_score_other_than(self, before: int) -> int:
        self.page.wait_for_function(
            "before => { const s = document.querySelector('[data-testid=score]');"
            " return s && s.innerText.trim() !== String(before) }",
            arg=before,
            timeout=PATIENCE_MS,
        )
        return self.score()

    def log(self, kind: str, text: str) -> None:
        form = self.page.locator("form.log")
        form.locator("select[name=kind]").select_option(kind)
        form.locator("input[name=text]").fill(text)
        form.get_by_role("button", name="Log").click()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Everything up, connected, live and scored; once for all browser tests."""
    chromium()
    missing = [path for path in BUILT if not path.exists()]
    if missing:
        pytest.skip("the card is not built: run `make card`")
    parts = ("valkey", "sandbox", "web", "cron", "worker", "console")
    with running(contacts=400, rate_limit=False, parts=parts, workers=1) as run:
        run.scenario.connect()
        run.scenario.import_profile()
        run.scenario.go_live()
        run.scenario.score_all()
        yield Stage(run)


@pytest.fixture(scope="session")
def browser(stage: Stage) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose console has to stay clean and whose components are all drawn."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    opened = browser.new_page(viewport={"width": 1360, "height": 1000})
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    unmapped = opened.get_by_test_id("unmapped").count()
    crashed = opened.get_by_test_id("crashed").count()
    opened.close()
    assert complaints == []
    assert (unmapped, crashed) == (0, 0)


@pytest.fixture
def record(page: Page, stage: Stage) -> Record:
    return Record(page, stage)


@pytest.fixture
def fresh(browser: Browser) -> Iterator[Page]:
    """A browser without cookies; no page of ours may throw."""
    context = browser.new_context(viewport={"width": 1360, "height": 1000})
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []
