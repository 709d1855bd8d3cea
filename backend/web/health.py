"""`GET /health`, `/health/live`, `/health/ready`, `/metrics`: no secrets, no personal data."""

from __future__ import annotations

import hmac
from threading import Lock
from time import monotonic
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.config import Settings
from backend.errors import NotFound
from backend.services.health.gauges import exposition
from backend.services.health.report import report, without_portals
from backend.wiring import Product

FRESH_S = 5.0  # one report serves everyone who asks within this time
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def blueprint(product: Product) -> Blueprint:
    """Live: the process answers. Ready: database and queue do. Health: everything."""
    routes = Blueprint("health", __name__)
    latest = _Latest(product)

    @routes.get("/health/live")
    def live() -> Response:
        return jsonify(ok=True)

    @routes.get("/health/ready")
    def ready() -> tuple[Response, int]:
        ok = bool(latest.report()["ready"])
        return jsonify(ok=ok), 200 if ok else 503

    @routes.get("/health")
    def health() -> tuple[Response, int]:
        found = latest.report()
        shown = found if is_operator(product.stores.settings) else without_portals(found)
        return jsonify(shown), 200 if found["ok"] else 503

    @routes.get("/metrics")
    def metrics() -> Response:
        if not is_operator(product.stores.settings):
            raise NotFound("nothing is here")
        return Response(exposition(product.stores, latest.report()), content_type=CONTENT_TYPE)

    return routes


def is_operator(settings: Settings) -> bool:
    """Who shows METRICS_TOKEN; without one, whoever reaches a product that is only on loopback."""
    token = settings.metrics_token
    if not token:
        return settings.on_loopback
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(shown.encode(), token.encode())


class _Latest:
    """The report, made anew when the last one is older than FRESH_S; one maker at a time."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._lock = Lock()
        self._made_at = float("-inf")
        self._found: dict[str, Any] = {}

    def report(self) -> dict[str, Any]:
        with self._lock:
            if monotonic() - self._made_at > FRESH_S:
                self._found = report(self._product)
                self._made_at = monotonic()
            return self._found
