"""`/sandbox/health`, `/sandbox/stats`, `/sandbox/webhooks…`, `/sandbox/rate-limit`."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.control.desk import object_body, seconds, serve
from sandbox.errors import Json, invalid
from sandbox.world import World


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def health(body: Any) -> Json:
        with world.lock:
            counts = {
                str(portal.portal_id): {name: len(store) for name, store in portal.stores.items()}
                for portal in world.portals.values()
            }
        return {"status": "ok", "portals": counts, "webhooks": world.courier.pending()}

    def reset(body: Any) -> None:
        world.stats.reset()

    def flush(body: Any) -> Json:
        wanted = object_body(body)
        done = world.courier.flush(
            seconds(wanted.get("timeout_s", 30), "timeout_s"), bool(wanted.get("retries", False))
        )
        counts = world.stats.as_json()["webhooks"]
        return {"flushed": done, **counts, **world.courier.pending()}

    def change_webhooks(body: Any) -> Json:
        _change_courier(world, object_body(body))
        return _courier_json(world)

    def limit(body: Any) -> Json:
        world.limiter.enabled = bool(object_body(body).get("enabled", True))
        return {"enabled": world.limiter.enabled}

    serve(app, "GET", "/sandbox/health", health)
    serve(app, "GET", "/sandbox/stats", lambda body: world.stats.as_json())
    serve(app, "DELETE", "/sandbox/stats", reset)
    serve(app, "POST", "/sandbox/webhooks/flush", flush)
    serve(app, "GET", "/sandbox/webhooks", lambda body: _courier_json(world))
    serve(app, "PUT", "/sandbox/webhooks", change_webhooks)
    serve(app, "PUT", "/sandbox/rate-limit", limit)


def _change_courier(world: World, body: Json) -> None:
    courier = world.courier
    courier.target_url = str(body.get("target_url", courier.target_url))
    courier.window_s = seconds(body.get("window_s", courier.window_s), "window_s")
    courier.timeout_s = seconds(body.get("timeout_s", courier.timeout_s), "timeout_s")
    delays = body.get("retry_delays_s", list(courier.retry_delays_s))
    if not isinstance(delays, list):
        raise invalid("`retry_delays_s` must be a list")
    courier.retry_delays_s = tuple(seconds(delay, "retry_delays_s") for delay in delays)


def _courier_json(world: World) -> Json:
    courier = world.courier
    return {
        "target_url": courier.target_url,
        "window_s": courier.window_s,
        "timeout_s": courier.timeout_s,
        "retry_delays_s": list(courier.retry_delays_s),
        **courier.pending(),
    }
