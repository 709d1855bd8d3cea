"""The part of `portals check` that only the account's own traffic can answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from backend.clients.hubspot.probe import Finding, HubSpotProbe
from backend.clients.redis.last_seen import LastSeen, Occurrence
from backend.errors import LeadlightError
from backend.ports import Clock
from backend.wiring import Product

WAIT_S = 90  # for the webhook of the test contact; HubSpot sends within seconds to a minute
POLL_S = 1.0
TEST_DOMAIN = "example.com"  # reserved (RFC 2606): nobody is written to

# What neither a call nor our own traffic shows: asked of a person, once, on a test account.
BY_HAND: Final = (
    (
        "email scope",
        "does the app's scope list offer sales-email-read on this platform version?",
    ),
    (
        "card fetch failures",
        "stop the backend and open a record: the card must say that it cannot be reached",
    ),
    (
        "workflow action fields",
        "`hs project upload` must accept the action's outputFields as they are",
    ),
)


def seen(last_seen: Mapping[str, Occurrence]) -> list[Finding]:
    """One line for the card, one for our own writes, one per kind of event that came."""
    return [
        _card(last_seen.get("card")),
        _own_write(last_seen.get("own write")),
        *_events(last_seen),
        *(Finding(question, "open", answer) for question, answer in BY_HAND),
    ]


def contact_heard(product: Product, portal_id: int) -> Finding:
    """Make a contact, wait for HubSpot's webhook about it, delete it whatever happened."""
    probe = product.hubspot.probe(portal_id)
    began = product.stores.clock.now()
    email = f"leadlight-check-{secrets.token_hex(6)}@{TEST_DOMAIN}"
    try:
        contact_id = probe.make_contact(email)
    except LeadlightError as error:
        return Finding("test contact", "wrong", f"could not be made: {error}")
    try:
        heard = _heard_since(product.stores.clock, product.stores.last_seen, portal_id, began)
    finally:
        left = _left_behind(probe, contact_id)
    if left:
        return Finding("test contact", "wrong", left)
    if heard:
        return Finding("test contact", "ok", "its webhook came; the contact is deleted again")
    return Finding(
        "test contact",
        "wrong",
        f"no webhook within {WAIT_S} s: does the app's target URL reach POST /webhooks/hubspot?",
    )


def _left_behind(probe: HubSpotProbe, contact_id: str) -> str:
    """What to do by hand when the contact cannot be deleted, "" when it is."""
    try:
        probe.delete_contact(contact_id)
    except LeadlightError as error:
        return f"contact {contact_id} could not be deleted, delete it by hand: {error}"
    return ""


def _heard_since(clock: Clock, last_seen: LastSeen, portal_id: int, began: datetime) -> bool:
    while clock.now() - began < timedelta(seconds=WAIT_S):
        events = last_seen.read(portal_id).items()
        if any(what.startswith("event ") and seen.at >= began for what, seen in events):
            return True
        clock.sleep(POLL_S)
    return False


def _card(occurrence: Occurrence | None) -> Finding:
    if occurrence is None:
        return Finding("card", "open", "not seen yet: open a contact's record with the card")
    return Finding("card", "ok", f"last asked at {occurrence.at:%Y-%m-%d %H:%M} UTC")


def _own_write(occurrence: Occurrence | None) -> Finding:
    if occurrence is None:
        return Finding("own writes", "open", "HubSpot has not reported one of ours yet")
    verdict = "ok" if occurrence.shape.endswith("by this app") else "wrong"
    return Finding("own writes", verdict, f"reported as {occurrence.shape}")


def _events(last_seen: Mapping[str, Occurrence]) -> list[Finding]:
    return [
        Finding(what, "ok", occurrence.shape)
        for what, occurrence in sorted(last_seen.items())
        if what.startswith("event ")
    ]
