"""Requests that must prove they come from HubSpot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Request, request

from backend.errors import BadSignature
from backend.security.signature import verify_v3, verify_workflow
from backend.web.accesses import name_actor
from backend.wiring import Product

IDENTITY = ("portalId", "userId", "userEmail", "appId")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom HubSpot asserts: believed only after the signature was checked."""

    portal_id: int
    user_id: str


def verify(product: Product) -> None:
    """Raises BadSignature unless the present request is signed with v3 by a current secret."""
    _counted(product, verify_v3)


def verify_action(product: Product) -> None:
    """Raises BadSignature unless HubSpot's workflows signed this request, with v3 or v2."""
    _counted(product, verify_workflow)


def _counted(product: Product, check: Callable[..., None]) -> None:
    outcome = "failed"
    try:
        check(
            method=request.method,
            target=_raw_target(request),
            body=request.get_data(cache=True),
            headers=dict(request.headers),
            base_urls=product.settings.public_base_url,
            secrets=product.settings.hubspot_client_secret,
            now=product.clock.now(),
        )
        outcome = "ok"
    finally:
        product.meter.count("signatures", outcome=outcome)


def caller(product: Product) -> Caller:
    """The verified user and portal of a card request.

    A client can put its own `portalId` in the URL before HubSpot appends the real one, so a
    parameter that stands twice is refused.
    """
    verify(product)
    for name in IDENTITY:
        if len(request.args.getlist(name)) > 1:
            raise BadSignature(f"{name} stands more than once in the query")
    if request.args.get("appId", "") != product.settings.hubspot_app_id:
        raise BadSignature("the request is for another app")
    portal_id = request.args.get("portalId", "")
    if not (portal_id.isascii() and portal_id.isdigit() and len(portal_id) < 19):
        raise BadSignature("portalId is missing")
    found = Caller(int(portal_id), request.args.get("userId", ""))
    name_actor(f"hubspot:{found.user_id}", found.portal_id)
    return found


def _raw_target(incoming: Request) -> str:
    """Path and query exactly as they were sent."""
    raw = incoming.environ.get("RAW_URI") or incoming.environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = incoming.query_string.decode("latin-1")
    return incoming.path + (f"?{query}" if query else "")
