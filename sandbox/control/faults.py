"""`GET|PUT|DELETE /sandbox/faults`."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.control.desk import serve
from sandbox.errors import Json, invalid
from sandbox.faults.rules import parse_rule
from sandbox.world import World


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def put(body: Any) -> Json:
        rules = body.get("rules") if isinstance(body, dict) else body
        if not isinstance(rules, list):
            raise invalid('send a list of rules, or {"rules": […]}')
        world.faults.replace([parse_rule(entry) for entry in rules])
        return world.faults.as_json()

    def clear(body: Any) -> None:
        world.faults.replace([])

    serve(app, "GET", "/sandbox/faults", lambda body: world.faults.as_json())
    serve(app, "PUT", "/sandbox/faults", put)
    serve(app, "DELETE", "/sandbox/faults", clear)
