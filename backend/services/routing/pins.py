"""A lead set by hand: into High or aside for so many days, with a reason, until withdrawn or over.

A pin is a factor of its own. What learns or judges reads scores without it (`Score.own_score`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from backend.errors import BadInput, NotFound
from backend.model import Urgency
from backend.scoring.text.plain_text import visible
from backend.security.tombstone import pseudonym
from backend.services.rescore import must_score
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import due_leads, lead_pins, scores
from backend.vocabulary import Cause
from backend.wiring import Stores

DAYS_MAX: Final = 90
REASON_MIN: Final = 3  # characters
REASON_MAX: Final = 120
Kind = Literal["high", "aside"]


def pin(
    stores: Stores,
    portal_id: int,
    contact_id: str,
    kind: Kind,
    days: int,
    reason: str,
    *,
    actor: str,
) -> None:
    """In place of an earlier pin; the lead is scored anew at once. Raises BadInput naming the
    field, NotFound for what is no scored lead, Paused or Conflict while nothing is scored."""
    now = stores.clock.now()
    said = _checked(days, reason)
    with stores.database.write() as conn:
        must_score(conn, portal_id)
        due_leads.hold(conn, portal_id, contact_id)
        if contact_id not in scores.current(conn, portal_id, [contact_id]):
            raise NotFound("no scored lead of this account")
        until = now + timedelta(days=days)
        pin_id = lead_pins.put(
            conn, portal_id, contact_id, kind, until, said, made_by=actor, now=now
        )
        detail = {"pin": pin_id, "kind": kind, "days": days}
        _audit(conn, stores, portal_id, contact_id, "lead.pin", actor, detail)
        _score_anew(conn, stores, portal_id, [contact_id], Cause.PIN)
    _enqueue(stores, portal_id)


def unpin(stores: Stores, portal_id: int, contact_id: str, *, actor: str) -> None:
    """Withdrawn: the lead is scored by its facts again. Nothing happens where nothing is set."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        due_leads.hold(conn, portal_id, contact_id)
        if due_leads.row(conn, portal_id, contact_id) is None:
            raise NotFound("no such lead in this portal")
        ended = lead_pins.end(conn, portal_id, contact_id, ended_by=actor, now=now)
        if not ended:
            return
        _audit(conn, stores, portal_id, contact_id, "lead.unpin", actor, {"pins": ended})
        _score_anew(conn, stores, portal_id, [contact_id], Cause.PIN_ENDED)
    _enqueue(stores, portal_id)


def end_pins(stores: Stores) -> int:
    """End the pins of all portals whose time is over. Returns how many."""
    now = stores.clock.now()
    with stores.database.read() as conn:
        if not lead_pins.any_over(conn, now):
            return 0
    with stores.database.write() as conn:
        ended = lead_pins.end_over(conn, now, "system:pins")
        for portal_id in sorted({portal_id for portal_id, _ in ended}):
            ids = [contact_id for of, contact_id in ended if of == portal_id]
            _score_anew(conn, stores, portal_id, ids, Cause.PIN_ENDED)
    for portal_id in {portal_id for portal_id, _ in ended}:
        _enqueue(stores, portal_id)
    return len(ended)


def _audit(
    conn: Connection,
    stores: Stores,
    portal_id: int,
    contact_id: str,
    action: str,
    actor: str,
    detail: dict[str, object],
) -> None:
    audit.append(
        conn,
        now=stores.clock.now(),
        actor=actor,
        action=action,
        subject=pseudonym(stores.settings.session_secret, portal_id, contact_id),
        portal_id=portal_id,
        detail=detail,
    )


def _checked(days: int, reason: str) -> str:
    """The reason in one plain line."""
    said = " ".join(visible(reason).split())
    if not REASON_MIN <= len(said) <= REASON_MAX:
        raise BadInput(
            f"Reason: say why in {REASON_MIN} to {REASON_MAX} characters, so that colleagues know."
        )
    if not 1 <= days <= DAYS_MAX:
        raise BadInput(f"Days: choose 1 to {DAYS_MAX}.")
    return said


def _score_anew(
    conn: Connection, stores: Stores, portal_id: int, contact_ids: list[str], cause: Cause
) -> None:
    due_leads.mark_due(
        conn,
        portal_id,
        contact_ids,
        Urgency.PERSON,
        stores.clock.now(),
        cause=cause,
        refresh=False,
    )


def _enqueue(stores: Stores, portal_id: int) -> None:
    stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.PERSON.value)
