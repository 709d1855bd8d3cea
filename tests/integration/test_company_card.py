"""The card on a company: its score adds up, its leads are ranked, and who is missing. SQLite and
Postgres."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from backend.jobs.carry_accesses import carry_accesses
from backend.scoring.account import FURTHER_POINTS
from backend.storage.access import access_log
from backend.storage.leads import mirror
from backend.storage.portals import portals
from tests.integration.conftest import PORTAL, Connected
from tests.support.card import ask


def companies(connected: Connected) -> dict[str, list[str]]:
    """The scored leads of each company."""
    scored = set(connected.scores())
    ids = [str(one.record_id) for one in connected.sandbox.portal.stores["companies"]]
    with connected.product.stores.database.read() as conn:
        found = mirror.contacts_of(conn, PORTAL, "companies", ids)
    theirs = {
        company_id: leads
        for company_id, contacts in found.items()
        if (leads := [one for one in contacts if one in scored])
    }
    assert len(theirs) > 3
    return theirs


def card(connected: Connected, company_id: str) -> Any:
    status, answer = ask(connected, f"/card/company?companyId={company_id}")
    assert (status, answer["ok"]) == (200, True), answer
    return answer["account"]


def test_every_companys_score_is_its_leads_points_added_up(connected: Connected) -> None:
    scores = connected.scores()
    for company_id, contact_ids in companies(connected).items():
        account = card(connected, company_id)
        ranked = [(lead["score"], lead["contact_id"]) for lead in account["leads"]]
        assert {contact_id for _, contact_id in ranked} <= set(contact_ids)
        assert len(ranked) + account["further"] == len(contact_ids)
        assert [score for score, _ in ranked] == sorted((s for s, _ in ranked), reverse=True)
        best = max(scores[contact_id].score for contact_id in contact_ids)
        assert account["leads"][0]["adds"] == account["leads"][0]["score"] == best
        assert best <= account["score"] <= min(100, best + sum(FURTHER_POINTS))
        if not account["further"]:
            assert account["score"] == sum(lead["adds"] for lead in account["leads"])


def test_who_is_missing_is_a_department_of_won_contacts_that_the_company_lacks(
    connected: Connected,
) -> None:
    for company_id in companies(connected):
        account = card(connected, company_id)
        here = {lead["department"] for lead in account["leads"]}
        for absent in account["absent"]:
            assert absent["department"]
            assert absent["department"] not in here or account["further"]
            assert 0.15 <= absent["share"] <= 1


def test_a_company_without_leads_and_one_nobody_knows_say_the_same(connected: Connected) -> None:
    for company_id in ("999999999", "", "x", "1'--", "9" * 40):
        status, answer = ask(connected, f"/card/company?companyId={quote(company_id)}")
        assert (status, answer["ok"], answer["code"]) == (200, False, "not_scored")


def test_another_portal_does_not_see_it(connected: Connected) -> None:
    company_id = next(iter(companies(connected)))
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        portals.install(conn, 555, client_id="c", name="", now=now)
    _, answer = ask(connected, f"/card/company?companyId={company_id}", portal_id=555)
    assert (answer["ok"], answer["code"]) == (False, "not_scored")
    _, answer = ask(connected, f"/card/company?companyId={company_id}", portal_id=777)
    assert answer["code"] == "disconnected"


def test_who_read_a_company_stands_in_the_access_log(connected: Connected) -> None:
    company_id = next(iter(companies(connected)))
    card(connected, company_id)
    carry_accesses(connected.product.stores)
    with connected.product.stores.database.read() as conn:
        noted = [access for _, access in access_log.listed(conn, PORTAL)]
    assert ("hubspot:7", f"companies/{company_id}") in [(one.actor, one.subject) for one in noted]
