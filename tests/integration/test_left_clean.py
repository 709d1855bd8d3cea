"""HubSpot is left clean: what is no lead any more, words that are no stage, an app that is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from backend.errors import BadChoice
from backend.model import PortalSettings, Urgency
from backend.services import settings
from backend.storage.leads import due_leads
from backend.storage.outbox import due_rows
from backend.storage.portals import portals
from backend.storage.tables.portals import portals as portals_table
from tests.integration.conftest import PORTAL, Connected
from tests.support.pipeline import hear, settle, some_lead, waiting_events


def excluding(*stages: str):
    def wanted(before: PortalSettings) -> PortalSettings:
        rules = replace(before.eligibility, excluded_lifecycle_stages=stages)
        return replace(before, eligibility=rules)

    return wanted


def stages(connected: Connected) -> tuple[str, ...]:
    with connected.product.stores.database.read() as conn:
        return portals.get(conn, PORTAL).settings.eligibility.excluded_lifecycle_stages


def test_a_contact_that_is_no_lead_any_more_has_its_properties_emptied_once(
    live: Connected,
) -> None:
    contact_id = some_lead(live)
    assert live.properties(contact_id)["ai_lead_score"]
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "customer"})
    hear(live, events)
    live.run()
    assert contact_id not in live.scores()
    assert {n: v for n, v in live.properties(contact_id).items() if v} == {}
    calls = live.sandbox.control("GET", "/stats")["calls"]
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, [contact_id], Urgency.BACKFILL, now, cause="backfill", refresh=False
        )
    live.run()
    with live.product.stores.database.read() as conn:
        assert due_rows.count(conn, due_rows.WRITES, PORTAL) == 0
    assert live.sandbox.control("GET", "/stats")["calls"] == calls
    events = waiting_events(live)
    live.ui("POST", f"/contacts/{contact_id}/properties", {"lifecyclestage": "lead"})
    hear(live, events)
    settle(live)
    assert live.properties(contact_id)["ai_lead_score"] == str(live.scores()[contact_id].score)


@pytest.mark.parametrize("word", ["custmer", "Customers", "kunde"])
def test_a_word_that_is_no_stage_is_refused_with_the_portal_s_stages(
    connected: Connected, word: str
) -> None:
    before = stages(connected)
    with pytest.raises(BadChoice, match=f"'{word}' is no lifecycle stage .*Customer"):
        settings.change(connected.product, PORTAL, excluding("evangelist", word), actor="t")
    assert stages(connected) == before


def test_a_stage_may_be_given_by_its_label(connected: Connected) -> None:
    settings.change(connected.product, PORTAL, excluding("Opportunity"), actor="t")
    assert stages(connected) == ("opportunity",)


def test_the_first_refusal_after_an_uninstall_erases_the_tokens(connected: Connected) -> None:
    world, app = connected.sandbox.world, connected.sandbox.app
    with world.lock:
        world.uninstall(connected.sandbox.portal, app.app_id)
    product = connected.product
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        ids = [some_lead(connected)]
        due_leads.mark_due(conn, PORTAL, ids, Urgency.PERSON, now, cause="person", refresh=True)
    connected.run()
    with product.stores.database.read() as conn:
        row = conn.execute(sa.select(portals_table)).one()
    assert row.state == "needs_reconnect"
    assert (row.access_token_sealed, row.refresh_token_sealed) == (None, None)
