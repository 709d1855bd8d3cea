"""The card's data: stored facts only, no vendor is called while a rep waits.

Expected failures are `200 {"ok": false, "code", "message"}` because HubSpot's proxy hides other
statuses from the card; only a bad signature is a 401 and another portal's lead a 404.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request

from backend.errors import NotFound
from backend.model import Mode, Urgency
from backend.storage import leads, portals, profiles, rescores, scores
from backend.storage.portals import Portal
from backend.web.card_answer import answer_of
from backend.web.signed import caller
from backend.wiring import Product

log = structlog.get_logger()
CONTACT_ID_MAX = 32


def blueprint(product: Product) -> Blueprint:
    """GET /card/lead, POST /card/rescore, GET /card/rescore/<id>."""
    routes = Blueprint("card", __name__)

    @routes.get("/card/lead")
    def lead() -> Response:
        who = caller(product)
        return jsonify(read_lead(product, who.portal_id, request.args.get("contactId", "")))

    @routes.post("/card/rescore")
    def rescore() -> Response:
        who = caller(product)
        body = request.get_json(silent=True)
        contact_id = str(body.get("contactId", "")) if isinstance(body, dict) else ""
        return jsonify(ask_rescore(product, who.portal_id, contact_id, who.user_id))

    @routes.get("/card/rescore/<rescore_id>")
    def rescore_state(rescore_id: str) -> Response:
        who = caller(product)
        return jsonify(read_rescore(product, who.portal_id, rescore_id))

    return routes


def failure(code: str, message: str) -> dict[str, Any]:
    """The envelope of an expected failure."""
    return {"ok": False, "code": code, "message": message}


def read_lead(product: Product, portal_id: int, contact_id: str) -> dict[str, Any]:
    """Everything one paint of the card needs, from one read transaction."""
    with product.database.read() as conn:
        portal = _portal(conn, portal_id)
        if isinstance(portal, dict):
            return portal
        row = _known(conn, portal_id, contact_id)
        stored = scores.current(conn, portal_id, [contact_id]).get(contact_id)
        history = scores.history(conn, portal_id, contact_id, limit=2)
        population, _ = profiles.population(conn, portal_id)
    if row["ineligible_reason"]:
        return failure("not_a_lead", row["ineligible_reason"])
    if stored is None:
        if row["parked_at"] is not None:
            return failure("parked", "Scoring failed several times; an operator has been told.")
        waiting = row["due_at"] is not None
        return failure("scoring" if waiting else "not_scored", "This lead is not scored yet.")
    return {"ok": True, "lead": answer_of(stored, history, row, population)}


def ask_rescore(product: Product, portal_id: int, contact_id: str, user_id: str) -> dict[str, Any]:
    """Due now, ahead of every backfill; pressing twice is one rescore."""
    now = product.clock.now()
    with product.database.write() as conn:
        portal = _portal(conn, portal_id)
        if isinstance(portal, dict):
            return portal
        if portal.settings.mode is Mode.PAUSED:
            return failure("paused", "Scoring is paused for this account.")
        _known(conn, portal_id, contact_id)
        rescore_id = rescores.waiting(conn, portal_id, contact_id)
        if rescore_id is None:
            leads.mark_due(
                conn, portal_id, [contact_id], Urgency.PERSON, now, cause="person", refresh=True
            )
            rescore_id = rescores.ask(
                conn, portal_id, contact_id, requested_by=f"hubspot:{user_id}", now=now
            )
    product.jobs.ring(
        "score_due", portal_id=portal_id, urgency=Urgency.PERSON.value, contact_id=contact_id
    )
    return {"ok": True, "rescore_id": rescore_id}


def read_rescore(product: Product, portal_id: int, rescore_id: str) -> dict[str, Any]:
    """waiting, changed, unchanged, failed or ineligible: "unchanged" ends the wait, too."""
    with product.database.read() as conn:
        portal = _portal(conn, portal_id)
        if isinstance(portal, dict):
            return portal
        found = rescores.get(conn, portal_id, rescore_id)
    return {"ok": True, "state": found.state, "contact_id": found.contact_id}


def _portal(conn: Any, portal_id: int) -> Portal | dict[str, Any]:
    try:
        portal = portals.get(conn, portal_id)
    except NotFound:
        return failure("disconnected", "This account is not connected to Leadlight.")
    if portal.state != "connected":
        return failure("disconnected", "An admin has to connect this account again.")
    return portal


def _known(conn: Any, portal_id: int, contact_id: str) -> Any:
    row = None
    if contact_id.isascii() and contact_id.isdigit() and len(contact_id) <= CONTACT_ID_MAX:
        row = leads.row(conn, portal_id, contact_id)
    if row is None:
        raise NotFound("no such lead in this account")
    return row
