"""What the model could learn from: a portal's own properties, looked at in a sample."""

from __future__ import annotations

from dataclasses import asdict

from backend.errors import Conflict, NeedsReconnect
from backend.security.roles import Permission
from backend.services.portals.own_properties import survey
from backend.storage.portals import portals
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.shapes import Nothing, Shape

routes = Routes()
OWN_PROPERTIES = "/portals/<int:portal_id>/settings/properties"


class OwnPropertyRow(Shape):
    """`filled` is a share of the sample, null where it was not read; `why_not` says why the model
    cannot learn from it, `caution` why it is not suggested."""

    field: str
    label: str
    type: str
    filled: float | None
    allowed: bool
    suggested: bool
    why_not: str
    caution: str


class OwnPropertyList(Shape):
    """Allowed ones first, then those suggested. `calls` of HubSpot were made; `sample` counts the
    records looked at by object type. No value of theirs is kept or shown."""

    items: list[OwnPropertyRow]
    calls: int
    sample: dict[str, int]


@routes.get(OWN_PROPERTIES, needs=Permission.EDIT_SETTINGS, answer=OwnPropertyList)
def listed(call: Call[Nothing, Nothing]) -> OwnPropertyList:
    """Ask HubSpot which properties the portal made and how full they are."""
    with call.product.stores.database.read() as conn:
        portal = portals.get(conn, call.portal_id)
    if portal.state != "connected":
        raise Conflict("this portal has to be connected again first")
    try:
        found = survey(call.product, portal)
    except NeedsReconnect as error:
        raise Conflict("this portal has to be connected again first") from error
    return OwnPropertyList(
        items=[OwnPropertyRow(**asdict(one), suggested=one.suggested) for one in found.in_order],
        calls=found.calls,
        sample=found.sample,
    )
