"""Every request is counted by its route, never by its address: addresses hold ids."""

from __future__ import annotations

from time import perf_counter

from flask import Flask, Response, request

from backend.wiring import Stores

_BEGAN = "leadlight.began"  # in the request's WSGI environment


def measure_requests(app: Flask, stores: Stores) -> None:
    """Count and time what the app answers; sends the sums at the end of each request."""

    @app.before_request
    def begin() -> None:
        request.environ[_BEGAN] = perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        failed = response.status_code >= 500
        meter = stores.meter
        meter.count(
            "http_requests",
            route=route,
            status=str(response.status_code),
            outcome="failed" if failed else "ok",
        )
        began = request.environ.get(_BEGAN, perf_counter())
        meter.observe("http_request_seconds", perf_counter() - began, route=route)
        return response

    @app.teardown_request
    def send(_error: BaseException | None) -> None:
        stores.meter.send()
