"""Thirty days after a disconnect everything of the portal is erased, audit trail apart: settings,
roles, accounts that have no other portal, keys, invitations, rows, vectors and keys of Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from backend.clients.redis.last_seen import LastSeen
from backend.config import DISCONNECTED_KEPT_DAYS
from backend.services import accounts
from backend.storage.access import audit, users
from backend.storage.portals import portals
from backend.storage.privacy import personal_data
from backend.wiring import Product

ACTOR: Final = "system:retention"
KEPT: Final = frozenset({"audit", "portals"})
log = structlog.get_logger()


def forget_portal(product: Product, portal_id: int) -> None:
    """Erase a portal that has been disconnected long enough; anything else is left alone."""
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        portal = portals.get(conn, portal_id)
        since = portals.disconnected_at(portal)
        if since is None or now - since < timedelta(days=DISCONNECTED_KEPT_DAYS):
            return
        if not portals.reset(conn, portal):
            return
        people = [user for user, _role in users.of_portal(conn, portal_id)]
        erased = personal_data.remove_portal(conn, portal_id, KEPT)
        for user in people:
            if not users.roles(conn, user.subject):
                accounts.delete(conn, product, user, made_by=ACTOR, now=now)
        audit.of_portal(
            conn, portal_id, "portal.erase", actor=ACTOR, now=now, detail={"rows": erased}
        )
    product.ai.index.delete(portal_id)
    product.stores.jobs.forget(portal_id, None)
    _forget_in_redis(product.stores.redis, product.stores.last_seen, portal_id)
    log.info("portal_erased", portal_id=portal_id)


def _forget_in_redis(redis: Redis, last_seen: LastSeen, portal_id: int) -> None:
    """Last-seen marks, limits and spent quotas; what an absent Redis keeps lapses by itself."""
    try:
        last_seen.forget(portal_id)
        for pattern in (f"bucket:*:{portal_id}", f"quota:*:{portal_id}:*"):
            for key in redis.scan_iter(match=pattern):
                redis.delete(key)
    except RedisError as error:
        log.warning("redis_not_forgotten", portal_id=portal_id, problem=type(error).__name__)
