"""`/api/v1`: what the console and other programs read, with an API key's portal and role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.errors import BadInput, Forbidden
from backend.security import api_keys as secrets_of
from backend.storage import api_keys, leads, portals, runs, scores, writes
from backend.storage.api_keys import ApiKey
from backend.web.card_answer import moment
from backend.wiring import Product


def blueprint(product: Product) -> Blueprint:
    """GET /api/v1/overview."""
    routes = Blueprint("api", __name__, url_prefix="/api/v1")

    @routes.get("/overview")
    def overview() -> Response:
        key = authenticated(product)
        return jsonify(read_overview(product, key.portal_id))

    return routes


def authenticated(product: Product) -> ApiKey:
    """The key of `Authorization: Bearer …`; raises Forbidden without saying why."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise BadInput("send an API key as `Authorization: Bearer …`")
    with product.database.read() as conn:
        key = api_keys.find(conn, secrets_of.prefix_of(text))
    now = product.clock.now()
    valid = (
        key is not None
        and secrets_of.matches(text, key.key_hash)
        and key.revoked_at is None
        and (key.expires_at is None or key.expires_at > now)
    )
    if key is None or not valid:
        raise Forbidden("this API key is not valid")
    return key


def read_overview(product: Product, portal_id: int) -> dict[str, Any]:
    """Score distribution, bands and what is under way."""
    with product.database.read() as conn:
        portal = portals.get(conn, portal_id)
        distribution = scores.distribution(conn, portal_id)
        due = leads.unfinished(conn, portal_id)
        pending = writes.count(conn, portal_id)
        parked = leads.parked(conn, portal_id)
        run = runs.latest(conn, portal_id, "backfill")
        latest = scores.latest_at(conn, portal_id)
    high, medium = portal.settings.thresholds.high, portal.settings.thresholds.medium
    return {
        "portal_id": portal_id,
        "mode": portal.settings.mode.value,
        "state": portal.state,
        "distribution": distribution,
        "thresholds": {"high": high, "medium": medium},
        "bands": {
            "High": sum(distribution[high:]),
            "Medium": sum(distribution[medium:high]),
            "Low": sum(distribution[:medium]),
        },
        "due": due,
        "pending_writes": pending,
        "parked": parked,
        "last_scored": None if latest is None else moment(latest),
        "backfill": None
        if run is None
        else {"state": run.state, "done": run.done, "total": run.total},
    }
