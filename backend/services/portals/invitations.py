"""Links with which the admin of a HubSpot account connects it, each once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.config import INVITATION_S
from backend.security.hashes import token_hash
from backend.storage.access import audit
from backend.storage.portals import portals
from backend.wiring import Stores


@dataclass(frozen=True, slots=True)
class Invitation:
    """`link` is shown once: only its token's hash is stored."""

    link: str
    expires_at: datetime


def invite(stores: Stores, *, actor: str, portal_id: int | None = None) -> Invitation:
    """A new link. `portal_id` is the account whose admin invites, None for the operator."""
    token = secrets.token_urlsafe(32)
    now = stores.clock.now()
    expires_at = now + timedelta(seconds=INVITATION_S)
    with stores.database.write() as conn:
        portals.make_invitation(
            conn, token_hash(token), made_by=actor, now=now, expires_at=expires_at
        )
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="portal.invite",
            subject="invitation",
            portal_id=portal_id,
        )
    base = stores.settings.public_base_url[0]
    return Invitation(f"{base}/oauth/install?invitation={token}", expires_at)
