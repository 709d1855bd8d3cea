"""A HubSpot account is connected: by its admin's consent, with an invitation."""

from __future__ import annotations

import structlog

from backend.clients.hubspot.oauth import Granted
from backend.model import Mode
from backend.services import accounts
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.portals import portals
from backend.wiring import Product

log = structlog.get_logger()


def connect(product: Product, granted: Granted, invitation: str) -> str | None:
    """Portal, tokens, first admin, invitation, audit and the pull's start are one transaction.

    `invitation` is the hash of its token: the token itself stays out of URLs sent to HubSpot. The
    code with which the installer becomes the first admin, "" where there is one already; None when
    the invitation cannot be used (any more).
    """
    stores = product.stores
    now = stores.clock.now()
    portal_id = granted.portal_id
    actor = f"hubspot:{granted.user_id}"
    with stores.database.write() as conn:
        if not portals.use_invitation(conn, invitation, portal_id, now):
            return None
        client_id = stores.settings.hubspot_client_id
        portals.install(conn, portal_id, client_id=client_id, name="", now=now)
        product.hubspot.tokens.save_in(conn, portal_id, granted.tokens, now)
        if not portals.has_members(conn, portal_id):
            portals.add_member(conn, portal_id, actor, "admin", now)
        audit.of_portal(
            conn,
            portal_id,
            "portal.connect",
            actor=actor,
            now=now,
            detail={"scopes": list(granted.tokens.scopes)},
        )
        code = accounts.claim(
            conn, stores.settings, stores.cipher, portal_id, made_by=actor, now=now
        )
        runs.start(conn, portal_id, "pull", now)
        live = portals.get(conn, portal_id).settings.mode is Mode.LIVE
        if live:  # installed again: other scopes may allow lists now, or no longer
            runs.start(conn, portal_id, "setup", now)
    stores.jobs.enqueue("pull", portal_id=portal_id)
    if live:
        stores.jobs.enqueue("setup", portal_id=portal_id)
    log.info("portal_connected", portal_id=portal_id)
    return code
