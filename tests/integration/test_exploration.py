"""A share of the newly Low leads is offered once, says why, and stays Low on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

import pytest
import sqlalchemy as sa

from backend.errors import BadChoice, Conflict
from backend.learning.data.arms import Arm
from backend.learning.data.outcomes import WEIGHT_COLUMN
from backend.model import Band, Mode, NextAction, Urgency
from backend.scoring.route import Route
from backend.security.audit import chain_key, verify
from backend.services.learning.gather import gather
from backend.services.learning.labels import labelled
from backend.services.learning.report import arms_sentence
from backend.services.merging import follow_merges
from backend.services.routing import exploration
from backend.services.routing.decide import RouteCause, route_scores
from backend.services.routing.exploration_arms import assign, eligible, exploration_mac
from backend.services.routing.holdout_arms import company_mac, is_held
from backend.storage.access import audit
from backend.storage.outbox import experiments, explorations, holdouts
from backend.storage.outbox.explorations import Exploration, Explored
from backend.storage.outbox.holdouts import Holdout, Member
from backend.storage.privacy import personal_data
from backend.storage.tables.leads import (
    band_entries,
    lead_summaries,
    mirror_links,
    mirror_objects,
)
from backend.storage.tables.outbox import exploration_leads, routings
from backend.vocabulary import OFFERED_WORDS, Flag
from tests.integration.conftest import ENVIRON, PORTAL, Connected
from tests.integration.routes import (
    flush,
    lists_of,
    open_tasks,
    our_tasks,
    routes_of,
    score_as,
)
from tests.support.card import ask
from tests.support.impact import asked, count, portal_of
from tests.support.training import LARGE, ON_SQLITE

SECRET = ENVIRON["SESSION_SECRET"]
AT = datetime(2026, 11, 1, tzinfo=UTC)
CALM: dict[str, Any] = {"next_action": NextAction.NURTURE, "flags": ()}  # may be offered


def begin(
    connected: Connected, share: int = 100, *, per_week: int = 50, name: str = "x1"
) -> Exploration:
    """Without a plan; a share of 100 offers everybody, 0 nobody."""
    made = Exploration(name, share, per_week, 90, "t", connected.product.stores.clock.now())
    with connected.product.stores.database.write() as conn:
        explorations.begin(conn, PORTAL, made)
    return made


def arms(connected: Connected, name: str = "x1") -> dict[str, bool]:
    with connected.product.stores.database.read() as conn:
        return {one.contact_id: one.offered for one in explorations.members(conn, PORTAL, name)}


def new(connected: Connected, number: int = 1) -> list[str]:
    """Leads that have never been routed."""
    ids = sorted(connected.scores())[3 : 3 + number]
    with connected.product.stores.database.write() as conn:
        conn.execute(
            sa.update(routings)
            .where(routings.c.contact_id.in_(ids))
            .values(band=None, settled=None, entered_at=None)
        )
        conn.execute(
            sa.update(lead_summaries)
            .where(lead_summaries.c.contact_id.in_(ids))
            .values(first_touch_at=None, last_touch_at=None)
        )
    return ids


def is_offered(connected: Connected, contact_id: str) -> bool:
    stores = connected.product.stores
    with stores.database.read() as conn:
        return explorations.is_offered(conn, PORTAL, contact_id, stores.clock.now())


def test_an_offered_lead_gets_one_task_that_says_why_and_stays_low(live: Connected) -> None:
    (contact_id,) = new(live)
    begin(live)
    score_as(live, {contact_id: 20}, **CALM)
    assert arms(live) == {contact_id: True}
    flush(live)
    (task,) = open_tasks(live, contact_id)
    assert OFFERED_WORDS in task.properties["hs_task_body"]
    assert "once: offered to learn from" in task.properties["hs_task_subject"]
    assert (task.properties["hs_task_type"], task.properties["hs_task_priority"]) == ("CALL", "LOW")
    assert lists_of(live, contact_id) == ["nurture"]
    live.run()
    assert live.properties(contact_id)["ai_lead_score"] == "20"
    assert live.properties(contact_id)["ai_lead_fit"] == "Low"
    assert live.properties(contact_id)["ai_next_best_action"] == "Nurture"
    _, answer = ask(live, f"/card/lead?contactId={contact_id}")
    assert answer["lead"]["offered"] == OFFERED_WORDS
    assert answer["lead"]["next_action"] == "Nurture"


def test_a_lead_that_is_not_offered_gets_what_every_low_lead_gets(live: Connected) -> None:
    (contact_id,) = new(live)
    begin(live, 0)
    score_as(live, {contact_id: 20}, **CALM)
    assert arms(live) == {contact_id: False}
    flush(live)
    assert open_tasks(live, contact_id) == []
    assert not is_offered(live, contact_id)
    _, answer = ask(live, f"/card/lead?contactId={contact_id}")
    assert answer["lead"]["offered"] == ""


@pytest.mark.parametrize(
    "unfit",
    [
        {"flags": (Flag.JOB_SEEKER,)},
        {"flags": (Flag.COMPLAINT,)},
        {"flags": (Flag.MANIPULATION,)},
        {"flags": (Flag.READER_AWAY,)},  # what it wrote is not known yet
        {"next_action": NextAction.NONE},  # opted out, bounced, in a late deal
        {"next_action": NextAction.CALL},  # cannot be written to
        {"own_band": Band.LOW},  # set by hand
    ],
    ids=str,
)
def test_who_cannot_be_sold_to_is_in_no_arm(live: Connected, unfit: dict[str, Any]) -> None:
    (contact_id,) = new(live)
    begin(live)
    score_as(live, {contact_id: 20}, **CALM | unfit)
    assert arms(live) == {}
    assert [r.kind for r in routes_of(live, contact_id)].count(Route.OFFER_TASK) == 0


def test_only_a_first_score_by_an_event_counts_and_only_while_live(live: Connected) -> None:
    again, by_run, medium, shadow = new(live, 4)
    score_as(live, {again: 20}, **CALM)
    begin(live)
    score_as(live, {again: 21}, **CALM)  # Low before
    score_as(live, {by_run: 20}, Urgency.BACKFILL, "backfill", **CALM)
    score_as(live, {medium: 60}, **CALM)
    score_as(live, {medium: 20}, **CALM)  # was seen already
    live.set_mode(Mode.SHADOW)
    score_as(live, {shadow: 20}, **CALM)
    assert arms(live) == {}


def test_neither_the_disqualified_nor_a_company_that_a_holdout_leaves_alone_is_eligible(
    live: Connected,
) -> None:
    now = live.product.stores.clock.now()
    holdout = Holdout("h1", 20, 90, 500, "t", now)
    names = {str(n): f"company{n}.example" for n in range(1_000)}
    with live.product.stores.database.write() as conn:
        free = eligible(conn, SECRET, PORTAL, None, names)
        left = eligible(conn, SECRET, PORTAL, holdout, names)
    assert free == names
    out = {
        cid for cid, name in names.items() if is_held(company_mac(SECRET, PORTAL, "h1", name), 20)
    }
    assert out and set(left) == set(names) - out
    disqualified, open_again = "991", "992"
    states = {disqualified: ["disqualified"], open_again: ["disqualified", "open"]}
    with live.product.stores.database.write() as conn:
        for contact_id, some in states.items():
            for place, state in enumerate(some):
                lead_record(conn, contact_id, f"{contact_id}{place}", state)
        entering = dict.fromkeys(states, "")
        assert set(eligible(conn, SECRET, PORTAL, None, entering)) == {open_again}


def lead_record(conn: Any, contact_id: str, lead_id: str, state: str) -> None:
    row = {"portal_id": PORTAL, "object_type": "leads", "object_id": lead_id}
    conn.execute(sa.insert(mirror_objects).values(**row, facts={"state": state}, updated_at=AT))
    conn.execute(sa.insert(mirror_links).values(**row, contact_id=contact_id))


def test_a_lead_that_is_held_out_is_neither_offered_nor_named(live: Connected) -> None:
    (contact_id,) = new(live)
    begin(live)
    score_as(live, {contact_id: 20}, **CALM)
    flush(live)
    assert len(open_tasks(live, contact_id)) == 1 and is_offered(live, contact_id)
    now = live.product.stores.clock.now()
    with live.product.stores.database.write() as conn:
        holdouts.begin(conn, PORTAL, Holdout("h1", 100, 90, 500, "t", now))
    score_as(live, {contact_id: 91}, **CALM)
    flush(live)
    assert open_tasks(live, contact_id) == []
    score_as(live, {contact_id: 20}, **CALM)
    assert not is_offered(live, contact_id)


def test_an_import_is_not_offered_beyond_the_weeks_number(live: Connected) -> None:
    stores = live.product.stores
    one = begin(live, 10, per_week=5)
    entering = {f"9{n}": f"company{n}.example" for n in range(2_000)}
    now = stores.clock.now()
    for start in range(0, 2_000, 100):  # batches, as the scoring worker saves them
        part = {cid: entering[cid] for cid in list(entering)[start : start + 100]}
        with stores.database.write() as conn:
            assign(conn, SECRET, PORTAL, one, part, now)
    found = arms(live)
    assert sum(found.values()) == 5
    assert len(found) < 300  # whoever comes when they are used up is in no arm
    later = {f"8{n}": f"other{n}.example" for n in range(100)}
    with stores.database.write() as conn:
        assert not assign(conn, SECRET, PORTAL, one, later, now + timedelta(days=6))
        assert assign(conn, SECRET, PORTAL, one, later, now + timedelta(days=8))


@pytest.mark.parametrize("share", [1, 5, 10])
def test_the_share_is_held_and_colleagues_share_an_arm(live: Connected, share: int) -> None:
    stores, now = live.product.stores, live.product.stores.clock.now()
    one = begin(live, share, per_week=10_000)
    companies = {f"9{n}": f"company{n // 2}.example" for n in range(8_000)}
    with stores.database.write() as conn:
        assign(conn, SECRET, PORTAL, one, companies, now)
    found = arms(live)
    wanted = share / 100
    assert abs(sum(found.values()) / 8_000 - wanted) < 4 * sqrt(wanted * (1 - wanted) / 4_000)
    by_company = {companies[cid]: offered for cid, offered in found.items()}
    assert all(by_company[companies[cid]] is offered for cid, offered in found.items())


def test_the_key_is_an_explorations_own() -> None:
    macs = {exploration_mac("s", 1, "e", "acme"), exploration_mac("s", 2, "e", "acme")}
    assert len(macs | {exploration_mac("s", 1, "f", "acme"), company_mac("s", 1, "e", "acme")}) == 4


def test_a_repeated_event_makes_no_second_task_and_a_crash_leaves_all_or_nothing(
    live: Connected,
) -> None:
    (contact_id,) = new(live)
    begin(live)
    stores = live.product.stores
    score = live.scores()[contact_id]
    low = replace(score, score=20, unclamped=20, band=Band.LOW, **CALM)
    cause = {contact_id: RouteCause(Urgency.EVENT, "event")}

    class Crash(Exception):
        pass

    with pytest.raises(Crash), stores.database.write() as conn:
        route_scores(
            conn, SECRET, portal_of(live), {contact_id: low}, cause, {}, stores.clock.now()
        )
        raise Crash
    assert arms(live) == {}
    assert Route.OFFER_TASK not in [r.kind for r in routes_of(live, contact_id)]
    for _ in range(3):
        score_as(live, {contact_id: 20}, **CALM)
    assert [r.kind for r in routes_of(live, contact_id)].count(Route.OFFER_TASK) == 1
    flush(live)
    flush(live)
    assert len(our_tasks(live, contact_id)) == 1


def test_an_arm_is_never_changed_and_goes_with_an_erased_lead(live: Connected) -> None:
    contact_id, other = new(live, 2)
    begin(live)
    score_as(live, {contact_id: 20, other: 20}, **CALM)
    with live.product.stores.database.write() as conn:
        conn.execute(sa.text("UPDATE explorations SET share = 0"))
    new(live, 2)
    score_as(live, {contact_id: 20, other: 20}, **CALM)
    assert arms(live) == {contact_id: True, other: True}
    with live.product.stores.database.write() as conn:
        personal_data.remove(conn, PORTAL, [contact_id])
    assert arms(live) == {other: True}
    assert asked(live, "exploration")["items"][0]["offered"]["leads"] == 1


def test_an_offer_becomes_what_the_lead_becomes(live: Connected) -> None:
    rises, complains = new(live, 2)
    begin(live)
    score_as(live, {rises: 20, complains: 20}, **CALM)
    flush(live)
    score_as(live, {rises: 60}, **CALM)
    score_as(live, {complains: 18}, next_action=NextAction.NONE, flags=(Flag.COMPLAINT,))
    flush(live)
    (task,) = open_tasks(live, rises)
    assert len(our_tasks(live, rises)) == 1
    assert OFFERED_WORDS not in task.properties["hs_task_body"]
    assert open_tasks(live, complains) == []
    assert not is_offered(live, rises) and not is_offered(live, complains)


def test_a_task_that_a_rep_finished_is_not_made_again(live: Connected) -> None:
    (contact_id,) = new(live)
    begin(live)
    score_as(live, {contact_id: 20}, **CALM)
    flush(live)
    (task,) = open_tasks(live, contact_id)
    task.properties["hs_task_status"] = "COMPLETED"
    score_as(live, {contact_id: 22}, **CALM)
    flush(live)
    assert open_tasks(live, contact_id) == [] and len(our_tasks(live, contact_id)) == 1


def test_an_offer_is_over_once_the_lead_was_called_or_after_a_month(live: Connected) -> None:
    (contact_id,) = new(live)
    begin(live)
    score_as(live, {contact_id: 20}, **CALM)
    assert is_offered(live, contact_id)
    stores = live.product.stores
    now = stores.clock.now()
    with stores.database.read() as conn:
        assert not explorations.is_offered(conn, PORTAL, contact_id, now + timedelta(days=31))
    with stores.database.write() as conn:
        conn.execute(sa.update(lead_summaries).values(last_touch_at=now + timedelta(minutes=5)))
    assert not is_offered(live, contact_id)


def test_switched_off_nobody_new_is_offered_and_the_readout_stays(live: Connected) -> None:
    first, second = new(live, 2)
    begin(live)
    score_as(live, {first: 20}, **CALM)
    exploration.end(live.product.stores, PORTAL, actor="t")
    score_as(live, {second: 20}, **CALM)
    assert arms(live) == {first: True}
    assert is_offered(live, first)
    (one,) = asked(live, "exploration")["items"]
    assert (one["offered"]["leads"], one["ended_at"] is None) == (1, False)
    with pytest.raises(Conflict, match="no exploration runs"):
        exploration.end(live.product.stores, PORTAL, actor="t")


def test_every_assignment_is_on_the_audit_trail_without_an_id(live: Connected) -> None:
    ids = new(live, 4)
    begin(live)
    score_as(live, dict.fromkeys(ids, 20), **CALM)
    with live.product.stores.database.read() as conn:
        rows = [row for row, _ in audit.chain(conn) if row.action == "exploration.assign"]
        assert verify(audit.chain(conn), chain_key(SECRET)) == []
    (row,) = rows
    assert (row.detail["offered"]["count"], row.detail["not_offered"]["count"]) == (4, 0)
    assert all(one.startswith("mac:") for one in row.detail["offered"]["first"])


def test_a_merged_lead_keeps_its_arm(live: Connected) -> None:
    gone, survivor = new(live, 2)
    begin(live)
    score_as(live, {gone: 20}, **CALM)
    stores = live.product.stores
    for _ in range(2):
        follow_merges(stores.database, stores.clock, PORTAL, {survivor: [gone]})
    assert arms(live) == {survivor: True}


def test_an_exploration_is_started_only_by_who_has_seen_what_it_costs(live: Connected) -> None:
    stores = live.product.stores
    with pytest.raises(Conflict, match="not been counted"):
        exploration.start(stores, PORTAL, 5, 10, "x", actor="t")
    count(live)
    now = stores.clock.now()
    with stores.database.write() as conn:
        conn.execute(sa.text("UPDATE portals SET created_at = :at"), {"at": now.replace(year=2024)})
        conn.execute(sa.delete(band_entries))
        rows = [
            {
                "portal_id": PORTAL,
                "contact_id": f"p{n}",
                "band": "Low",
                "entered_at": now - timedelta(days=n % 90),
                "week": now.date(),
                "month": now.date(),
                "result": "won" if n % 50 == 0 else "lost",
            }
            for n in range(900)
        ]
        conn.execute(sa.insert(band_entries), rows)
    with stores.database.read() as conn:
        found = exploration.preview(conn, portal_of(live), 5, 10, now)
        capped = exploration.preview(conn, portal_of(live), 10, 4, now)
        for share, per_week in ((0, 10), (11, 10), (5, 0), (5, 101)):
            with pytest.raises(BadChoice):
                exploration.preview(conn, portal_of(live), share, per_week, now)
    assert found.sentence == (
        "About 3.5 more follow-ups a week: 5 % of the 70 leads that are newly Low in a week, and "
        "never more than 10 in seven days."
    )
    assert capped.offers_a_week == 4
    assert found.low_won is not None and found.low_won.share == 0.02
    with pytest.raises(Conflict, match="look at it again"):
        exploration.start(stores, PORTAL, 4, 10, found.preview, actor="t")
    exploration.start(stores, PORTAL, 5, 10, found.preview, actor="t")
    with pytest.raises(Conflict, match="runs already"):
        exploration.start(stores, PORTAL, 5, 10, found.preview, actor="t")
    exploration.end(stores, PORTAL, actor="t")
    live.set_mode(Mode.SHADOW)
    with pytest.raises(Conflict, match="live"):
        exploration.start(stores, PORTAL, 5, 10, found.preview, actor="t")


SUMS = """
SELECT offered, count(*) AS leads, count(DISTINCT company_mac) AS companies,
  sum(CASE WHEN touch_minutes IS NOT NULL THEN 1 ELSE 0 END) AS touched,
  sum(CASE WHEN result IN ('won', 'lost', 'untold') THEN 1 ELSE 0 END) AS complete,
  sum(CASE WHEN result = 'won' THEN 1 ELSE 0 END) AS won, sum(amount) AS amount
