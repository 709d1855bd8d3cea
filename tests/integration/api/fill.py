"""Leads without a CRM: rows as scoring leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.model import Band, Factor, MirrorRecord, NextAction, Person, Score, Urgency
from backend.scoring.traits import Traits
from backend.storage.leads import due_leads, mirror, people, person_words, scores, summary_rows
from backend.storage.outbox import explorations, holdouts, routes
from backend.storage.outbox.explorations import Exploration, Explored
from backend.storage.outbox.holdouts import Holdout, Member
from backend.storage.outbox.routes import LeadRoute
from tests.integration.api.conftest import OWN, Desk

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TRAITS = Traits(
    owner_id="77",
    lead_source="organic_search",
    industry="machinery",
    company_size="51-200",
    revenue_range="1M-10M",
    location="germany",
    technologies="sap",
    company_name="Cogwheel",
    lead_since=AT - timedelta(days=30),
    first_touch_at=None,
    outcome="",
    outcome_at=None,
)


def score_of(contact_id: str, points: int, *, portal_id: int = OWN) -> Score:
    band = Band.HIGH if points >= 80 else Band.MEDIUM if points >= 50 else Band.LOW
    return Score(
        portal_id=portal_id,
        contact_id=contact_id,
        score=points,
        unclamped=points,
        band=band,
        next_action=NextAction.CALL,
        action_reason="replied",
        reasoning="Industry fits.",
        reasons=(),
        baseline=points,
        analyst_points=0,
        text_points=0,
        factors=(Factor("industry", "machinery", points - 50, "profile"),),
        missing=(),
        neighbours=(),
        source="rules",
        flags=(),
        chance=None,
        percentile=None,
        model_version=0,
        profile_version=1,
        population_version=1,
        input_hash=f"h{points}",
        scored_at=AT,
    )


def fill(
    desk: Desk,
    rows: Sequence[tuple[str, int, str]],
    *,
    portal_id: int = OWN,
    traits: Traits = TRAITS,
    action: NextAction = NextAction.CALL,
) -> None:
    """(contact id, score, name) each."""
    product = desk.product
    found = [
        replace(score_of(cid, points, portal_id=portal_id), next_action=action)
        for cid, points, _ in rows
    ]
    persons = {cid: Person(name, f"{cid}@x.example") for cid, _, name in rows}
    with product.stores.database.write() as conn:
        ids = list(persons)
        sealed = {
            c: people.seal(product.stores.cipher, portal_id, people.of_contact(c), p)
            for c, p in persons.items()
        }
        due_leads.set_people(conn, portal_id, sealed)
        secret = product.stores.settings.session_secret
        person_words.put(
            conn,
            portal_id,
            {
                c: person_words.macs_of(secret, portal_id, person_words.words_of(p))
                for c, p in persons.items()
            },
        )
        mirror.save(conn, portal_id, [MirrorRecord("contacts", c, {}, AT) for c in ids])
        before = scores.current(conn, portal_id, ids)
        scores.save(conn, found, before, {})
        summary_rows.save(conn, found, before, dict.fromkeys(ids, traits))


def park(desk: Desk, contact_id: str, problem: str, *, portal_id: int = OWN) -> None:
    """Failed after its retries."""
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        due_leads.mark_due(
            conn,
            portal_id,
            [contact_id],
            Urgency.EVENT,
            now,
            cause="event",
            refresh=True,
            coalesce=False,
        )
        (claimed,) = due_leads.claim(conn, portal_id, Urgency.EVENT, now, contact_ids=[contact_id])
        due_leads.set_back(conn, portal_id, [due_leads.Setback(claimed, problem, None, 7)], now)


def hold_out(desk: Desk, contact_id: str) -> None:
    """An experiment runs that leaves this lead without follow-up."""
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        holdouts.begin(conn, OWN, Holdout("h", 10, 90, 100, "t", now))
        holdouts.assign(conn, OWN, "h", [Member(contact_id, "m", True, now)])


def offer(desk: Desk, *contact_ids: str) -> None:
    """An exploration offers these leads for follow-up."""
    now = desk.clock.now()
    with desk.product.stores.database.write() as conn:
        explorations.begin(conn, OWN, Exploration("x", 5, 10, 90, "t", now))
        new = [Explored(contact_id, "m", True, now) for contact_id in contact_ids]
        explorations.assign(conn, OWN, "x", new)


def moved(
    desk: Desk,
    contact_id: str,
    points: int,
    *,
    at: datetime = AT + timedelta(hours=1),
    traits: Traits = TRAITS,
) -> None:
    """Scored again, an hour later, with another result."""
    with desk.product.stores.database.write() as conn:
        before = scores.current(conn, OWN, [contact_id])
        new = replace(score_of(contact_id, points), scored_at=at)
        scores.save(conn, [new], before, {contact_id: "event"})
        summary_rows.save(conn, [new], before, {contact_id: traits})


def routed(desk: Desk, contact_id: str) -> None:
    """A task was decided because of its band."""
    route = LeadRoute(
        route_id=f"r-{contact_id}",
        contact_id=contact_id,
        kind="follow_up_task",
        band="Medium",
        score=75,
        cause="event",
        state="waiting",
        task_key=None,
        decided_at=AT,
        done_at=None,
    )
    with desk.product.stores.database.write() as conn:
        routes.record(conn, OWN, [route])
