"""The address of whoever sent the request that is being answered."""

from __future__ import annotations

from flask import request

from backend.config import Settings
from backend.security.client_address import client_address


def address_of(settings: Settings) -> str:
    """Behind the proxies that are trusted; "" where there is none."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return client_address(request.remote_addr or "", forwarded, settings.trusted_proxies)
