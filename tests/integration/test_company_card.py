"""The card on a company: its score adds up, its leads are ranked, and who is missing. SQLite and
Postgres."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from backend.jobs.carry_accesses import carry_accesses
from backend.model import MirrorRecord
from backend.scoring.account import FURTHER_POINTS
from backend.services.scoring.accounts import account_of
from backend.storage.access import access_log
from backend.storage.leads import mirror
from backend.storage.portals import portals
from tests.integration.api.conftest import OWN, Desk, desk
from tests.integration.api.fill import AT, TRAITS, fill
from tests.integration.conftest import PORTAL, Connected
from tests.support.card import ask

__all__ = ["desk"]


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


def of_departments(desk: Desk, ids: range, departments: list[str], outcome: str) -> None:
    """Leads 101, 102, … with these departments in turn."""
    traits = replace(TRAITS, outcome=outcome, outcome_at=AT if outcome else None)
    fill(desk, [(str(n), 70, f"Person {n}") for n in ids], traits=traits)
    records = [
        MirrorRecord("contacts", str(n), {"department": departments[i % len(departments)]}, AT)
        for i, n in enumerate(ids)
    ]
    with desk.product.stores.database.write() as conn:
        mirror.save(conn, OWN, records)


def missing_at(desk: Desk, present: list[str]) -> list[tuple[str, float]]:
    """Of a company whose two leads work in `present`."""
    of_departments(desk, range(901, 903), present, "")
    with desk.product.stores.database.write() as conn:
        mirror.link(conn, OWN, [(str(n), "companies", "55") for n in range(901, 903)])
        found = account_of(conn, portals.get(conn, OWN), "55", AT)
    assert found is not None
    return [(one.department, one.share) for one in found.absent]


def test_who_is_missing_is_a_department_of_won_contacts_that_the_company_lacks(desk: Desk) -> None:
    won = ["finance", "finance", "sales", "sales", "sales", "operations", "operations", "legal"]
    of_departments(desk, range(101, 117), [*won, *won], "won")
    assert missing_at(desk, ["sales", "finance"]) == [("operations", 0.25)]  # legal is too rare
    assert missing_at(desk, ["sales", "sales"]) == [("finance", 0.25), ("operations", 0.25)]
    everybody = missing_at(desk, ["marketing", "marketing"])
    assert [name for name, _ in everybody] == ["sales", "finance"]  # two at most


def test_with_few_won_contacts_nobody_is_said_to_be_missing(desk: Desk) -> None:
    of_departments(desk, range(101, 115), ["finance"], "won")
    of_departments(desk, range(201, 240), ["finance"], "lost")
    assert missing_at(desk, ["sales"]) == []


def test_whoever_is_engaged_adds_to_the_company_with_or_without_a_model(desk: Desk) -> None:
    fill(desk, [("101", 70, "Ada"), ("102", 60, "Grace"), ("103", 50, "Alan")])
    facts = {"kind": "call", "direction": "in", "occurred_at": AT.isoformat()}
    call = MirrorRecord("calls", "7", facts, AT)
    with desk.product.stores.database.write() as conn:
        mirror.link(conn, OWN, [(str(n), "companies", "55") for n in (101, 102, 103)])
        mirror.save(conn, OWN, [call])
        mirror.link(conn, OWN, [("103", "calls", "7")])
        found = account_of(conn, portals.get(conn, OWN), "55", AT)
    assert found is not None
    assert [(part.contact_id, part.points) for part in found.score.parts] == [
        ("101", 70),
        ("103", FURTHER_POINTS[0]),
    ]


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
