"""Who read or changed what in this portal: for auditors and admins."""

from __future__ import annotations

from datetime import datetime

from backend.security.roles import Permission
from backend.storage.access import access_log
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.paging import cursor_of, place_of
from backend.web.api.framework.shapes import Nothing, PageQuery, Shape

routes = Routes()


class AccessRow(Shape):
    """One request. `subject` is the id of what was read or changed, "erased" after an erasure."""

    at: datetime
    actor: str
    action: str
    subject: str
    status: int


class AccessPage(Shape):
    """Newest first; the last seconds may still be on their way."""

    items: list[AccessRow]
    next: str | None


@routes.get(
    "/portals/<int:portal_id>/accesses",
    needs=Permission.READ_AUDIT,
    query=PageQuery,
    answer=AccessPage,
)
def list_accesses(call: Call[PageQuery, Nothing]) -> AccessPage:
    """Requests to the API and the card, newest first."""
    place = place_of(call.query.cursor, (int,))
    before = int(str(place[0])) if place else None
    limit = call.query.limit
    with call.product.stores.database.read() as conn:
        found = access_log.listed(conn, call.portal_id, limit=limit + 1, before_id=before)
    rows = [
        AccessRow(at=a.at, actor=a.actor, action=a.action, subject=a.subject, status=a.status)
        for _, a in found[:limit]
    ]
    last = found[limit - 1][0] if len(found) > limit else None
    return AccessPage(items=rows, next=None if last is None else cursor_of([last]))
