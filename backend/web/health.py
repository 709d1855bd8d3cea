"""`GET /health`: what works and what waits; no secrets, no personal data."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from backend.health import report
from backend.wiring import Product


def blueprint(product: Product) -> Blueprint:
    """GET /health (everything) and GET /health/live (the process answers)."""
    routes = Blueprint("health", __name__)

    @routes.get("/health/live")
    def live() -> Response:
        return jsonify(ok=True)

    @routes.get("/health")
    def health() -> tuple[Response, int]:
        found = report(product)
        return jsonify(found), 200 if found["ok"] else 503

    return routes
