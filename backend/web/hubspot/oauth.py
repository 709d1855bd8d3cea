"""Connecting a portal: invitation → HubSpot's consent page → tokens, sealed.

An install needs a valid invitation. The state is signed, lives ten minutes, works once, and is
bound to the browser that began.
"""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from backend.config import OAUTH_STATE_S, Settings
from backend.errors import BadInput, LeadlightError
from backend.security import oauth_state
from backend.security.hashes import token_hash
from backend.services.portals.connect import connect
from backend.storage.portals import portals
from backend.wiring import Product

COOKIE = "leadlight_oauth"
log = structlog.get_logger()


def blueprint(product: Product) -> Blueprint:
    """GET /oauth/install, GET /oauth/callback and its alias /auth/callback."""
    routes = Blueprint("oauth", __name__)

    @routes.get("/oauth/install")
    def install() -> AnyResponse:
        return begin(product, request.args.get("invitation", ""))

    @routes.get("/oauth/callback")
    @routes.get("/auth/callback")
    def callback() -> AnyResponse:
        return finish(product)

    return routes


def redirect_uri(settings: Settings) -> str:
    """Must equal one of the app's redirect URLs, letter by letter."""
    return f"{settings.public_base_url[0]}/oauth/callback"


def begin(product: Product, invitation: str) -> AnyResponse:
    """To HubSpot's consent page, with a state that only this browser can bring back."""
    with product.stores.database.read() as conn:
        is_open = portals.invitation_is_open(
            conn, token_hash(invitation), product.stores.clock.now()
        )
    if not is_open:
        return _page(
            "This invitation is not valid",
            "It was used already, has expired, or was copied incompletely. Ask for a new one.",
            status=403,
        )
    browser = secrets.token_urlsafe(24)
    state = oauth_state.make(
        product.stores.settings.session_secret,
        browser=browser,
        invitation=token_hash(invitation),
        now=product.stores.clock.now(),
    )
    url = product.hubspot.oauth.authorize_url(
        redirect_uri=redirect_uri(product.stores.settings), state=state
    )
    response = redirect(url)
    response.set_cookie(
        COOKIE,
        browser,
        max_age=OAUTH_STATE_S,
        httponly=True,
        secure=not product.stores.settings.on_loopback,
        samesite="Lax",
        path="/",
    )
    return response


def finish(product: Product) -> AnyResponse:
    """The browser comes back with a code, or with the admin's refusal."""
    now = product.stores.clock.now()
    try:
        state = oauth_state.check(
            product.stores.settings.session_secret,
            request.args.get("state", ""),
            browser=request.cookies.get(COOKIE, ""),
            now=now,
        )
        with product.stores.database.write() as conn:
            if not portals.use_state(conn, token_hash(state.nonce), now):
                raise BadInput("this link was used already")
        if "error" in request.args:
            return _page("Not connected", "You declined the request; nothing was stored.")
        granted = product.hubspot.oauth.exchange(
            request.args.get("code", ""), redirect_uri=redirect_uri(product.stores.settings)
        )
    except BadInput as error:
        log.warning("oauth_state_refused", problem=str(error))
        return _page("This page has expired", "Start again from your invitation.", status=400)
    except LeadlightError as error:
        log.warning("oauth_failed", code=error.code)
        return _page(
            "HubSpot did not confirm the connection",
            "Start again from your invitation.",
            status=400 if error.code == "needs_reconnect" else 503,
        )
    code = connect(product, granted, state.invitation)
    if code is None:
        return _page("This invitation is not valid", "Ask for a new one.", status=403)
    response = _connected(product.stores.settings, granted.portal_id, code)
    response.delete_cookie(COOKIE)
    return response


def _connected(settings: Settings, portal_id: int, code: str) -> Response:
    """On to the console: with the link that makes the first admin, which works once."""
    console, path = settings.console_public_url, f"/welcome?code={code}" if code else "/start"
    reads = f"Leadlight now reads portal {portal_id}."
    if not code:
        text = f"{reads} The console shows how far that is."
    elif console:
        text = f"{reads} Choose a password to become its first admin; the link works once."
    else:
        text = f"{reads} Open {path} on the console's address to become its first admin."
    response = _page("Connected", text, link=f"{console}{path}" if console else "")
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(title: str, text: str, *, status: int = 200, link: str = "") -> Response:
    html = render_template("message.html", title=title, text=text, link=link)
    return make_response(html, status)
