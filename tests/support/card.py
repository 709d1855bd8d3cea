"""Requests of the card, as HubSpot's proxy signs them."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from backend.security.signature import sign_v3
from tests.integration.conftest import ENVIRON, PORTAL, Connected


def ask(
    connected: Connected,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    portal_id: int | str = PORTAL,
    tail: str = "",
) -> tuple[int, Any]:
    """As HubSpot's proxy asks: identity appended to the query, signed with v3."""
    raw = b"" if body is None else json.dumps(body).encode()
    glue = "&" if "?" in path else "?"
    target = (
        f"{path}{glue}userId=7&portalId={portal_id}"
        f"&userEmail={quote('rep@x.example', safe='')}&appId={ENVIRON['HUBSPOT_APP_ID']}{tail}"
    )
    at = int(time.time() * 1000)
    base = connected.product.stores.settings.public_base_url[0]
    signature = sign_v3(ENVIRON["HUBSPOT_CLIENT_SECRET"], method, base + target, raw, at)
    answer = connected.app.test_client().open(
        target,
        method=method,
        data=raw,
        content_type="application/json",
        headers={
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": str(at),
        },
    )
    return answer.status_code, answer.get_json()


def some_lead(connected: Connected) -> str:
    return sorted(connected.scores())[3]
