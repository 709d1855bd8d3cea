"""`POST /webhooks/hubspot`: verify, store events and due leads in one transaction, enqueue, 204."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, request

from backend.clients.redis.last_seen import LastSeen
from backend.clients.redis.meter import RedisMeter
from backend.config import WEBHOOK_BODY_MAX, Settings
from backend.errors import BadInput
from backend.model import Urgency
from backend.storage.database import Connection, Database
from backend.storage.leads import due_leads, inbox
from backend.storage.leads.inbox import NewEvent
from backend.storage.portals import portals, webhook_days
from backend.storage.privacy import missing_contacts, tombstones
from backend.vocabulary import Cause
from backend.web.bodies import json_of
from backend.web.hubspot.events import (
    OWN_PREFIX,
    HubSpotEvent,
    Malformed,
    is_foreign,
    is_own,
    parse,
    to_inbox,
)
from backend.web.hubspot.signed import verify
from backend.wiring import Stores

log = structlog.get_logger()


def blueprint(stores: Stores) -> Blueprint:
    """The one route HubSpot delivers to."""
    routes = Blueprint("webhooks", __name__)

    @routes.post("/webhooks/hubspot")
    def receive() -> Response:
        if (request.content_length or 0) > WEBHOOK_BODY_MAX:
            return Response(status=413)
        verify(stores)
        accept(stores, parse_body(request.get_data(cache=True)))
        return Response(status=204)

    return routes


def parse_body(body: bytes) -> list[HubSpotEvent | Malformed]:
    """Raises BadInput when it is not a JSON array."""
    elements = json_of(body)
    if not isinstance(elements, list):
        raise BadInput("the body is not an array of events")
    return [parse(place, element) for place, element in enumerate(elements)]


def accept(stores: Stores, events: Sequence[HubSpotEvent | Malformed]) -> None:
    """Everything is in the database before this returns; then a job is enqueued."""
    now = stores.clock.now()
    app_id = stores.settings.hubspot_app_id
    given = len(events)
    events = [e for e in events if isinstance(e, Malformed) or not is_foreign(e, app_id)]
    foreign = given - len(events)
    if foreign:
        log.warning("events_not_subscribed", events=foreign)
        stores.meter.count("webhook_events", foreign, kind="foreign")
    rows, own = [], 0
    for event in events:
        if isinstance(event, Malformed):
            rows += _quarantined(event)
        elif is_own(event, app_id):
            own += 1
        else:
            row = to_inbox(event)
            rows += [row] if row is not None else []
    known = _known(stores.database, events)
    _note_seen(stores.settings, stores.last_seen, events, known)
    if not rows:
        return
    unknown = sum(row.portal_id not in known for row in rows)
    with stores.database.write() as conn:
        fresh = inbox.add(conn, [row for row in rows if row.portal_id in known], now)
        _mark_due(conn, stores, fresh, now)
        for portal_id, received in Counter(row.portal_id for row in fresh).items():
            webhook_days.add(conn, portal_id, now.date(), received=received)
    _count(stores.meter, fresh=len(fresh), own=own, unknown=unknown, all_events=len(events))
    log.info("webhook", events=len(events), new=len(fresh), own=own, unknown_portal=unknown)
    for portal_id in {row.portal_id for row in fresh}:
        mine = [row for row in fresh if row.portal_id == portal_id]
        if any(row.state == "waiting" for row in mine):
            # It enqueues the scoring when it is done, so that one event is one score.
            stores.jobs.enqueue("fan_out", portal_id=portal_id)
        else:
            stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.EVENT.value)


def _count(meter: RedisMeter, *, fresh: int, own: int, unknown: int, all_events: int) -> None:
    kinds = {"new": fresh, "own": own, "unknown_portal": unknown}
    kinds["other"] = all_events - sum(kinds.values())  # repeats, and what concerns nobody
    for kind, number in kinds.items():
        meter.count("webhook_events", number, kind=kind)


def _known(database: Database, events: Sequence[HubSpotEvent | Malformed]) -> set[int]:
    portal_ids = {event.portal_id for event in events if event.portal_id is not None}
    with database.read() as conn:
        return portals.connected(conn, {each for each in portal_ids if 0 < each < 2**63})


def _note_seen(
    settings: Settings,
    last_seen: LastSeen,
    events: Sequence[HubSpotEvent | Malformed],
    known: set[int],
) -> None:
    """For `portals check`: that webhooks come, what they look like, how our own are named."""
    app_id = settings.hubspot_app_id
    for event in events:
        if isinstance(event, Malformed) or event.portal_id not in known:
            continue
        kind = f"event {event.subscription_type}"[:80]
        last_seen.note(event.portal_id, kind, event.shape)
        if event.property_name.startswith(OWN_PREFIX):
            by = "this app" if event.source_id == app_id else "something else"
            last_seen.note(event.portal_id, "own write", f"{event.change_source} by {by}")


def _quarantined(event: Malformed) -> list[NewEvent]:
    log.warning("event_malformed", portal_id=event.portal_id, problem=event.problem)
    if event.portal_id is None or not 0 < event.portal_id < 2**63:
        return []
    return [
        NewEvent(
            portal_id=event.portal_id,
            dedupe_key=event.digest,
            object_type="",
            object_id="",
            change="",
            property_name="",
            occurred_at=datetime.fromtimestamp(0, UTC),
            related={},
            state="quarantined",
            problem=event.problem,
        )
    ]


def _mark_due(conn: Connection, stores: Stores, fresh: Sequence[NewEvent], now: datetime) -> None:
    by_portal: dict[int, dict[str, str]] = defaultdict(dict)
    restored: dict[int, dict[str, str]] = defaultdict(dict)
    for row in fresh:
        if row.state == "done":
            mac = stores.tombstone_mac(row.portal_id, row.object_id)
            by_portal[row.portal_id][mac] = row.object_id
            if row.change == "restore":
                restored[row.portal_id][mac] = row.object_id
    for portal_id, macs in by_portal.items():
        if restored[portal_id]:
            tombstones.clear(conn, portal_id, list(restored[portal_id]))
            missing_contacts.clear(
                conn, portal_id, list(restored[portal_id].values()), restored=True
            )
        erased = tombstones.present(conn, portal_id, list(macs), tombstones.NOT_BELIEF)
        alive = [contact_id for mac, contact_id in macs.items() if mac not in erased]
        due_leads.mark_due(
            conn, portal_id, alive, Urgency.EVENT, now, cause=Cause.EVENT, refresh=True
        )
