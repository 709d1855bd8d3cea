"""One lead: why it has its score, why that changed, what would move it; and scoring it again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from backend.errors import NotFound
from backend.model import Score
from backend.ports import Clock
from backend.scoring.text.plain_text import visible
from backend.security.cipher import Cipher
from backend.security.roles import Permission
from backend.services.rescore import rescore as rescore_lead
from backend.services.routing.lead_task import open_task
from backend.services.scoring.moves import moves_of
from backend.services.scoring.openers import opener_of
from backend.storage.database import Connection, RowMapping
from backend.storage.leads import (
    due_leads,
    feedback,
    lead_pins,
    people,
    rescores,
    scores,
    summary_rows,
)
from backend.storage.leads.people import of_contact, of_owner
from backend.storage.learning import profiles
from backend.storage.outbox import explorations
from backend.storage.outbox import routes as stored_routes
from backend.storage.portals import owners, portals
from backend.storage.portals.portals import Portal
from backend.vocabulary import FEEDBACK_WORDS
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names, person_of, shown_name
from backend.web.api.framework.shapes import Edges, Nothing, Shape, edges_of
from backend.web.card import models as card
from backend.web.card.answer import answer_of, lead_ids, records_url
from backend.web.card.history import history_of
from backend.web.card.routes import outcomes_so_far

routes = Routes()
LEAD = "/portals/<int:portal_id>/leads/<id:contact_id>"
HISTORY_ROWS = card.HISTORY_MAX
COLLEAGUES = 20  # of one company, the best


class Opinion(Shape):
    """What somebody said of the score this lead had then; `reason` in words."""

    agrees: bool
    reason: str
    score: int
    comment: str
    said_at: datetime


class RouteRow(Shape):
    """What happened in HubSpot, or was going to, because of the lead's band, and what caused it.

    `state` is waiting, done, replaced, shadow (nothing was written then) or parked.
    """

    route_id: str
    kind: str
    band: str
    score: int | None
    cause: str
    state: str
    decided_at: datetime


class Colleague(Shape):
    """Another lead of the same company."""

    contact_id: str
    name: str
    score: int
    band: str
    next_action: str


class LeadDetail(Shape):
    """`lead` and `history` are those of the card; null while there is no score."""

    contact_id: str
    name: str
    email: str
    owner: str
    company: str
    state: Literal["scored", "waiting", "parked", "not_a_lead", "not_scored"]
    reason: str  # why it is parked or no lead
    hubspot_url: str
    thresholds: Edges
    lead: card.Lead | None
    history: card.History | None
    colleagues: list[Colleague]  # best first
    opinions: list[Opinion]
    routes: list[RouteRow]


class Rescore(Shape):
    """A request to score a lead again; ask for its state by this id."""

    rescore_id: str


class RescoreState(Shape):
    """Everything but "waiting" ends the wait; "unchanged" is an honest answer."""

    contact_id: str
    state: Literal["waiting", "changed", "unchanged", "failed", "ineligible"]


@routes.get(LEAD, needs=Permission.READ_LEADS, answer=LeadDetail)
def read(call: Call[Nothing, Nothing]) -> LeadDetail:
    """One lead with its factors, history, differences and neighbours."""
    product, portal_id, contact_id = call.product, call.portal_id, call.path["contact_id"]
    now = product.stores.clock.now()
    records = records_url(product.stores.settings.hubspot_authorize_base, portal_id)
    with product.stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
        row = _known(conn, portal_id, contact_id)
        stored = scores.current(conn, portal_id, [contact_id]).get(contact_id)
        person = person_of(
            product.stores.cipher, portal_id, of_contact(contact_id), row["person_sealed"]
        )
        owner, company = _owner_and_company(conn, product.stores.cipher, portal_id, contact_id)
        return LeadDetail(
            contact_id=contact_id,
            name=visible(shown_name(person, f"Contact {contact_id}")),
            email=visible(person.email),
            owner=owner,
            company=company,
            state=_state(row, stored),
            reason=row["ineligible_reason"] or row["problem"],
            hubspot_url=f"{records}/0-1/{contact_id}",
            thresholds=edges_of(portal, "" if stored is None else stored.segment),
            lead=None
            if stored is None
            else _lead(conn, product.stores.cipher, portal, row, stored, records, now),
            history=None
            if stored is None
            else _history(conn, product.stores.clock, product.stores.cipher, portal, stored),
            colleagues=_colleagues(conn, product.stores.cipher, portal_id, contact_id),
            opinions=[
                Opinion(
                    agrees=o.agrees,
                    reason=FEEDBACK_WORDS.get(o.reason, o.reason),
                    score=o.score,
                    comment=visible(o.comment),
                    said_at=o.said_at,
                )
                for o in feedback.of_lead(conn, portal_id, contact_id)
            ],
            routes=[
                RouteRow(**{name: getattr(one, name) for name in RouteRow.model_fields})
                for one in stored_routes.of_lead(conn, portal_id, contact_id)
            ],
        )


@routes.post(f"{LEAD}/rescore", needs=Permission.RESCORE, answer=Rescore, status=202)
def rescore(call: Call[Nothing, Nothing]) -> Rescore:
    """Score again from what HubSpot has now, ahead of every backfill; pressing twice is once."""
    contact_id, actor = call.path["contact_id"], call.caller.subject
    made = rescore_lead(call.product.stores, call.portal_id, contact_id, actor=actor)
    return Rescore(rescore_id=made)


@routes.get(
    "/portals/<int:portal_id>/rescores/<id:rescore_id>",
    needs=Permission.RESCORE,
    answer=RescoreState,
)
def rescore_state(call: Call[Nothing, Nothing]) -> RescoreState:
    """Whether it is done, and whether the score changed."""
    with call.product.stores.database.read() as conn:
        found = rescores.get(conn, call.portal_id, call.path["rescore_id"])
    return RescoreState.model_validate({"contact_id": found.contact_id, "state": found.state})


def _known(conn: Connection, portal_id: int, contact_id: str) -> RowMapping:
    row = due_leads.row(conn, portal_id, contact_id)
    if row is None:
        raise NotFound("no such lead in this portal")
    return row


def _state(
    row: RowMapping, stored: Score | None
) -> Literal["scored", "waiting", "parked", "not_a_lead", "not_scored"]:
    if row["ineligible_reason"]:
        return "not_a_lead"
    if row["parked_at"] is not None:
        return "parked"
    if row["due_at"] is not None:
        return "waiting"
    return "not_scored" if stored is None else "scored"


def _lead(
    conn: Connection,
    cipher: Cipher,
    portal: Portal,
    row: RowMapping,
    stored: Score,
    records: str,
    now: datetime,
) -> card.Lead:
    portal_id = portal.portal_id
    return answer_of(
        stored,
        scores.history(conn, portal_id, stored.contact_id, limit=HISTORY_ROWS),
        dict(row),
        profiles.population(conn, portal_id)[0],
        portal=portal,
        names=people.names(conn, cipher, portal_id, lead_ids(stored)),
        outcomes=outcomes_so_far(conn, stored),
        feedback=None,
        records_url=records,
        task=open_task(conn, portal_id, stored.contact_id),
        pin=lead_pins.of_lead(conn, portal_id, stored.contact_id, now),
        opener=opener_of(conn, portal, stored, now),
        offered=explorations.is_offered(conn, portal_id, stored.contact_id, now),
    )


def _history(
    conn: Connection, clock: Clock, cipher: Cipher, portal: Portal, stored: Score
) -> card.History:
    portal_id, contact_id = portal.portal_id, stored.contact_id
    moves = moves_of(conn, portal, stored, clock.now())
    rows = scores.history(conn, portal_id, contact_id, limit=HISTORY_ROWS)
    names = people.names(conn, cipher, portal_id, lead_ids(stored))
    return history_of(stored, rows, moves, names)


def _colleagues(
    conn: Connection, cipher: Cipher, portal_id: int, contact_id: str
) -> list[Colleague]:
    rows = summary_rows.colleagues(conn, portal_id, contact_id, COLLEAGUES)
    names = contact_names(conn, cipher, portal_id, [row.contact_id for row in rows])
    return [
        Colleague(
            contact_id=row.contact_id,
            name=names[row.contact_id],
            score=row.score,
            band=row.band,
            next_action=row.next_action,
        )
        for row in rows
    ]


def _owner_and_company(
    conn: Connection, cipher: Cipher, portal_id: int, contact_id: str
) -> tuple[str, str]:
    owner_id, company = summary_rows.owner_and_company(conn, portal_id, contact_id)
    sealed = owners.sealed(conn, portal_id).get(owner_id)
    fallback = f"Owner {owner_id}" if owner_id else ""
    owner = shown_name(person_of(cipher, portal_id, of_owner(owner_id), sealed), fallback)
    return visible(owner), visible(company)
