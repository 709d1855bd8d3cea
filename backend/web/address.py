"""The address of whoever sent the request that is being answered."""

from __future__ import annotations

from flask import request

from backend.security.client_address import client_address
from backend.wiring import Product


def address_of(product: Product) -> str:
    """Behind the proxies that are trusted; "" where there is none."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return client_address(request.remote_addr or "", forwarded, product.settings.trusted_proxies)
