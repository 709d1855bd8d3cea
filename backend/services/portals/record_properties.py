"""Our properties on companies, deals and lead records: made where the portal granted the scopes."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from backend.clients.hubspot.oauth import RECORD_SCOPES
from backend.clients.hubspot.tokens import TokenKeeper
from backend.errors import NeedsReconnect, Permanent
from backend.scoring.write_back import names_in_portal
from backend.services.records import READY
from backend.storage.outbox import writes
from backend.storage.portals.portals import Portal
from backend.wiring import HubSpot

log = structlog.get_logger()


def set_up(hubspot: HubSpot, portal: Portal) -> tuple[dict[str, list[str]], dict[str, str]]:
    """(names of our properties by type of object, why a feature is off by its name).

    What is refused switches one feature off. Raises Transient or NeedsReconnect.
    """
    before: Mapping[str, list[str]] = portal.installation.get(READY, {})
    made: dict[str, list[str]] = {}
    off: dict[str, str] = {}
    for queue in writes.RECORDS:
        kind = queue.object_type
        problem = _set_up(hubspot, portal, kind, before.get(kind, []))
        if problem:
            off[queue.box.name] = problem
            log.warning("records_off", portal_id=portal.portal_id, type=kind, problem=problem)
        else:
            made[kind] = sorted({*before.get(kind, []), *names_in_portal(portal.settings, kind)})
    return made, off


def _set_up(hubspot: HubSpot, portal: Portal, object_type: str, ours: list[str]) -> str:
    """What is in the way; "" when the properties are there."""
    lacking = [scope for scope in RECORD_SCOPES[object_type] if scope not in portal.scopes]
    if lacking:
        return f"the account did not grant {', '.join(lacking)}"
    try:
        in_portal = hubspot.setup(portal.portal_id, object_type)
        plan = in_portal.plan(ours)
        if plan.in_the_way:
            return f"{plan.in_the_way[0].name} is there already and is not ours"
        in_portal.ensure_properties()
    except NeedsReconnect:
        raise
    except Permanent as error:
        return error.sentence or str(error)
    return ""


def archive(hubspot: HubSpot, portal: Portal, keeper: TokenKeeper) -> list[str]:
    """Take them out of the portal; what is left there, each with its reason."""
    made: Mapping[str, list[str]] = portal.installation.get(READY, {})
    return [
        left
        for kind in made
        for left in hubspot.setup(portal.portal_id, kind, keeper=keeper).archive([])
    ]
