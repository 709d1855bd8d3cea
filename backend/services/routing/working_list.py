"""A rep's leads in the order to work them, each with the one reason and the one action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from backend.errors import LeadlightError
from backend.model import NextAction, Person
from backend.scoring.text.plain_text import visible
from backend.services.accounts import email_of
from backend.storage.access import users
from backend.storage.database import Connection, RowMapping
from backend.storage.leads import feedback, lead_marks, people, scores
from backend.storage.leads.feedback import Feedback
from backend.storage.leads.lead_marks import NOT_A_LEAD, Kind
from backend.storage.portals import owners, portals
from backend.storage.portals.portals import Portal
from backend.vocabulary import OFFERED_WORDS
from backend.wiring import Stores

SHOWN: Final = 50
ASIDE_SHOWN: Final = 100
NO_LEAD: Final = "Not a lead"  # the comment of a disagreement that a press of this name makes


@dataclass(frozen=True, slots=True)
class ToDo:
    """`change`: points since yesterday morning in the portal's time zone, 0 where there are none;
    None for a lead that had no score then."""

    contact_id: str
    name: str
    company: str
    score: int
    band: str
    chance: float | None
    next_action: str
    reason: str
    change: int | None
    last_sign_on: date | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A lead that is put aside: done, snoozed or not_a_lead; `until`: a moment, None for good."""

    contact_id: str
    name: str
    kind: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class WorkingList:
    """`owner_id` is "" where nobody was asked for and the caller is no owner in HubSpot."""

    owner_id: str
    total: int
    to_do: list[ToDo]
    aside: list[Aside]


def address_of(stores: Stores, subject: str) -> str:
    """The address of a person who is signed in; "" for a program."""
    kind, _, user_id = subject.partition(":")
    if kind != "user":
        return ""
    try:
        with stores.database.read() as conn:
            return email_of(stores.cipher, users.get(conn, user_id))
    except LeadlightError:
        return ""


def working_list(stores: Stores, portal_id: int, address: str, owner_id: str = "") -> WorkingList:
    """Of the named owner, else of the owner with the caller's own address."""
    now = stores.clock.now()
    with stores.database.read() as conn:
        portal = portals.get(conn, portal_id)
        mine = owner_id or _owner_of(conn, stores, portal_id, address)
        if not mine:
            return WorkingList("", 0, [], [])
        rows = lead_marks.working(
            conn, portal_id, mine, since=_yesterday(portal, now), now=now, limit=SHOWN
        )
        away = lead_marks.aside(conn, portal_id, mine, now=now, limit=ASIDE_SHOWN)
        total = lead_marks.count(conn, portal_id, mine, now)
        to_do = _to_do(conn, stores, portal, rows, now)
    return WorkingList(
        mine,
        total,
        to_do,
        [
            Aside(row["contact_id"], _name(stores, portal_id, row), row["kind"], row["until"])
            for row in away
        ],
    )


def put_aside(
    stores: Stores, portal_id: int, contact_id: str, kind: Kind, days: int, subject: str
) -> None:
    """Done, or snoozed for so many days: gone from the list until then, or until the lead does
    something. No lead at all: gone for good, and said as a rep's disagreement with the score.
    Raises NotFound."""
    now = stores.clock.now()
    until = now + timedelta(days=days) if kind == "snoozed" else None
    with stores.database.write() as conn:
        score = lead_marks.put(conn, portal_id, contact_id, kind, until, made_by=subject, now=now)
        if kind == NOT_A_LEAD:
            judged = scores.without_pin(conn, portal_id, contact_id, score)
            word = Feedback(False, "too_high", judged, comment=NO_LEAD)
            feedback.save(conn, portal_id, contact_id, subject[:64], word, now)


def take_back(stores: Stores, portal_id: int, contact_id: str) -> None:
    """On the list again, and what was said by "Not a lead" is unsaid; nothing happens where it is
    on it."""
    with stores.database.write() as conn:
        gone = lead_marks.remove(conn, portal_id, contact_id)
        if gone is not None and gone[0] == NOT_A_LEAD:
            feedback.withdraw(conn, portal_id, contact_id, gone[1][:64], comment=NO_LEAD)


def _owner_of(conn: Connection, stores: Stores, portal_id: int, address: str) -> str:
    """The owner whose address is the caller's; "" for nobody."""
    wanted = address.casefold()
    for owner_id, sealed in owners.sealed(conn, portal_id).items() if wanted else ():
        found = _opened(stores, portal_id, people.of_owner(owner_id), sealed)
        if found.email.casefold() == wanted:
            return owner_id
    return ""


def _to_do(
    conn: Connection, stores: Stores, portal: Portal, rows: list[RowMapping], now: datetime
) -> list[ToDo]:
    ids = [row["contact_id"] for row in rows]
    stored = scores.current(conn, portal.portal_id, ids)
    before = scores.at(conn, portal.portal_id, ids, _yesterday(portal, now))
    return [
        ToDo(
            contact_id=row["contact_id"],
            name=_name(stores, portal.portal_id, row),
            company=visible(row["company_name"]),
            score=row["score"],
            band=row["band"],
            chance=row["chance"],
            next_action=NextAction.CALL.value if row["offered"] else row["next_action"],
            reason=OFFERED_WORDS
            if row["offered"]
            else visible(stored[row["contact_id"]].action_reason),
            change=None
            if row["contact_id"] not in before
            else row["score"] - before[row["contact_id"]],
            last_sign_on=row["last_sign_on"],
        )
        for row in rows
        if row["contact_id"] in stored
    ]


def _yesterday(portal: Portal, now: datetime) -> datetime:
    """Its first moment, where the portal is."""
    today = now.astimezone(portals.zone(portal)).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1)


def _name(stores: Stores, portal_id: int, row: RowMapping) -> str:
    subject = people.of_contact(row["contact_id"])
    person = _opened(stores, portal_id, subject, row["person_sealed"])
    return visible(person.name or person.email or f"Contact {row['contact_id']}")


def _opened(stores: Stores, portal_id: int, subject: str, sealed: str | None) -> Person:
    try:
        return people.unseal(stores.cipher, portal_id, subject, sealed)
    except LeadlightError:
        return Person("", "")
