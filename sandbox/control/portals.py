"""`/sandbox/portals`: further accounts, and the peculiarities of each."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox import numbers
from sandbox.control.desk import number, object_body, serve
from sandbox.errors import Json, invalid
from sandbox.generator.portals import new_portal
from sandbox.generator.real_portal import SEED
from sandbox.state.object_types import object_type
from sandbox.state.portal import Peculiarities, Portal, RequiredRule
from sandbox.world import World


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def create(body: Any) -> Json:
        wanted = object_body(body)
        with world.lock:
            portal_id = number(wanted, "portal_id", max(world.portals, default=0) + 1)
        contacts = number(wanted, "contacts", 0 if wanted.get("empty") else 100)
        portal = new_portal(
            portal_id,
            SEED if wanted.get("seed") == SEED else number(wanted, "seed", numbers.DEFAULT_SEED),
            contacts,
            str(wanted.get("tier", "pro")),
            world.clock(),
        )
        portal.peculiarities.search_delay_ms = world.settings.search_delay_ms
        with world.lock:
            return _json(world.add_portal(portal))

    def everything(body: Any) -> Json:
        with world.lock:
            return {"portals": [_json(portal) for portal in world.portals.values()]}

    def change(body: Any, portal_id: int) -> Json:
        with world.lock:
            portal = world.portal(portal_id)
            _change(portal.peculiarities, object_body(body))
            return _json(portal)

    serve(app, "POST", "/sandbox/portals", create)
    serve(app, "GET", "/sandbox/portals", everything)
    serve(app, "PUT", "/sandbox/portals/<int:portal_id>/settings", change)


def _change(peculiarities: Peculiarities, body: Json) -> None:
    delays = ("search_delay_ms", "association_delay_ms")
    limits = ("custom_properties_max", "lists_max")
    choices = {
        "missing_ids": ("each", "together"),
        "partial_status": (200, 207),
        "partial_results": (True, False),
    }
    unknown = set(body) - {*delays, *limits, *choices, "required"}
    if unknown:
        raise invalid(f"unknown settings: {', '.join(sorted(unknown))}")
    for name in delays:
        setattr(peculiarities, name, number(body, name, getattr(peculiarities, name)))
    for name in limits:
        if name in body:
            setattr(peculiarities, name, None if body[name] is None else number(body, name, 0))
    for name, allowed in choices.items():
        if body.get(name, allowed[0]) not in allowed:
            raise invalid(f"`{name}` is one of {', '.join(map(str, allowed))}")
        setattr(peculiarities, name, body.get(name, getattr(peculiarities, name)))
    if "required" in body:
        peculiarities.required = tuple(_rule(object_body(entry)) for entry in body["required"])


def _rule(entry: Json) -> RequiredRule:
    return RequiredRule(
        object_type(str(entry.get("object_type", ""))).name,
        str(entry.get("property", "")),
        str(entry.get("when_property", "")),
        str(entry.get("when_value", "")),
    )


def _json(portal: Portal) -> Json:
    return {
        "portal_id": portal.portal_id,
        "name": portal.name,
        "tier": portal.tier.name,
        "missing_scopes": sorted(portal.tier.missing_scopes),
        "search_delay_ms": portal.peculiarities.search_delay_ms,
        "association_delay_ms": portal.peculiarities.association_delay_ms,
        "records": {name: len(store) for name, store in portal.stores.items()},
        "installed_apps": sorted(portal.installations),
    }