FROM exploration_leads
WHERE portal_id = :portal AND result <> 'before' GROUP BY offered
"""


@pytest.mark.parametrize("contacts", [200])
def test_every_sum_is_what_sql_says(connected: Connected) -> None:
    long_ago(connected)
    count(connected)
    (one,) = asked(connected, "exploration")["items"]
    with connected.product.stores.database.read() as conn:
        rows = list(conn.execute(sa.text(SUMS), {"portal": PORTAL}).mappings())
    assert {bool(row["offered"]) for row in rows} == {True, False}
    assert any(row["won"] for row in rows) and any(row["touched"] for row in rows)
    for row in rows:
        arm = one["offered" if row["offered"] else "not_offered"]
        assert (arm["leads"], arm["companies"]) == (row["leads"], row["companies"])
        assert (arm["touched"]["count"], arm["touched"]["of"]) == (row["touched"], row["leads"])
        assert (arm["won"]["count"], arm["won"]["of"]) == (row["won"], row["complete"])
        assert arm["amount"] == pytest.approx(row["amount"])
        assert (arm["won"]["share"] is None) == (row["complete"] < 10)
        assert (arm["touched"]["low"] is None) == (row["leads"] < 10)


def long_ago(connected: Connected, *, every: int = 3) -> list[str]:
    """Leads that were in an exploration when they became leads; every third was offered."""
    stores = connected.product.stores
    begin(connected, 5)
    pasts = [past for past, _ in labelled(stores, portal_of(connected)).decided]
    members = [
        Explored(
            past.snapshot.contact_id,
            f"{n // 2:064x}",
            n % every == 0,
            past.became_lead_at + timedelta(hours=1),
        )
        for n, past in enumerate(pasts)
    ]
    with stores.database.write() as conn:
        explorations.assign(conn, PORTAL, "x1", members)
    return [one.contact_id for one in members if one.offered]


@ON_SQLITE
@LARGE
def test_a_training_knows_the_arms_and_weighs_only_who_was_tried(connected: Connected) -> None:
    plain = gather(connected.product, portal_of(connected))
    assert WEIGHT_COLUMN not in plain.table.names
    assert plain.choices().weight is None
    assert (plain.arms, plain.worth) == ({}, len(plain.outcomes))
    offered = set(long_ago(connected))
    count(connected)
    found = gather(connected.product, portal_of(connected))
    with connected.product.stores.database.read() as conn:
        tried = {
            row.contact_id
            for row in conn.execute(
                sa.select(exploration_leads.c.contact_id).where(
                    exploration_leads.c.offered, exploration_leads.c.touch_minutes.is_not(None)
                )
            )
        }
    assert tried and tried < offered
    for outcome in found.outcomes:
        assert outcome.weight == (20.0 if outcome.contact_id in tried else 1.0)
        assert (outcome.arm is Arm.EXPLORED) == (outcome.contact_id in tried)
        assert (outcome.arm is Arm.NOT_TRIED) == (outcome.contact_id in offered - tried)
    assert found.choices().weight == WEIGHT_COLUMN
    assert found.summary()["arms"]["explored"] == sum(
        outcome.contact_id in tried for outcome in found.outcomes
    )
    assert found.worth < len(found.outcomes)
    told = arms_sentence(found.summary())
    assert "Low leads were tried because chance chose them" in told
    assert f"say as much as {round(found.worth):,} that count alike" in told
    assert arms_sentence(plain.summary()) == ""
    without = [name for name in found.table.names if name != WEIGHT_COLUMN]
    assert {n: found.table.columns[n] for n in without} == dict(plain.table.columns)


def test_who_was_tried_stays_that_whatever_a_holdout_did_later(live: Connected) -> None:
    ids = sorted(live.scores())[:3]
    now = live.product.stores.clock.now()
    begin(live, 10)
    with live.product.stores.database.write() as conn:
        explorations.assign(conn, PORTAL, "x1", [Explored(cid, "m", True, now) for cid in ids[:2]])
        done = {"result": "lost", "touch_minutes": 5, "amount": 0.0}
        explorations.counted(conn, PORTAL, "x1", [{"cid": ids[0], **done}])
        holdouts.begin(conn, PORTAL, Holdout("h1", 20, 90, 500, "t", now))
        holdouts.assign(conn, PORTAL, "h1", [Member(cid, "m", cid == ids[1], now) for cid in ids])
        found = experiments.of_portal(conn, PORTAL)
    assert [found[cid].arm for cid in ids] == [Arm.EXPLORED, Arm.HELD_OUT, Arm.TREATED]
    assert [found[cid].weight for cid in ids] == [10.0, 1.0, 1.0]
