"""Which leads are left without follow-up, to find out what following up is worth.

A lead that becomes High while an experiment runs gets its arm by a keyed hash of its company, in
the transaction that decides what follows from its score and before anything does. The key is made
of the server's secret, the portal and the experiment: nobody can foresee or steer an arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from backend.security.audit import listed_short
from backend.security.lookup import lookup_mac
from backend.security.tombstone import pseudonym
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.outbox import holdouts
from backend.storage.outbox.holdouts import Holdout, Member

_SHARES: Final = 2**32  # a hash's first eight hex digits are one of so many numbers


def company_mac(secret: str, portal_id: int, holdout_id: str, unit: str) -> str:
    """The keyed hash that stands for a company (or a lead without one) in an experiment."""
    return lookup_mac(secret, f"holdout {portal_id} {holdout_id}", unit)


def is_held(mac: str, share: int) -> bool:
    """Whether the company is among the `share` per cent that an experiment chose."""
    return int(mac[:8], 16) * 100 < share * _SHARES


def assign(
    conn: Connection,
    secret: str,
    portal_id: int,
    holdout: Holdout,
    entering: Mapping[str, str],
    now: datetime,
) -> None:
    """Put leads that become High into their arms, for good, with a row on the audit trail.
    `entering`: company key by contact id, "" for who has no company."""
    known = holdouts.arms(conn, portal_id, holdout.holdout_id, list(entering))
    new = []
    for contact_id, company in entering.items():
        if contact_id not in known:
            unit = company or f"contact {contact_id}"
            mac = company_mac(secret, portal_id, holdout.holdout_id, unit)
            new.append(Member(contact_id, mac, is_held(mac, holdout.share), now))
    if not new:
        return
    holdouts.assign(conn, portal_id, holdout.holdout_id, new)
    names = {one.contact_id: pseudonym(secret, portal_id, one.contact_id) for one in new}
    audit.of_portal(
        conn,
        portal_id,
        "holdout.assign",
        actor="system:routing",
        now=now,
        detail={
            "holdout": holdout.holdout_id,
            "held_out": listed_short([names[one.contact_id] for one in new if one.held]),
            "followed_up": listed_short([names[one.contact_id] for one in new if not one.held]),
        },
    )
