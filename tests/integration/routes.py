"""Holding HubSpot's lists and tasks against the bands, for tests of routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from backend.jobs.flush_routes import flush_routes
from backend.model import Band, PortalSettings, Score, Thresholds, Urgency
from backend.scoring.calculate import band
from backend.scoring.traits import Traits
from backend.scoring.write_back import LIST_OF_BAND
from backend.services.scoring.pipeline import Batch
from backend.services.scoring.save import save_scores
from backend.storage.leads import due_leads, scores
from backend.storage.outbox import routes
from backend.storage.outbox.routes import LeadRoute
from backend.storage.portals import portals
from sandbox.state.records import Record
from tests.integration.conftest import PORTAL, Connected

THRESHOLDS = Thresholds()
UNKNOWN = Traits(*[""] * 8, None, None, "", None)


def change_settings(
    connected: Connected, change: Callable[[PortalSettings], PortalSettings]
) -> None:
    with connected.product.stores.database.write() as conn:
        portal = portals.get(conn, PORTAL)
        portals.set_settings(conn, PORTAL, change(portal.settings))


def set_routing(connected: Connected, **values: object) -> None:
    change_settings(connected, lambda s: replace(s, routing=replace(s.routing, **values)))


def worth(score: Score, points: int) -> Score:
    """The same score with another number."""
    return replace(score, score=points, unclamped=points, band=band(points, THRESHOLDS))


def score_as(
    connected: Connected,
    points: dict[str, int],
    urgency: Urgency = Urgency.EVENT,
    cause: str = "event",
    **values: Any,
) -> None:
    """Save these scores as the scoring worker does, whatever the formula would say; `values` are
    other parts of them."""
    product = connected.product
    with product.stores.database.write() as conn:
        now = product.stores.clock.now()
        due_leads.mark_due(
            conn, PORTAL, points, urgency, now, cause=cause, refresh=False, coalesce=False
        )
        before = scores.current(conn, PORTAL, list(points))
        claimed = due_leads.claim(
            conn, PORTAL, urgency, product.stores.clock.now(), contact_ids=list(points)
        )
    # The portal's own webhooks may have made the lead due, too: here only this cause counts.
    claimed = [replace(claim, urgency=urgency, cause=cause) for claim in claimed]
    some = next(iter(before.values()), None) or next(iter(connected.scores().values()))
    batch = Batch(before=before, traits=dict.fromkeys(points, UNKNOWN))
    for contact_id, number in points.items():
        base = before.get(contact_id) or replace(some, contact_id=contact_id)
        batch.scored[contact_id] = replace(worth(base, number), **values)
    save_scores(product.stores, PORTAL, claimed, batch)


def flush(connected: Connected) -> None:
    flush_routes(connected.product, PORTAL)


def members(connected: Connected) -> dict[str, set[str]]:
    """Contact ids by our list's name, as HubSpot has them."""
    with connected.product.stores.database.read() as conn:
        ids = portals.get(conn, PORTAL).installation["lists"]
    lists = connected.sandbox.portal.lists
    return {name: {str(i) for i in lists.get(list_id).members} for name, list_id in ids.items()}


def lists_of(connected: Connected, contact_id: str) -> list[str]:
    return [name for name, ids in members(connected).items() if contact_id in ids]


def our_tasks(connected: Connected, contact_id: str | None = None) -> list[Record]:
    """Tasks of our making that HubSpot has, of one contact or of all."""
    portal = connected.sandbox.portal
    found = [
        record
        for record in portal.stores["tasks"]
        if record.archived_ms is None
        and "Leadlight route" in record.properties.get("hs_task_body", "")
    ]
    if contact_id is None:
        return found
    tied = set(portal.associations.of("contacts", int(contact_id), "tasks"))
    return [record for record in found if record.record_id in tied]


def open_tasks(connected: Connected, contact_id: str | None = None) -> list[Record]:
    return [
        task
        for task in our_tasks(connected, contact_id)
        if task.properties["hs_task_status"] != "COMPLETED"
    ]


def routes_of(connected: Connected, contact_id: str) -> list[LeadRoute]:
    with connected.product.stores.database.read() as conn:
        return routes.of_lead(conn, PORTAL, contact_id, limit=1_000)


def list_of(points: int) -> str:
    return LIST_OF_BAND[band(points, THRESHOLDS)]


def leads_in(connected: Connected, wanted: Band) -> Sequence[str]:
    return sorted(c for c, s in connected.scores().items() if s.band is wanted)
