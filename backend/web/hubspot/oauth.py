"""Connecting a portal: invitation → HubSpot's consent page → tokens, sealed.

An install needs a valid invitation, or the app is listed and HubSpot's marketplace began it
(`web/hubspot/marketplace.py`). The state is signed, lives ten minutes, works once, and is bound to
the browser that began.
"""

from __future__ import annotations

import secrets

import structlog
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from backend.clients.hubspot.oauth import Granted
from backend.config import OAUTH_STATE_S, Settings
from backend.errors import BadInput, LeadlightError
from backend.security import oauth_state
from backend.security.hashes import token_hash
from backend.services.portals.connect import claim, connect
from backend.storage.portals import portals
from backend.web.hubspot import marketplace
from backend.web.hubspot.messages import message, redirect_uri
from backend.wiring import Product

COOKIE = "leadlight_oauth"
CLAIM = "claim"  # in place of an invitation's hash: whoever installed the app says who they are
log = structlog.get_logger()


def blueprint(product: Product) -> Blueprint:
    """GET /oauth/install, /oauth/claim, /oauth/callback and its alias /auth/callback."""
    routes = Blueprint("oauth", __name__)

    @routes.get("/oauth/install")
    def install() -> AnyResponse:
        return begin(product, request.args.get("invitation", ""))

    @routes.get("/oauth/claim")
    def begin_claim() -> AnyResponse:
        return _to_consent(product, CLAIM)

    @routes.get("/oauth/callback")
    @routes.get("/auth/callback")
    def callback() -> AnyResponse:
        if marketplace.is_install(request.args):
            return marketplace.install(product, request.args)
        return finish(product)

    return routes


def begin(product: Product, invitation: str) -> AnyResponse:
    """To HubSpot's consent page, with a state that only this browser can bring back."""
    with product.stores.database.read() as conn:
        is_open = portals.invitation_is_open(
            conn, token_hash(invitation), product.stores.clock.now()
        )
    if not is_open:
        return message(
            "This invitation is not valid",
            "It was used already, has expired, or was copied incompletely. Ask for a new one.",
            status=403,
        )
    return _to_consent(product, token_hash(invitation))


def _to_consent(product: Product, purpose: str) -> AnyResponse:
    """`purpose`: an invitation's hash, or CLAIM."""
    browser = secrets.token_urlsafe(24)
    state = oauth_state.make(
        product.stores.settings.session_secret,
        browser=browser,
        invitation=purpose,
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
            return message("Not connected", "You declined the request; nothing was stored.")
        granted = product.hubspot.oauth.exchange(
            request.args.get("code", ""), redirect_uri=redirect_uri(product.stores.settings)
        )
    except BadInput as error:
        log.warning("oauth_state_refused", problem=str(error))
        return message("This page has expired", "Start again from your invitation.", status=400)
    except LeadlightError as error:
        log.warning("oauth_failed", code=error.code)
        return message(
            "HubSpot did not confirm the connection",
            "Start again from your invitation.",
            status=400 if error.code == "needs_reconnect" else 503,
        )
    response = _granted(product, granted, state.invitation)
    response.delete_cookie(COOKIE)
    return response


def _granted(product: Product, granted: Granted, purpose: str) -> Response:
    settings = product.stores.settings
    if purpose == CLAIM:
        code = claim(product, granted)
        if code:
            return _connected(settings, granted.portal_id, code)
        return _not_first_admin(taken=code is not None)
    code = connect(product, granted, purpose)
    if code is None:
        return message("This invitation is not valid", "Ask for a new one.", status=403)
    return _connected(settings, granted.portal_id, code)


def _not_first_admin(*, taken: bool) -> Response:
    if taken:
        text = "This account has an admin already. Ask them to invite you, in the console on Users."
        return message("Leadlight has an admin here", text, status=403)
    text = (
        "Only the person who installed Leadlight in this HubSpot account can become its first "
        "admin. Sign in to HubSpot as that person, choose the same account, and try again."
    )
    return message("You did not install Leadlight here", text, status=403)


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
    response = message("Connected", text, link=f"{console}{path}" if console else "")
    response.headers["Cache-Control"] = "no-store"
    return response
