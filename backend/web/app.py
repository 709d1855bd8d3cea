"""The Flask app; `create` reads like a table of contents."""

from __future__ import annotations

from flask import Flask, Response

from backend.config import WEBHOOK_BODY_MAX, Settings
from backend.web import api, bodies, errors, health, unsubscribe
from backend.web.accesses import log_accesses
from backend.web.card import mine, records, routes
from backend.web.hubspot import agent_tools, oauth, webhooks, workflow
from backend.web.measured import measure_requests
from backend.wiring import Product

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}


def create(product: Product) -> Flask:
    """All faces of the backend, wired to `product`."""
    app = Flask("backend.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = WEBHOOK_BODY_MAX
    bodies.register(app)
    app.register_blueprint(oauth.blueprint(product))
    app.register_blueprint(webhooks.blueprint(product.stores))
    app.register_blueprint(routes.blueprint(product.stores))
    app.register_blueprint(mine.blueprint(product.stores))
    app.register_blueprint(records.blueprint(product.stores))
    app.register_blueprint(workflow.blueprint(product.stores))
    app.register_blueprint(agent_tools.blueprint(product.stores))
    api.register(app, product)
    app.register_blueprint(unsubscribe.blueprint(product.stores))
    app.register_blueprint(health.blueprint(product))
    errors.register(app)
    _headers(app, product.stores.settings)
    measure_requests(app, product.stores)
    log_accesses(app, product.stores.clock, product.stores.redis)
    return app


def _headers(app: Flask, settings: Settings) -> None:
    https = not settings.on_loopback

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response
