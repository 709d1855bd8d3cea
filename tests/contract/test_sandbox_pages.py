"""The pages people use: the contact list, the record, the edits made there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.testing import QUICK, RunningSandbox, running_sandbox


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=80)) as running:
        yield running


def get(sandbox: RunningSandbox, path: str) -> tuple[int, str]:
    answer = sandbox.session.get(f"{sandbox.url}{path}", timeout=10)
    return answer.status_code, answer.text


def test_the_list_is_searched_and_paged(sandbox: RunningSandbox) -> None:
    made = sandbox.control(
        "POST", "/portals/4242001/contacts", {"properties": {"firstname": "Zebulon"}}
    )
    status, page = get(sandbox, "/contacts?q=zebulon")
    assert status == 200 and page.count(f"/contacts/{made['id']}?") == 1
    assert "Older contacts" in get(sandbox, "/contacts")[1]
    assert "No contact matches" in get(sandbox, "/contacts?q=nobody-at-all")[1]


def test_hostile_values_are_shown_as_text(sandbox: RunningSandbox) -> None:
    evil = "<script>alert(1)</script>"
    made = sandbox.control(
        "POST",
        "/portals/4242001/contacts",
        {"properties": {"firstname": evil, "message": f'"{evil}', "lastname": "{{7*7}}"}},
    )
    page = get(sandbox, f"/contacts/{made['id']}")[1]
    assert evil not in page and "&lt;script&gt;" in page and "{{7*7}}" in page
    assert evil not in get(sandbox, "/contacts")[1]


def test_a_record_shows_company_deals_activity_and_the_place_of_the_card(
    sandbox: RunningSandbox,
) -> None:
    deals = sandbox.portal.associations
    contact = next(
        r.record_id
        for r in sandbox.portal.stores["contacts"]
        if deals.of("contacts", r.record_id, "deals")
        and deals.of("contacts", r.record_id, "companies")
        and deals.of("contacts", r.record_id, "emails")
    )
    page = get(sandbox, f"/contacts/{contact}")[1]
    assert '<div id="card-slot"' in page and "not HubSpot" in page
    assert "Companies (1)" in page and "Deals (1)" in page and "email" in page


def test_the_form_edits_as_a_person(sandbox: RunningSandbox) -> None:
    contact = next(iter(sandbox.portal.stores["contacts"]))
    form = {**contact.properties, "jobtitle": "Chief Tester"}
    sandbox.session.post(f"{sandbox.url}/contacts/{contact.record_id}", data=form, timeout=10)
    newest = contact.versions("jobtitle")[0]
    assert newest.value == "Chief Tester" and newest.source.kind == "CRM_UI"
    bad = sandbox.session.post(
        f"{sandbox.url}/contacts/{contact.record_id}", data={**form, "email": "x"}, timeout=10
    )
    assert bad.status_code == 400 and "invalid" in bad.text
    assert contact.properties["jobtitle"] == "Chief Tester"


def test_an_activity_is_logged_by_hand(sandbox: RunningSandbox) -> None:
    contact = next(iter(sandbox.portal.stores["contacts"]))
    before = len(sandbox.portal.stores["emails"])
    path = f"{sandbox.url}/contacts/{contact.record_id}/activity"
    form = {"kind": "emails:INCOMING_EMAIL", "text": "Please call"}
    page = sandbox.session.post(path, data=form, timeout=10)
    assert page.status_code == 200 and "Please call" in page.text
    assert len(sandbox.portal.stores["emails"]) == before + 1
    assert "hs_sales_email_last_replied" in contact.properties


def test_a_contact_that_does_not_exist_has_a_page_saying_so(sandbox: RunningSandbox) -> None:
    status, page = get(sandbox, "/contacts/999999")
    assert status == 404 and "does not exist" in page
