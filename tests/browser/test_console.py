"""What a manager does in the console: sign in, find a lead, see why, rescore, replay, sign out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.model import Urgency
from backend.storage.leads import due_leads, people
from tests.browser.conftest import PATIENCE_MS, Stage
from tests.browser.manager import Manager

pytestmark = pytest.mark.slow


def name_of(stage: Stage, contact_id: str) -> str:
    product = stage.run.scenario.product
    with product.stores.database.read() as conn:
        sealed = due_leads.people(conn, stage.portal_id, [contact_id])[contact_id]
    return people.unseal(
        product.stores.cipher, stage.portal_id, people.of_contact(contact_id), sealed
    ).name


def test_nobody_sees_a_page_before_signing_in_and_after_signing_out(
    fresh: Page, stage: Stage
) -> None:
    manager = Manager(fresh, stage).open("/leads?q=ada&band=High")
    expect(fresh).to_have_url(re.compile("/sign-in"))
    manager.fill_sign_in("not the password")
    expect(fresh.get_by_role("alert")).to_have_text("Email or password are not right.")
    manager.sign_in().open("/leads?q=nobody")
    manager.heading("Leads").wait_for()
    expect(fresh.get_by_text("No lead matches")).to_be_visible()
    (cookie,) = [c for c in fresh.context.cookies() if c["name"] == "leadlight_session"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    fresh.reload()
    manager.heading("Leads").wait_for()
    fresh.get_by_role("button", name="Sign out").click()
    manager.open("/leads")
    expect(fresh).to_have_url(re.compile("/sign-in"))
    fresh.context.add_cookies([cookie])  # somebody kept the old one
    manager.open("/leads")
    expect(fresh).to_have_url(re.compile("/sign-in"))


def test_a_page_is_saved_as_one_file_that_loads_nothing_and_runs_nothing(
    fresh: Page, stage: Stage, tmp_path: Path
) -> None:
    manager = Manager(fresh, stage).sign_in().open("/patterns?by=source")
    manager.heading("Patterns").wait_for()
    expect(fresh.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(fresh.locator(".js-plotly-plot").first).to_be_visible()
    with fresh.expect_download() as download:
        manager.press("Save this page as a file")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("leadlight-patterns-")
    asked: list[str] = []
    fresh.on("request", lambda request: asked.append(request.url))
    fresh.goto(file.as_uri())
    expect(fresh.get_by_role("heading", name="Patterns", exact=True)).to_be_visible()
    expect(fresh.get_by_text("Source", exact=True).first).to_be_visible()  # what was chosen
    assert fresh.locator("svg.main-svg").count() > 0
    assert fresh.locator("script, button, iframe").count() == 0
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_a_lead_is_found_explained_and_its_rescore_watched(fresh: Page, stage: Stage) -> None:
    contact_id = stage.silent[-1]
    name = name_of(stage, contact_id)
    manager = Manager(fresh, stage).sign_in().open("/leads")
    fresh.get_by_label("Find by name, email, company or id").fill(name)
    fresh.keyboard.press("Enter")
    expect(fresh.get_by_text(re.compile(r"^\d contacts? match"))).to_be_visible()
    assert "q=" in fresh.url
    manager.open(f"/leads?q={contact_id}")
    manager.choose_row(0)
    manager.heading(name).wait_for()
    expect(fresh.get_by_text("What the score is made of")).to_be_visible()
    score = manager.metric(re.compile("Score · "))
    before = int(re.findall(r"\n(\d+)", score.inner_text())[0])
    stage.run.scenario.reply(contact_id)
    manager.press("Rescore")
    expect(fresh.get_by_text(re.compile("Scored again just now"))).to_be_visible()
    shown = score.get_by_test_id("stMetricValue")
    expect(shown).not_to_have_text(str(before), timeout=PATIENCE_MS)
    after = int(re.findall(r"\n(\d+)", score.inner_text())[0])
    assert after > before
    expect(fresh.get_by_role("heading", name="Why it changed")).to_be_visible()


def test_a_lead_that_was_given_up_is_replayed_and_scored(fresh: Page, stage: Stage) -> None:
    product, contact_id = stage.run.scenario.product, stage.leads[5]
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        due_leads.mark_due(
            conn, stage.portal_id, [contact_id], Urgency.PERSON, now, cause="person", refresh=True
        )
        (claimed,) = due_leads.claim(
            conn, stage.portal_id, Urgency.PERSON, now, contact_ids=[contact_id]
        )
        setback = due_leads.Setback(claimed, "HubSpot answered 502", None, 7)
        due_leads.set_back(conn, stage.portal_id, [setback], now)
    manager = Manager(fresh, stage).sign_in().open("/operations")
    expect(manager.metric("Failed")).to_contain_text("1")
    manager.press("Replay all")
    expect(fresh.get_by_text("1 taken up again.")).to_be_visible()
    expect(manager.metric("Failed")).to_contain_text("0")
    stage.run.scenario._until("the replay", lambda: _is_scored(stage, contact_id), 30)


def _is_scored(stage: Stage, contact_id: str) -> bool:
    with stage.run.scenario.product.stores.database.read() as conn:
        row = due_leads.row(conn, stage.portal_id, contact_id)
    return row is not None and row["due_at"] is None and row["parked_at"] is None
