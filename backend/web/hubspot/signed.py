"""Requests that must prove they come from HubSpot, and which part of HubSpot sent them.

A signature says only that HubSpot sent the request. Any user can have HubSpot's proxy for cards
(`hubspot.fetch`) sign a path and body of their choice; the proxy always appends who asks. So a card
request must carry those parameters, and webhooks and workflow calls, which HubSpot sends without
a query, must not carry any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Request, request

from backend.errors import BadSignature
from backend.security.signature import identity_of, path_of, verify_v3, verify_workflow
from backend.web.accesses import name_actor
from backend.wiring import Stores

_USER_ID_MAX = 64  # characters


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """Whom HubSpot asserts: believed only after the signature was checked."""

    portal_id: int
    user_id: str


def verify(stores: Stores) -> None:
    """Raises BadSignature unless HubSpot's webhooks signed this request: v3, without a query."""
    _counted(stores, verify_v3)
    _require_no_query()


def verify_action(stores: Stores) -> None:
    """Raises BadSignature unless HubSpot's workflows signed this request, with v3 or v2."""
    _counted(stores, verify_workflow)
    _require_no_query()


def _counted(stores: Stores, check: Callable[..., None]) -> None:
    outcome = "failed"
    target = _raw_target(request)
    try:
        _require_plain_path(target)
        check(
            method=request.method,
            target=target,
            body=request.get_data(cache=True),
            headers=dict(request.headers),
            base_urls=stores.settings.public_base_url,
            secrets=stores.settings.hubspot_client_secret,
            now=stores.clock.now(),
        )
        outcome = "ok"
    finally:
        stores.meter.count("signatures", outcome=outcome)


def caller(stores: Stores) -> SignedCaller:
    """The verified user and portal of a card request.

    A client can put its own `portalId` in the URL before HubSpot appends the real one, so each of
    the four parameters must stand exactly once, in whatever case.
    """
    _counted(stores, verify_v3)
    given = identity_of(_raw_target(request))
    if given["appId"] != stores.settings.hubspot_app_id:
        raise BadSignature("the request is for another app")
    portal_id = given["portalId"]
    if not (portal_id.isascii() and portal_id.isdigit() and len(portal_id) < 19):
        raise BadSignature("portalId is not a portal's number")
    if len(given["userId"]) > _USER_ID_MAX:
        raise BadSignature("userId is too long")
    found = SignedCaller(int(portal_id), given["userId"])
    _require_same_portal(found.portal_id)
    name_actor(f"hubspot:{found.user_id}", found.portal_id)
    return found


def _require_same_portal(portal_id: int) -> None:
    """A body that names a portal names the one that was signed."""
    body = request.get_json(force=True, silent=True)
    named = body.get("portalId", portal_id) if isinstance(body, dict) else portal_id
    if str(named) != str(portal_id):
        raise BadSignature("the body names another portal than the signed query")


def _require_no_query() -> None:
    if "?" in _raw_target(request):
        raise BadSignature("HubSpot's webhooks and workflows send no query")


def _require_plain_path(target: str) -> None:
    """The path as it was sent is the route's own: nothing escaped, doubled or climbing."""
    if path_of(target) != request.path:
        raise BadSignature("the path is not written as HubSpot was told to call it")


def _raw_target(incoming: Request) -> str:
    """Path and query exactly as they were sent."""
    raw = incoming.environ.get("RAW_URI") or incoming.environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = incoming.query_string.decode("latin-1")
    return incoming.path + (f"?{query}" if query else "")
