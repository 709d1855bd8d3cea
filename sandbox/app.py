"""The Flask app: a table of contents of what the stand-in serves."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from sandbox.control import edits, faults, imports, portals, tokens, workflows
from sandbox.control import stats as control_stats
from sandbox.crm import (
    account,
    associations,
    associations_v3,
    automation,
    batches,
    groups,
    lists,
    memberships,
    objects,
    properties,
    search,
    usage,
)
from sandbox.errors import ApiError
from sandbox.gateway import Gateway, error_response
from sandbox.oauth.consent import Consent
from sandbox.oauth.endpoints import OAuthEndpoints
from sandbox.oauth.marketplace import Marketplace
from sandbox.pages.cards import CardPages
from sandbox.pages.contacts import ContactPages
from sandbox.pages.others import OtherPages
from sandbox.pages.panel import PanelPage
from sandbox.world import World

ROOMS = (
    objects,
    batches,
    search,
    associations,
    associations_v3,
    groups,
    properties,
    lists,
    memberships,
    automation,
    usage,
)


def create_app(world: World) -> Flask:
    """Everything under one address."""
    app = Flask("sandbox")
    gateway = Gateway(world, app)
    for room in ROOMS:
        room.register(gateway)
    account.register(gateway, world)
    OAuthEndpoints(world).register(gateway)
    cards = CardPages(world)
    rooms = (
        Consent(world),
        Marketplace(world),
        cards,
        ContactPages(world, cards),
        OtherPages(world, cards),
    )
    for pages in (*rooms, PanelPage(world)):
        pages.register(app)
    for desk in (tokens, control_stats, faults, portals, workflows, imports, edits):
        desk.register(app, world)
    app.register_error_handler(ApiError, error_response)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    category = "METHOD_NOT_ALLOWED" if status == 405 else "OBJECT_NOT_FOUND"
    return error_response(ApiError(status, category, error.description or error.name))
