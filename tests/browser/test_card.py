"""What a rep does with the card, from opening a record to seeing a change arrive by webhook."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Record, Stage

pytestmark = pytest.mark.slow


def test_a_record_shows_the_score_that_was_written_back(record: Record, stage: Stage) -> None:
    lead = stage.leads[0]
    score = record.open(lead).score()
    assert str(score) == stage.property_of(lead, "ai_lead_score")
    card = record.card
    expect(card.get_by_test_id("fit")).to_contain_text("High fit")
    expect(card.get_by_test_id("standing")).to_contain_text("of your leads")
    expect(card.get_by_test_id("next")).to_contain_text("Next: ")
    expect(card.get_by_test_id("sum")).to_contain_text(f"= {score}")
    expect(card.get_by_test_id("scored-by")).to_contain_text("Scored ")
    expect(record.page.get_by_text("local stand-in, not HubSpot")).to_be_visible()


def test_what_is_behind_the_accordions_can_be_read(record: Record, stage: Stage) -> None:
    record.open(stage.leads[0]).score()
    record.card.get_by_role("button", name="factors").click()
    expect(record.card.get_by_test_id("factors")).to_be_visible()
    record.card.get_by_role("button", name="In words").click()
    expect(record.card.get_by_test_id("reasoning")).to_be_visible()


def test_a_rescore_that_changes_nothing_says_so_and_ends(record: Record, stage: Stage) -> None:
    before = record.open(stage.leads[1]).score()
    button = record.card.get_by_test_id("rescore")
    button.dblclick()
    expect(record.card.get_by_test_id("progress")).to_be_visible()
    verdict = record.card.get_by_test_id("verdict")
    expect(verdict).to_contain_text(f"unchanged at {before}", timeout=PATIENCE_MS)
    expect(button).to_have_attribute("aria-busy", "false")


def test_a_reply_is_followed_by_a_new_score_and_by_history(record: Record, stage: Stage) -> None:
    lead = stage.silent[0]
    before = record.open(lead).score()
    record.log("emails:INCOMING_EMAIL", "Could you send me a quote this week?")
    expect(record.page.get_by_text("Could you send me a quote")).to_be_visible()
    after = record.wait_for_score_other_than(before)
    assert after > before
    expect(record.card.get_by_test_id("trend")).to_contain_text(f"Up {after - before} since")
    record.page.get_by_role("tab", name="AI lead history").click()
    moments = record.page.get_by_test_id("moments")
    expect(moments).to_contain_text("Change in HubSpot")
    expect(moments).to_contain_text("Replied")


def test_an_edited_property_changes_the_score_by_webhook(record: Record, stage: Stage) -> None:
    lead = next(
        contact_id
        for contact_id in stage.leads[2:]
        if stage.property_of(contact_id, "hs_email_optout") != "true"
    )
    before = record.open(lead).score()
    record.page.get_by_label("Unsubscribed from all email").select_option("true")
    record.page.get_by_role("button", name="Save").click()
    after = record.wait_for_score_other_than(before)
    assert after < before
    expect(record.card).to_contain_text("Opted out of email")


def test_a_rescore_brings_the_new_score(record: Record, stage: Stage) -> None:
    """The rep does not wait for the webhook of the reply."""
    lead = stage.silent[1]
    before = record.open(lead).score()
    record.log("emails:INCOMING_EMAIL", "Yes, please call me.")
    record.card.get_by_test_id("rescore").click()
    after = record.wait_for_score_other_than(before)
    expect(record.card.get_by_test_id("verdict")).to_be_visible(timeout=PATIENCE_MS)
    assert after != before


def test_feedback_is_kept(record: Record, stage: Stage) -> None:
    record.open(stage.leads[0]).score()
    record.card.get_by_test_id("disagree").click()
    record.card.get_by_label("What is wrong?").select_option("too_high")
    record.card.get_by_test_id("send-feedback").click()
    expect(record.card.get_by_test_id("given")).to_contain_text("You disagree")
    record.open(stage.leads[0]).score()
    expect(record.card.get_by_test_id("given")).to_contain_text("the score is too high")
    record.card.get_by_test_id("agree").click()
    expect(record.card.get_by_test_id("given")).to_contain_text("You agree")


def test_the_next_action_becomes_a_task_in_the_record(record: Record, stage: Stage) -> None:
    record.open(stage.to_email[0]).score()
    expect(record.card.get_by_test_id("write-email")).to_have_text("Write email")
    record.open(stage.to_call[0]).score()
    record.card.get_by_test_id("create-task").click()
    expect(record.card.get_by_test_id("open-task")).to_contain_text("Task open since")
    expect(record.card.get_by_test_id("create-task")).to_have_count(0)
    record.open(stage.to_call[0]).score()
    expect(record.card.get_by_test_id("open-task")).to_contain_text("Open task")
    expect(record.page.locator(".timeline")).to_contain_text("Call ")


def test_a_contact_that_is_no_lead_says_why(record: Record, stage: Stage) -> None:
    record.open(stage.not_leads[0])
    expect(record.card.get_by_test_id("not-a-lead")).to_contain_text("not scored")


def test_a_contact_nobody_has_seen_can_be_checked_again(record: Record, stage: Stage) -> None:
    """As right after it was made, before its webhook arrived."""
    lead = stage.leads[-1]
    record.page.route(
        "**/sandbox/card/fetch*",
        lambda route: route.fulfill(
            json={
                "status": "error",
                "category": "BAD_GATEWAY",
                "context": {"appServerStatusCode": ["404"]},
            }
        ),
    )
    record.open(lead)
    expect(record.card.get_by_test_id("problem-unknown_contact")).to_be_visible()
    record.page.unroute("**/sandbox/card/fetch*")
    record.card.get_by_test_id("retry").click()
    assert record.score() >= 0


def test_a_disconnected_account_is_told_so(record: Record, stage: Stage) -> None:
    stage.set_state("needs_reconnect")
    try:
        record.open(stage.leads[0])
        expect(record.card.get_by_test_id("disconnected")).to_be_visible()
    finally:
        stage.set_state("connected")


def test_an_outage_is_survived(record: Record, stage: Stage) -> None:
    shown = record.open(stage.leads[0]).score()
    stage.run.kill("web")
    try:
        record.card.get_by_test_id("rescore").click()
        expect(record.card.get_by_test_id("verdict")).to_contain_text("cannot be reached")
        expect(record.card.get_by_test_id("stale")).to_be_visible()
        assert record.score() == shown
        record.open(stage.leads[1])
        expect(record.card.get_by_test_id("problem-unavailable")).to_be_visible()
    finally:
        stage.restart_web()
    record.card.get_by_test_id("retry").click()
    assert record.score() >= 0


def test_switching_records_quickly_shows_the_last_ones_score(record: Record, stage: Stage) -> None:
    first, second = stage.leads[0], stage.leads[-1]
    for contact_id in (first, second, first, second):
        record.page.goto(stage.address(contact_id), wait_until="commit")
        time.sleep(0.05)
    assert str(record.score()) == stage.property_of(second, "ai_lead_score")


def test_the_card_works_by_keyboard_alone(record: Record, stage: Stage) -> None:
    record.open(stage.to_call[-1]).score()
    reached: list[str] = []
    record.card.get_by_test_id("create-task").focus()
    for _ in range(12):
        reached.append(record.page.evaluate("document.activeElement.innerText.trim()"))
        if reached[-1] == "Rescore":
            break
        record.page.keyboard.press("Tab")
    assert reached[0] == "Create task" and reached[-1] == "Rescore"
    record.page.keyboard.press("Enter")
    expect(record.card.get_by_test_id("verdict")).to_be_visible(timeout=PATIENCE_MS)
    record.page.get_by_role("tab", name="Activity").focus()
    record.page.keyboard.press("ArrowRight")
    expect(record.page.get_by_test_id("history")).to_be_visible()


def test_everything_that_can_be_used_or_seen_has_a_name(record: Record, stage: Stage) -> None:
    record.open(stage.leads[0]).score()
    record.card.get_by_test_id("disagree").click()
    nameless = record.card.evaluate(
        """card => [...card.querySelectorAll('button, select, [role=img], [role=progressbar]')]
          .filter(e => !(e.innerText || e.getAttribute('aria-label') || e.labels?.length))
          .map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert record.card.get_by_role("img", name="Score").count() == 1


def test_the_card_fits_a_phone(page: Page, record: Record, stage: Stage) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    record.open(stage.leads[0]).score()
    for button in ("factors", "Similar clients", "In words"):
        record.card.get_by_role("button", name=button).click()
    record.card.get_by_test_id("disagree").click()
    wider = page.evaluate(
        """() => [...document.querySelectorAll('section.card *')]
          .filter(e => !e.closest('.hs-scroll') && e.getBoundingClientRect().right > 321)
          .map(e => e.className || e.tagName)"""
    )
    assert wider == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_settings_page_shows_the_connection(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.run.stage.sandbox}/sandbox/app-settings")
    expect(page.get_by_test_id("connected")).to_contain_text("Live: scores are written")


def test_the_card_has_no_network_of_its_own(page: Page, stage: Stage) -> None:
    """All its requests go through the signing proxy."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    Record(page, stage).open(stage.leads[0]).score()
    assert not [url for url in asked if url.startswith(stage.run.stage.web)]
