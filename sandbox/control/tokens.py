"""`POST /sandbox/token`, token lifetime and expiry, and installing without a browser."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.control.desk import number, object_body, seconds, serve, texts
from sandbox.errors import Json
from sandbox.oauth.answers import token_answer
from sandbox.oauth.scopes import KNOWN_SCOPES
from sandbox.oauth.tokens import Grant
from sandbox.world import World


def register(app: Flask, world: World) -> None:
    """Serve the addresses of this file."""

    def token(body: Any) -> Json:
        with world.lock:
            return _token(world, object_body(body))

    def settings(body: Any) -> Json:
        with world.lock:
            key = "access_token_lifetime_s"
            world.tokens.lifetime_s = seconds(object_body(body).get(key), key)
            return {"access_token_lifetime_s": world.tokens.lifetime_s}

    def expire(body: Any) -> Json:
        with world.lock:
            return {"expired": world.tokens.expire_all(object_body(body).get("portal_id"))}

    def uninstall(body: Any) -> None:
        with world.lock:
            portal = world.portal(number(object_body(body), "portal_id", _first(world)))
            world.uninstall(portal, number(body, "app_id", world.settings.app.app_id))

    serve(app, "POST", "/sandbox/token", token)
    serve(app, "PUT", "/sandbox/tokens", settings)
    serve(app, "POST", "/sandbox/tokens/expire", expire)
    serve(app, "POST", "/sandbox/uninstall", uninstall)


def _first(world: World) -> int:
    return next(iter(world.portals))


def _token(world: World, body: Json) -> Json:
    portal = world.portal(number(body, "portal_id", _first(world)))
    available = KNOWN_SCOPES - portal.tier.missing_scopes
    scopes = tuple(texts(body.get("scopes") or sorted(available), "scopes"))
    lifetime = seconds(body.get("expires_in", world.tokens.lifetime_s), "expires_in")
    app_id = number(body, "app_id", world.settings.app.app_id)
    grant = Grant(portal.portal_id, app_id, portal.admin.user_id, scopes)
    if body.get("install", True) and app_id not in portal.installations:
        world.install(portal, app_id, scopes, grant.user_id)
    refresh = world.tokens.new_refresh(grant)
    access = world.tokens.new_access(grant, refresh, lifetime)
    return token_answer(world.tokens, access) | {"portal_id": portal.portal_id}
