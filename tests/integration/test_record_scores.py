"""Scores on companies and deals in HubSpot: written with the scopes, in step with the leads,
emptied once, and off where a scope is missing. SQLite and Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from backend.jobs.flush_writes import flush_writes
from backend.ports import Update
from backend.services import records
from backend.services.portals.disconnect import disconnect
from backend.services.privacy.erase import erase
from backend.services.scoring.accounts import account_of, account_scores
from backend.services.scoring.deals import deal_leads
from backend.services.scoring.record_values import computed
from backend.storage.leads import mirror
from backend.storage.outbox import due_rows, writes
from backend.storage.outbox.writes import Queue
from backend.storage.portals import portals
from backend.storage.tables import portals as tables
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import settle
from tests.support.records import all_due, shown
from tests.support.writes import fault


def accounts(connected: Connected) -> dict[str, Any]:
    """What the company cards say, by company."""
    ids = [str(one.record_id) for one in connected.sandbox.portal.stores["companies"]]
    database, now = connected.product.stores.database, connected.product.stores.clock.now()
    with database.read() as conn:
        portal = portals.get(conn, PORTAL)
        found = {one: account_of(conn, portal, one, now) for one in ids}
        many = account_scores(conn, portal, ids, now)
    assert many == {one: account.score for one, account in found.items() if account}
    return {one: account.score for one, account in found.items() if account}


def waiting(connected: Connected, *, parked: bool = False) -> int:
    with connected.product.stores.database.read() as conn:
        return sum(due_rows.count(conn, box, PORTAL, parked=parked) for box in due_rows.RECORDS)


def test_every_company_shows_what_its_card_says(live: Connected) -> None:
    wanted = {
        company_id: {"ai_account_score": str(one.score), "ai_account_fit": one.band.value}
        for company_id, one in accounts(live).items()
    }
    assert len(wanted) > 3
    assert shown(live, "companies") == wanted
    assert waiting(live) == 0


def test_every_deal_shows_its_best_contact_then_and_now(live: Connected) -> None:
    found = shown(live, "deals")
    with live.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
        for one in live.sandbox.portal.stores["deals"]:
            deal_id = str(one.record_id)
            deal = deal_leads(conn, portal, deal_id)
            scores = [lead.now for lead in deal.leads if lead.now is not None] if deal else []
            best = str(max(scores)) if scores else None
            assert found.get(deal_id, {}).get("ai_deal_score_now") == best
    assert found


def leads_of(connected: Connected, company_id: str) -> list[str]:
    with connected.product.stores.database.read() as conn:
        return mirror.contacts_of(conn, PORTAL, "companies", [company_id])[company_id]


def some_company(connected: Connected) -> str:
    return max(shown(connected, "companies"), key=lambda one: (len(leads_of(connected, one)), one))


def calls(connected: Connected) -> int:
    found = connected.sandbox.control("GET", "/stats")["calls"]
    return sum(n for name, n in found.items() if name.endswith("companies/batch/update"))


def no_leads(connected: Connected, contact_ids: list[str]) -> None:
    for contact_id in contact_ids:
        connected.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "customer"})
    settle(connected)
    all_due(connected)


def test_a_company_without_leads_is_emptied_once(live: Connected) -> None:
    company_id = some_company(live)
    no_leads(live, leads_of(live, company_id))
    assert company_id not in shown(live, "companies")
    before = calls(live)
    with live.product.stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        records.mark(conn, portal, leads_of(live, company_id), live.product.stores.clock.now())
    live.run()
    assert (calls(live), waiting(live)) == (before, 0)


def test_a_lead_that_leaves_a_company_no_longer_counts_there(live: Connected) -> None:
    company_id = some_company(live)
    for contact_id in leads_of(live, company_id):
        pair = f"contacts/{contact_id}/associations/companies/{company_id}"
        token = live.product.hubspot.keeper.access_token(PORTAL)
        path = f"/crm/v4/objects/{pair}"
        live.sandbox.api("DELETE", path, token=token).raise_for_status()
    settle(live)
    all_due(live)
    assert company_id not in shown(live, "companies")


def test_erased_leads_leave_their_company(live: Connected) -> None:
    company_id = some_company(live)
    erase(live.product, PORTAL, leads_of(live, company_id))
    all_due(live)
    assert company_id not in shown(live, "companies")


def mark_again(connected: Connected, company_id: str, score: str) -> None:
    """As if HubSpot had another score of the company."""
    product = connected.product
    with product.stores.database.write() as conn:
        values = {"ai_account_score": score, "ai_account_fit": "Low"}
        now = product.stores.clock.now()
        writes.remember(conn, PORTAL, {company_id: (values, now)}, now, queue=writes.COMPANIES)
        writes.mark(conn, writes.COMPANIES, PORTAL, [company_id], now)


def test_a_lost_answer_is_compared_with_hubspot_before_writing_again(live: Connected) -> None:
    company_id = some_company(live)
    wanted = shown(live, "companies")[company_id]
    mark_again(live, company_id, "1")
    path = "/crm/objects/*/companies/batch/update"
    fault(live, effect="drop", path=path, after=True, times=1)
    flush_writes(live.product, PORTAL)
    assert waiting(live) == 1
    before = calls(live)
    all_due(live)
    assert (calls(live), waiting(live)) == (before, 0)
    assert shown(live, "companies")[company_id] == wanted


def test_a_company_that_hubspot_no_longer_has_is_let_be(live: Connected) -> None:
    company_id = some_company(live)
    live.sandbox.portal.stores["companies"].remove(int(company_id))
    mark_again(live, company_id, "1")
    live.run()
    assert waiting(live) == waiting(live, parked=True) == 0


def test_a_deleted_property_is_made_again(live: Connected) -> None:
    company_id = some_company(live)
    token = live.product.hubspot.keeper.access_token(PORTAL)
    path = "/crm/properties/2026-09/companies/ai_account_fit"
    live.sandbox.api("DELETE", path, token=token).raise_for_status()
    mark_again(live, company_id, "1")
    all_due(live)
    assert shown(live, "companies")[company_id]["ai_account_fit"]


def test_without_the_scope_nothing_is_written_and_setup_says_so(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        scopes = portals.get(conn, PORTAL).scopes
        kept = [one for one in scopes if one != "crm.objects.companies.write"]
        conn.execute(sa.update(tables.portals).values(scopes=kept))
    connected.go_live()
    all_due(connected)
    assert shown(connected, "companies") == {}
    assert shown(connected, "deals")
    with connected.product.stores.database.read() as conn:
        portal = portals.get(conn, PORTAL)
    assert "company scores" in portal.installation["refused"]
    assert "crm.objects.companies.write" in portal.installation["refused_why"]["company scores"]


def test_a_portal_in_shadow_mode_marks_nothing(connected: Connected) -> None:
    with connected.product.stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        records.mark(conn, portal, sorted(connected.scores()), connected.product.stores.clock.now())
    assert waiting(connected) == 0


def test_disconnecting_takes_the_properties_out(live: Connected) -> None:
    disconnect(live.product, PORTAL, archive=True, actor="test")
    left = [one.name for one in live.sandbox.portal.catalogs["companies"].all()]
    assert not [name for name in left if name.startswith("ai_")]


def test_what_a_killed_flusher_sent_is_written_over_although_the_score_came_back(
    live: Connected,
) -> None:
    """The company's score is W in HubSpot, 1 is sent and its flusher killed, and it is W again."""
    company_id, product = some_company(live), live.product
    wanted = shown(live, "companies")[company_id]
    mark_again(live, company_id, "1")
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        portal = portals.get(conn, PORTAL)
        batch = writes.due(conn, PORTAL, now, queue=writes.COMPANIES)
    assert computed(product.stores, portal, writes.COMPANIES, batch, now)
    other = Update(company_id, {"ai_account_score": "1"})
    product.hubspot.crm(PORTAL).update("companies", [other])
    with product.stores.database.write() as conn:
        known = {company_id: (wanted, now)}
        writes.remember(conn, PORTAL, known, now, queue=writes.COMPANIES)
    all_due(live)
    assert (shown(live, "companies")[company_id], waiting(live)) == (wanted, 0)


def statements(connected: Connected, queue: Queue, object_ids: Sequence[str]) -> int:
    """How many are executed to compute what is to be written on these records."""
    stores = connected.product.stores
    now, asked = stores.clock.now(), []

    def hear(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        asked.append(text)

    with stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        writes.mark(conn, queue, PORTAL, object_ids, now)
        batch = writes.due(conn, PORTAL, now, queue=queue)
    assert len(batch) == len(object_ids)
    sa.event.listen(stores.database.engine, "before_cursor_execute", hear)
    computed(stores, portal, queue, batch, now)
    sa.event.remove(stores.database.engine, "before_cursor_execute", hear)
    return len(asked)


def test_a_batch_of_records_takes_as_many_statements_as_one_record(live: Connected) -> None:
    for queue in writes.RECORDS:
        ids = sorted(shown(live, queue.object_type))
        if queue is writes.COMPANIES:  # the one with the most leads, then all others
            ids.sort(key=lambda one: -len(leads_of(live, one)))
        assert len(ids) > 3
        one, all_of_them = statements(live, queue, ids[:1]), statements(live, queue, ids[:90])
        assert one == all_of_them, queue.object_type
