"""The app's own page in HubSpot: a rep's leads in the order to work them."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from backend.services.routing import working_list
from backend.web.card import models as shapes
from backend.web.card.answer import records_url
from backend.web.card.routes import Refused, as_json, body_of, portal_of
from backend.web.hubspot.signed import SignedCaller, caller
from backend.wiring import Stores


def blueprint(stores: Stores) -> Blueprint:
    """The list to read, and a lead to put aside."""
    routes = Blueprint("card_mine", __name__)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return jsonify(error.failure.model_dump())

    @routes.get("/card/mine")
    def mine() -> Response:
        who = caller(stores)
        # HubSpot says whose the request is, and its signature covers that
        return as_json(read_mine(stores, who, request.args.get("userEmail", "")))

    @routes.post("/card/aside")
    def aside() -> Response:
        who = caller(stores)
        return as_json(put_aside(stores, who, body_of(shapes.PutAsideRequest)))

    return routes


def read_mine(stores: Stores, who: SignedCaller, address: str) -> shapes.ToDoAnswer:
    """The leads of the owner with this address."""
    with stores.database.read() as conn:
        portal_of(conn, who.portal_id)
    found = working_list.working_list(stores, who.portal_id, address)
    records = records_url(stores.settings.hubspot_authorize_base, who.portal_id)
    return shapes.ToDoAnswer(
        is_owner=bool(found.owner_id),
        total=found.total,
        items=[
            shapes.ToDo.model_validate(
                {
                    "contact_id": one.contact_id,
                    "name": one.name,
                    "company": one.company,
                    "score": one.score,
                    "fit_level": one.band,
                    "next_action": one.next_action,
                    "reason": one.reason,
                    "change": one.change,
                    "url": f"{records}/0-1/{one.contact_id}",
                }
            )
            for one in found.to_do
        ],
    )


def put_aside(
    stores: Stores, who: SignedCaller, asked: shapes.PutAsideRequest
) -> shapes.PutAsideAnswer:
    """Done, snoozed or no lead; twice is once."""
    with stores.database.read() as conn:
        portal_of(conn, who.portal_id)
    working_list.put_aside(
        stores, who.portal_id, asked.contactId, asked.kind, asked.days, f"hubspot:{who.user_id}"
    )
    return shapes.PutAsideAnswer()
