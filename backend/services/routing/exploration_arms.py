"""Which Low leads are offered for follow-up, so that the model learns where nobody looks.

A lead whose first score is Low while an exploration runs gets its arm by a keyed hash of its
company, in the transaction that decides what follows from its score and makes its task. Key and
purpose are the exploration's own: its arms have nothing to do with those of a holdout.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from backend.security.audit import listed_short
from backend.security.lookup import lookup_mac
from backend.security.tombstone import pseudonym
from backend.services.routing.holdout_arms import company_mac, is_held
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import mirror
from backend.storage.outbox import explorations
from backend.storage.outbox.explorations import Exploration, Explored
from backend.storage.outbox.holdouts import Holdout

_WEEK: Final = timedelta(days=7)


def exploration_mac(secret: str, portal_id: int, exploration_id: str, unit: str) -> str:
    """The keyed hash that stands for a company (or a lead without one) in an exploration."""
    return lookup_mac(secret, f"exploration {portal_id} {exploration_id}", unit)


def unit_of(contact_id: str, company: str) -> str:
    """What is dealt into arms: the company, or the lead without one."""
    return company or f"contact {contact_id}"


def eligible(
    conn: Connection,
    secret: str,
    portal_id: int,
    holdout: Holdout | None,
    entering: Mapping[str, str],
) -> dict[str, str]:
    """Those of `entering` (company key by contact id) that an exploration may take: not whom a
    running holdout leaves alone or will, with all of their company, nor who is disqualified."""
    if not entering:
        return {}
    states: dict[str, set[str]] = {}
    for contact_id, facts in mirror.lead_records(conn, portal_id, list(entering)):
        states.setdefault(contact_id, set()).add(facts.get("state", ""))
    found = {
        cid: company for cid, company in entering.items() if states.get(cid) != {"disqualified"}
    }
    if holdout is None:
        return found
    return {
        cid: company
        for cid, company in found.items()
        if not is_held(
            company_mac(secret, portal_id, holdout.holdout_id, unit_of(cid, company)),
            holdout.share,
        )
    }


def assign(
    conn: Connection,
    secret: str,
    portal_id: int,
    exploration: Exploration,
    entering: Mapping[str, str],
    now: datetime,
) -> Collection[str]:
    """Put leads into their arms, for good, with a row on the audit trail; returns who is offered
    now. In an order by chance, and only until the week's offers are used up: whoever comes later
    is in no arm, so that an import is neither offered nor compared with. Expects the portal to be
    held."""
    known = explorations.known(conn, portal_id, exploration.exploration_id, list(entering))
    room = exploration.per_week - explorations.offered_since(conn, portal_id, now - _WEEK)
    macs = {
        cid: exploration_mac(secret, portal_id, exploration.exploration_id, unit_of(cid, company))
        for cid, company in entering.items()
        if cid not in known
    }
    new: list[Explored] = []
    for contact_id in sorted(macs, key=lambda cid: (macs[cid][8:], cid)):
        if room <= 0:
            break
        offered = is_held(macs[contact_id], exploration.share)
        room -= offered
        new.append(Explored(contact_id, macs[contact_id], offered, now))
    if not new:
        return ()
    explorations.assign(conn, portal_id, exploration.exploration_id, new)
    names = {one.contact_id: pseudonym(secret, portal_id, one.contact_id) for one in new}
    audit.of_portal(
        conn,
        portal_id,
        "exploration.assign",
        actor="system:routing",
        now=now,
        detail={
            "exploration": exploration.exploration_id,
            "offered": listed_short([names[one.contact_id] for one in new if one.offered]),
            "not_offered": listed_short([names[one.contact_id] for one in new if not one.offered]),
        },
    )
    return {one.contact_id for one in new if one.offered}
