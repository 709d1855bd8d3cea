"""An install that HubSpot's marketplace began: its `code` and `returnUrl`, and no state of ours.

Source: HubSpot's "Understand app installation flow", without partner sign-in; since 26 October 2026
every listed app is installed so. Nobody is signed in by it and nobody becomes an admin: the browser
proves nothing but that it holds a code. Who installed the app proves that at `/oauth/claim`.
"""

from __future__ import annotations

import structlog
from flask import redirect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from backend.errors import LeadlightError
from backend.security.return_url import is_hubspots
from backend.services.portals.connect import connect_from_marketplace
from backend.web.hubspot.messages import message, redirect_uri
from backend.wiring import Product

log = structlog.get_logger()


def is_install(args: MultiDict[str, str]) -> bool:
    """Whether HubSpot's marketplace sent this browser, not our own link to the consent page."""
    return "returnUrl" in args and "state" not in args


def install(product: Product, args: MultiDict[str, str]) -> AnyResponse:
    """Connect the portal that the code is for, and go back to HubSpot."""
    settings = product.stores.settings
    if not settings.hubspot_listed:
        text = "Leadlight is installed here by invitation only. Ask for one."
        return message("An invitation is needed", text, status=403)
    codes, places = args.getlist("code"), args.getlist("returnUrl")
    if len(codes) != 1 or len(places) != 1:
        return _start_again()
    if not is_hubspots(places[0], settings.hubspot_authorize_base):
        log.warning("marketplace_return_refused")
        return _start_again()
    try:
        granted = product.hubspot.oauth.exchange(codes[0], redirect_uri=redirect_uri(settings))
    except LeadlightError as error:
        log.warning("marketplace_install_failed", code=error.code)
        return _start_again(status=400 if error.code == "needs_reconnect" else 503)
    connect_from_marketplace(product, granted)
    return redirect(places[0])


def _start_again(*, status: int = 400) -> AnyResponse:
    text = "Nothing was connected. Start again from Leadlight's page on HubSpot's marketplace."
    return message("The installation was not completed", text, status=status)
