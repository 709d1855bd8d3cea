"""A HubSpot account is connected: by its admin's consent, with an invitation or from HubSpot's
marketplace."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from backend.clients.hubspot.oauth import Granted
from backend.errors import NotConnected
from backend.model import Mode
from backend.services import accounts
from backend.storage import runs
from backend.storage.access import audit, users
from backend.storage.database import Connection
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Product

INSTALLED: Final = frozenset({"connected", "needs_reconnect"})
log = structlog.get_logger()


def connect(product: Product, granted: Granted, invitation: str) -> str | None:
    """Portal, tokens, first admin, invitation, audit and the pull's start are one transaction.

    `invitation` is the hash of its token: the token itself stays out of URLs sent to HubSpot. The
    code with which the installer becomes the first admin, "" where there is one already; None when
    the invitation cannot be used (any more).
    """
    stores = product.stores
    now = stores.clock.now()
    with stores.database.write() as conn:
        if not portals.use_invitation(conn, invitation, granted.portal_id, now):
            return None
        live = _install(conn, product, granted, now)
        code = _code(conn, product, granted, now)
    _begin(product, granted.portal_id, live)
    return code


def connect_from_marketplace(product: Product, granted: Granted) -> None:
    """Connect a portal that was installed from HubSpot's side, in shadow mode unless it is
    connected already. Nobody becomes an admin by this: `claim` asks who they are."""
    stores = product.stores
    now = stores.clock.now()
    with stores.database.write() as conn:
        known = _known(conn, granted.portal_id)
        if known is not None and known.state not in INSTALLED:
            shadow = replace(known.settings, mode=Mode.SHADOW)
            portals.set_settings(conn, granted.portal_id, shadow)
        live = _install(conn, product, granted, now)
    _begin(product, granted.portal_id, live)


def claim(product: Product, granted: Granted) -> str | None:
    """The code with which whoever installed the app becomes the portal's first admin, "" where
    there is one already; None for anybody else, and where the app is not installed.

    `granted` proves the portal and the person: HubSpot names both for the token.
    """
    stores = product.stores
    now = stores.clock.now()
    portal_id = granted.portal_id
    with stores.database.write() as conn:
        known = _known(conn, portal_id)
        if known is None or known.state not in INSTALLED or not granted.user_id:
            return None
        if users.roles(conn, _actor(granted)).get(portal_id) != "admin":
            return None
        return _code(conn, product, granted, now)


def _known(conn: Connection, portal_id: int) -> Portal | None:
    try:
        return portals.get(conn, portal_id)
    except NotConnected:
        return None


def _install(conn: Connection, product: Product, granted: Granted, now: datetime) -> bool:
    """Whether the portal is live, so that it is set up again."""
    portal_id, actor = granted.portal_id, _actor(granted)
    client_id = product.stores.settings.hubspot_client_id
    portals.install(conn, portal_id, client_id=client_id, name="", now=now)
    product.hubspot.tokens.save_in(conn, portal_id, granted.tokens, now)
    if not users.admins(conn, portal_id):
        portals.add_member(conn, portal_id, actor, "admin", now)
    detail = {"scopes": list(granted.tokens.scopes)}
    audit.of_portal(conn, portal_id, "portal.connect", actor=actor, now=now, detail=detail)
    runs.start(conn, portal_id, "pull", now)
    live = portals.get(conn, portal_id).settings.mode is Mode.LIVE
    if live:  # installed again: other scopes may allow lists now, or no longer
        runs.start(conn, portal_id, "setup", now)
    return live


def _code(conn: Connection, product: Product, granted: Granted, now: datetime) -> str:
    stores, actor = product.stores, _actor(granted)
    return accounts.claim(
        conn, stores.settings, stores.cipher, granted.portal_id, made_by=actor, now=now
    )


def _begin(product: Product, portal_id: int, live: bool) -> None:
    product.stores.jobs.enqueue("pull", portal_id=portal_id)
    if live:
        product.stores.jobs.enqueue("setup", portal_id=portal_id)
    log.info("portal_connected", portal_id=portal_id)


def _actor(granted: Granted) -> str:
    return f"hubspot:{granted.user_id}"
