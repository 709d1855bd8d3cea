"""The Flask app; `create` reads like a table of contents."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from backend.config import WEBHOOK_BODY_MAX
from backend.errors import BadInput, BadSignature, Conflict, Forbidden, NotFound, Transient
from backend.web import api, card, health, oauth, webhooks
from backend.web.measured import measure_requests
from backend.wiring import Product

log = structlog.get_logger()

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
    app.register_blueprint(oauth.blueprint(product))
    app.register_blueprint(webhooks.blueprint(product))
    app.register_blueprint(card.blueprint(product))
    app.register_blueprint(api.blueprint(product))
    app.register_blueprint(health.blueprint(product))
    _errors(app)
    _headers(app, product)
    measure_requests(app, product)
    return app


def _headers(app: Flask, product: Product) -> None:
    https = not product.settings.on_loopback

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response


def _errors(app: Flask) -> None:
    def answer(status: int, code: str, message: str) -> tuple[Response, int]:
        return jsonify(ok=False, code=code, message=message), status

    @app.errorhandler(BadSignature)
    def unsigned(error: BadSignature) -> tuple[Response, int]:
        log.warning("bad_signature", problem=str(error))
        return answer(401, error.code, "The request is not signed by HubSpot for this app.")

    @app.errorhandler(NotFound)
    def missing(error: NotFound) -> tuple[Response, int]:
        return answer(404, error.code, str(error))

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> tuple[Response, int]:
        return answer(403, error.code, str(error))

    @app.errorhandler(Conflict)
    def conflict(error: Conflict) -> tuple[Response, int]:
        return answer(409, error.code, str(error))

    @app.errorhandler(BadInput)
    def bad(error: BadInput) -> tuple[Response, int]:
        return answer(400, error.code, str(error))

    @app.errorhandler(Transient)
    def later(error: Transient) -> tuple[Response, int]:
        log.warning("unavailable", problem=str(error))
        return answer(503, "unavailable", "Leadlight is not available for a moment.")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        return answer(error.code or 500, error.name.lower().replace(" ", "_"), error.name)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[Response, int]:
        log.error("unexpected", problem=type(error).__name__, exc_info=error)
        return answer(500, "internal", "Something went wrong.")
