"""A lead that is held out gets no task, message, list or workflow; its score stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import BadChoice, Conflict
from backend.model import Band, Mode, Urgency
from backend.security.audit import chain_key, verify
from backend.services.merging import follow_merges
from backend.services.routing import holdout
from backend.services.routing.capacity import capacity, top_of_the_week
from backend.services.routing.confirm import propose
from backend.services.routing.holdout_arms import assign, company_mac, is_held
from backend.services.settings import sealed_address
from backend.services.workflow_action import begin as run_workflow
from backend.storage.access import audit
from backend.storage.outbox import demand, holdouts, notifications
from backend.storage.outbox.holdouts import Holdout
from backend.storage.tables.leads import band_entries
from backend.storage.tables.outbox import routings
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.integration.routes import (
    flush,
    lists_of,
    open_tasks,
    routes_of,
    score_as,
    set_routing,
)
from tests.support.impact import count, portal_of

SECRET = ENVIRON["SESSION_SECRET"]


def begin(connected: Connected, share: int, *, holdout_id: str = "h1") -> None:
    """Without a plan; a share of 100 holds everybody out, 0 nobody."""
    now = connected.product.stores.clock.now()
    with connected.product.stores.database.write() as conn:
        holdouts.begin(conn, PORTAL, Holdout(holdout_id, share, 90, 500, "t", now))


def arms(connected: Connected) -> dict[str, bool]:
    with connected.product.stores.database.read() as conn:
        return {one.contact_id: one.held for one in holdouts.members(conn, PORTAL, "h1")}


def some(connected: Connected, number: int = 1) -> list[str]:
    return sorted(connected.scores())[3 : 3 + number]


def waiting_messages(connected: Connected) -> list[str]:
    with connected.product.stores.database.read() as conn:
        due = notifications.due(conn, PORTAL, connected.product.stores.clock.now())
    return [one.contact_id for one in due]


def hear(connected: Connected) -> None:
    """The portal has a channel that hears of High leads."""
    sealed = sealed_address(connected.product.stores, PORTAL, "https://hooks.example.com/x")
    set_routing(connected, notification_url_sealed=sealed)


def test_a_lead_that_is_held_out_gets_nothing_and_keeps_its_score(live: Connected) -> None:
    held, other = some(live, 2)
    score_as(live, {held: 40, other: 40})
    score_as(live, {held: 60})
    flush(live)
    assert len(open_tasks(live, held)) == 1
    begin(live, 100)
    hear(live)
    score_as(live, {held: 91})
    assert arms(live) == {held: True}
    assert waiting_messages(live) == []
    flush(live)
    assert open_tasks(live, held) == []
    assert lists_of(live, held) == []
    kinds = [r.kind for r in routes_of(live, held) if r.band == "High"]
    assert not {"task", "notification", "priority_list"} & set(kinds)
    live.run()
    assert live.properties(held)["ai_lead_score"] == "91"
    assert live.properties(held)["ai_lead_fit"] == "High"
    score_as(live, {held: 60})
    score_as(live, {held: 95})
    flush(live)
    assert open_tasks(live, held) == [] and lists_of(live, held) == []


def test_a_lead_that_is_followed_up_gets_all_that_it_would_get(live: Connected) -> None:
    (contact_id,) = some(live)
    score_as(live, {contact_id: 40})
    begin(live, 0)
    hear(live)
    score_as(live, {contact_id: 91})
    assert arms(live) == {contact_id: False}
    assert waiting_messages(live) == [contact_id]
    set_routing(live, notification_url_sealed="")
    flush(live)
    assert len(open_tasks(live, contact_id)) == 1
    assert lists_of(live, contact_id) == ["priority"]


@pytest.mark.parametrize("urgency", [Urgency.EVENT, Urgency.PERSON, Urgency.BACKFILL])
def test_no_list_of_work_names_a_lead_that_is_held_out(live: Connected, urgency: Urgency) -> None:
    held = some(live, 3)
    score_as(live, dict.fromkeys(held, 40))
    begin(live, 100)
    score_as(live, dict.fromkeys(held, 99), urgency, "x")
    assert set(arms(live)) == set(held)
    stores, portal = live.product.stores, portal_of(live)
    with stores.database.write() as conn:
        conn.execute(
            sa.update(routings)
            .where(routings.c.contact_id.in_(held))
            .values(entered_at=stores.clock.now() - timedelta(days=9))
        )
    best = top_of_the_week(stores.database, stores.clock, portal, number=200)
    proposed = [one.contact_id for one in propose(stores.database, portal, [Band.HIGH]).tasks]
    with stores.database.read() as conn:
        _, untouched = demand.untouched(conn, PORTAL, limit=500)
        _, unowned = demand.untouched(conn, PORTAL, limit=500, unowned=True)
    named = {*best, *proposed, *(one.contact_id for one in (*untouched, *unowned))}
    assert not named & set(held)
    high = sum(load.demand.high for load in capacity(stores.database, stores.clock, portal))
    with stores.database.write() as conn:
        holdouts.end(conn, PORTAL, "h1", stores.clock.now())
    now_high = sum(load.demand.high for load in capacity(stores.database, stores.clock, portal))
    assert now_high == high + 3
    assert set(held) <= set(top_of_the_week(stores.database, stores.clock, portal, number=200))
    assert set(held) <= {
        one.contact_id for one in propose(stores.database, portal, [Band.HIGH]).tasks
    }


def test_a_workflow_learns_nothing_of_a_lead_that_is_held_out(live: Connected) -> None:
    held, other = some(live, 2)
    score_as(live, {held: 40, other: 40})
    begin(live, 100)
    score_as(live, {held: 91})
    stores, portal = live.product.stores, portal_of(live)
    assert run_workflow(stores, portal, "c1", held) == {"hs_execution_state": "SUCCESS"}
    assert run_workflow(stores, portal, "c1", held) == {"hs_execution_state": "SUCCESS"}
    assert run_workflow(stores, portal, "c2", other)["score"] == 40


def test_an_arm_is_never_changed_and_ends_with_its_experiment(live: Connected) -> None:
    (contact_id,) = some(live)
    score_as(live, {contact_id: 40})
    begin(live, 100)
    score_as(live, {contact_id: 91})
    with live.product.stores.database.write() as conn:
        conn.execute(sa.text("UPDATE holdouts SET share = 0"))
    score_as(live, {contact_id: 20})
    score_as(live, {contact_id: 91})
    assert arms(live) == {contact_id: True}
    flush(live)
    assert lists_of(live, contact_id) == []
    holdout.end(live.product.stores, PORTAL, actor="t")
    score_as(live, {contact_id: 92})
    flush(live)
    assert lists_of(live, contact_id) == ["priority"]
    assert arms(live) == {contact_id: True}
    with pytest.raises(Conflict, match="no holdout runs"):
        holdout.end(live.product.stores, PORTAL, actor="t")


def test_who_was_high_before_and_who_is_scored_in_shadow_mode_is_in_no_arm(
    live: Connected,
) -> None:
    before, shadow = some(live, 2)
    score_as(live, {before: 91, shadow: 40})
    begin(live, 100)
    score_as(live, {before: 95})
    live.set_mode(Mode.SHADOW)
    score_as(live, {shadow: 95})
    assert arms(live) == {}


def test_every_assignment_is_on_the_audit_trail_without_an_id(live: Connected) -> None:
    held = some(live, 5)
    score_as(live, dict.fromkeys(held, 40))
    begin(live, 100)
    score_as(live, dict.fromkeys(held, 91))
    with live.product.stores.database.read() as conn:
        rows = [row for row, _ in audit.chain(conn) if row.action == "holdout.assign"]
        assert verify(audit.chain(conn), chain_key(SECRET)) == []
    (row,) = rows
    assert row.detail["held_out"]["count"] == 5
    assert row.detail["followed_up"]["count"] == 0
    assert all(one.startswith("mac:") for one in row.detail["held_out"]["first"])


def test_colleagues_share_an_arm_and_portals_and_experiments_do_not(live: Connected) -> None:
    with live.product.stores.database.write() as conn:
        now = live.product.stores.clock.now()
        one = Holdout("h1", 50, 90, 500, "t", now)
        holdouts.begin(conn, PORTAL, one)
        companies = {str(n): f"company{n % 50}.example" for n in range(200)}
        assign(conn, SECRET, PORTAL, one, companies, now)
        alone = {f"9{n}": "" for n in range(100)}
        assign(conn, SECRET, PORTAL, one, alone, now)
    found = arms(live)
    by_company = {companies[cid]: held for cid, held in found.items() if cid in companies}
    assert all(found[cid] is by_company[name] for cid, name in companies.items())
    assert 10 < sum(by_company.values()) < 40
    assert 25 < sum(found[cid] for cid in alone) < 75
    macs = {
        company_mac(secret, portal, name, "acme.example")
        for secret in ("a", "b")
        for portal in (1, 2)
        for name in ("h1", "h2")
    }
    assert len(macs) == 8


@pytest.mark.parametrize("share", [5, 10, 20])
def test_the_share_is_held(share: int) -> None:
    held = sum(is_held(company_mac("s", 1, "h", str(n)), share) for n in range(20_000))
    assert abs(held / 20_000 - share / 100) < 0.01


def test_a_merged_lead_keeps_its_arm(live: Connected) -> None:
    gone, survivor, third = some(live, 3)
    score_as(live, dict.fromkeys((gone, survivor, third), 40))
    begin(live, 100)
    score_as(live, {gone: 91})
    stores = live.product.stores
    for _ in range(2):
        follow_merges(stores.database, stores.clock, PORTAL, {survivor: [gone]})
    assert arms(live) == {survivor: True}
    with stores.database.write() as conn:
        conn.execute(sa.text("UPDATE holdouts SET share = 0"))
    score_as(live, {third: 91})
    follow_merges(stores.database, stores.clock, PORTAL, {third: [survivor]})
    assert arms(live) == {third: False}


def planned(connected: Connected) -> Any:
    """Months of High leads: 100 a month, of whom a third buys; then what the page says."""
    stores = connected.product.stores
    count(connected)
    now = stores.clock.now()
    with stores.database.write() as conn:
        conn.execute(sa.text("UPDATE portals SET created_at = :at"), {"at": now.replace(year=2024)})
        conn.execute(sa.delete(band_entries))
        rows = [
            {
                "portal_id": PORTAL,
                "contact_id": f"p{n}",
                "band": "High",
                "entered_at": now - timedelta(days=n % 90),
                "week": now.date(),
                "month": now.date(),
                "result": "won" if n % 3 == 0 else "lost",
            }
            for n in range(300)
        ]
        conn.execute(sa.insert(band_entries), rows)
    with stores.database.read() as conn:
        return holdout.preview(conn, portal_of(connected), 20, now)


def test_a_holdout_is_started_only_by_who_has_seen_what_it_costs(live: Connected) -> None:
    stores = live.product.stores
    with pytest.raises(Conflict, match="not been counted"):
        holdout.start(stores, PORTAL, 20, "x", actor="t")
    found = planned(live)
    assert found.plan is not None, found.problem
    assert round(found.plan.leads_a_month) == 101
    assert (round(found.plan.win_rate, 3), round(found.plan.alike, 1)) == (0.333, 1.0)
    months = [one or 99 for _, one in found.months]
    assert months == sorted(months, reverse=True)
    assert "High leads a month a lift of 30%" in found.sentence
    with pytest.raises(BadChoice):
        holdout.start(stores, PORTAL, 21, found.preview, actor="t")
    with pytest.raises(Conflict, match="look at it again"):
        holdout.start(stores, PORTAL, 10, found.preview, actor="t")
    made = holdout.start(stores, PORTAL, 20, found.preview, actor="t")
    with pytest.raises(Conflict, match="runs already"):
        holdout.start(stores, PORTAL, 20, found.preview, actor="t")
    with stores.database.read() as conn:
        told = holdout.readout(conn, portal_of(live), made, stores.clock.now())
    assert told.verdict == "early"
    assert "cannot be told yet" in told.sentence
    live.set_mode(Mode.SHADOW)
    holdout.end(stores, PORTAL, actor="t")
    with pytest.raises(Conflict, match="live"):
        holdout.start(stores, PORTAL, 20, found.preview, actor="t")
