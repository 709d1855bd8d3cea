"""The way through consent."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests
from flask.testing import FlaskClient

from backend.security.hashes import token_hash
from backend.storage.portals import portals
from tests.integration.conftest import PORTAL, Connected

LISTS = frozenset({"crm.lists.read", "crm.lists.write"})


def invite(connected: Connected, token: str = "token-1") -> str:
    with connected.product.stores.database.write() as conn:
        now = connected.product.stores.clock.now()
        portals.make_invitation(
            conn, token_hash(token), made_by="t", now=now, expires_at=now + timedelta(days=1)
        )
    return f"/oauth/install?invitation={token}"


def begin(browser: FlaskClient, link: str) -> dict[str, str]:
    """The parameters with which the browser arrives at the consent page."""
    answer = browser.get(link)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def approve(
    connected: Connected,
    asked: dict[str, str],
    decision: str = "approve",
    *,
    refused: frozenset[str] = frozenset(),
    user_id: int | None = None,
) -> str:
    """Press a button on the consent page, as the portal's admin or somebody else; where the browser
    is sent."""
    optional = set(asked.get("optional_scope", "").split()) - refused
    answer = requests.post(
        f"{connected.sandbox.url}/oauth/authorize/approve",
        data=[
            *asked.items(),
            ("portal_id", str(PORTAL)),
            ("decision", decision),
            ("user_id", str(user_id or "")),
        ]
        + [("granted", scope) for scope in optional],
        allow_redirects=False,
        timeout=10,
    )
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"
