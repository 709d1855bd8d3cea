"""Token, introspection, revocation and v1 token information (ref 2.2-2.3)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from flask import Request, Response

from sandbox.errors import Json
from sandbox.gateway import Gateway, error_response, json_response
from sandbox.numbers import DATED_VERSIONS
from sandbox.oauth.answers import (
    OAuthError,
    bad_client,
    bad_code,
    bad_redirect,
    bad_refresh_token,
    token_answer,
)
from sandbox.oauth.tokens import AccessToken, Grant
from sandbox.world import World

Form = Mapping[str, str]


class OAuthEndpoints:
    """The calls an app makes with its client id and secret. Run under the world's lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._app = world.settings.app

    def register(self, gateway: Gateway) -> None:
        """Serve the calls of this file."""
        for version in (*DATED_VERSIONS, "v3", "v1"):
            gateway.open("POST", f"/oauth/{version}/token", self.token)
        for version in (*DATED_VERSIONS, "v3"):
            gateway.open("POST", f"/oauth/{version}/token/introspect", self.introspect)
            gateway.open("POST", f"/oauth/{version}/token/revoke", self.revoke)
        gateway.open("GET", "/oauth/v1/access-tokens/{token}", self.access_info)
        gateway.open("GET", "/oauth/v1/refresh-tokens/{token}", self.refresh_info)
        gateway.open("DELETE", "/oauth/v1/refresh-tokens/{token}", self.delete_refresh)

    def token(self, request: Request) -> Response:
        """Exchange a code, refresh, or get an app-level token."""
        grants = {
            "authorization_code": self._exchange,
            "refresh_token": self._refresh,
            "client_credentials": self._client_credentials,
        }
        form = request.form
        try:
            handle = grants.get(form.get("grant_type", ""))
            if handle is None:
                raise OAuthError(
                    "unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type"
                )
            self._check_client(form)
            return json_response(handle(form), 200)
        except OAuthError as refused:
            return error_response(refused)

    def _check_client(self, form: Form) -> None:
        known = hmac.compare_digest(
            form.get("client_id", "").encode(), self._app.client_id.encode()
        )
        secret = form.get("client_secret", "").encode()
        if not (known and hmac.compare_digest(secret, self._app.client_secret.encode())):
            raise bad_client()

    def _exchange(self, form: Form) -> Json:
        code = self._world.tokens.take_code(form.get("code", ""))
        if code is None:
            raise bad_code()
        if code.redirect_uri != form.get("redirect_uri"):
            raise bad_redirect()
        grant = code.grant
        portal = self._world.portal(grant.portal_id)
        self._world.install(portal, grant.app_id, grant.scopes, grant.user_id)
        refresh = self._world.tokens.new_refresh(grant)
        return self._answer(self._world.tokens.new_access(grant, refresh))

    def _refresh(self, form: Form) -> Json:
        token = form.get("refresh_token", "")
        grant = self._world.tokens.refresh(token)
        if grant is None:
            raise bad_refresh_token()
        return self._answer(self._world.tokens.new_access(grant, token))

    def _client_credentials(self, form: Form) -> Json:
        scopes = tuple(form.get("scope", "").split())
        grant = Grant(0, self._app.app_id, 0, scopes)
        return self._answer(self._world.tokens.new_access(grant, None))

    def _answer(self, access: AccessToken) -> Json:
        return token_answer(self._world.tokens, access)

    def introspect(self, request: Request) -> Response:
        """Whether a token is good and for what; `token` or the hinted name carries it."""
        form = request.form
        try:
            self._check_client(form)
        except OAuthError as refused:
            return error_response(refused)
        hint = form.get("token_type_hint", "access_token")
        token = form.get("token") or form.get(hint, "")
        return json_response(self._described(token), 200)

    def _described(self, token: str) -> Json:
        access = self._world.tokens.access(token)
        if access is not None and self._world.tokens.is_valid(access):
            left = self._world.tokens.seconds_left(access)
            return self._grant_json(access.grant) | {
                "active": True,
                "token": token,
                "token_use": "access_token",
                "token_type": "access",
                "expires_in": left,
            }
        grant = self._world.tokens.refresh(token)
        if grant is None:
            return {"active": False}
        named = {"token": token, "token_use": "refresh_token", "token_type": "refresh"}
        return self._grant_json(grant) | {"active": True, **named}

    def _grant_json(self, grant: Grant) -> Json:
        portal = self._world.portals.get(grant.portal_id)
        return {
            "hub_id": grant.portal_id,
            "user_id": grant.user_id,
            "user": portal.admin.email if portal else "",
            "app_id": grant.app_id,
            "client_id": self._app.client_id,
            "hub_domain": portal.domain if portal else "",
            "scopes": list(grant.scopes),
            "is_private_distribution": False,
        }

    def revoke(self, request: Request) -> Response:
        """End a token; the app stays installed."""
        try:
            self._check_client(request.form)
        except OAuthError as refused:
            return error_response(refused)
        self._world.tokens.revoke(request.form.get("token", ""))
        return Response(status=204)

    def access_info(self, request: Request, token: str) -> Response:
        """v1: an access token's portal, user and scopes."""
        found = self._described(token)
        if not found["active"]:
            return error_response(OAuthError("invalid_request", "NOT_FOUND", "unknown token", 404))
        return json_response(found, 200)

    def refresh_info(self, request: Request, token: str) -> Response:
        """v1: a refresh token's portal, user and scopes."""
        return self.access_info(request, token)

    def delete_refresh(self, request: Request, token: str) -> Response:
        """v1: revoke a refresh token."""
        self._world.tokens.revoke(token)
        return Response(status=204)
