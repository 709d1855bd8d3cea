"""The page behind "Stop these emails": no sign-in, one button.

Opening it changes nothing, because mail scanners open every link; the button, or a mail program's
own (RFC 8058), sends the POST that does.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from backend.errors import NotFound
from backend.services.routing import recipients
from backend.web.hubspot.messages import message
from backend.wiring import Stores

PAGE = "/unsubscribe/<int:portal_id>/<id:recipient_id>/<id:signed>"


def blueprint(stores: Stores) -> Blueprint:
    """To look at, and to do it."""
    routes = Blueprint("unsubscribe", __name__)

    @routes.get(PAGE)
    def ask(portal_id: int, recipient_id: str, signed: str) -> Response:
        try:
            recipients.check_link(stores, portal_id, recipient_id, signed)
        except NotFound:
            return _unknown()
        return make_response(render_template("unsubscribe.html"))

    @routes.post(PAGE)
    def stop(portal_id: int, recipient_id: str, signed: str) -> Response:
        try:
            recipients.unsubscribe(stores, portal_id, recipient_id, signed)
        except NotFound:
            return _unknown()
        return message("Stopped", "You will get no more weekly reports from Leadlight.")

    return routes


def _unknown() -> Response:
    text = "This link is not complete. Open it again from the email."
    return message("Nothing was changed", text, status=404)
