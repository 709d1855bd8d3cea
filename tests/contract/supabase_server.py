"""Supabase Auth's wire as its own client speaks it: sign-in, whose token is this, refusals.

https://supabase.com/docs/reference/self-hosting-auth; error bodies carry `code`, `error_code`,
`msg`, and the API version in a header.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

KEY = "sb_publishable_test"
VERSION = {"X-Supabase-Api-Version": "2024-01-01"}


@dataclass
class Account:
    """One person there."""

    user_id: str
    email: str
    password: str
    confirmed: bool = True
    banned: bool = False


@dataclass
class SupabaseServer:
    """What the stand-in knows and was asked."""

    http: HTTPServer
    accounts: list[Account] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    forget_tokens: bool = False  # GET /user refuses what POST /token gave
    status: int = 0  # answer everything with this one

    @property
    def url(self) -> str:
        return self.http.url_for("").rstrip("/")


def serve(http: HTTPServer) -> SupabaseServer:
    found = SupabaseServer(http)

    def token(request: Request) -> Response:
        return _token(found, request)

    def user(request: Request) -> Response:
        return _user(found, request)

    http.expect_request("/auth/v1/token", method="POST").respond_with_handler(token)
    http.expect_request("/auth/v1/user", method="GET").respond_with_handler(user)
    return found


def _token(server: SupabaseServer, request: Request) -> Response:
    server.asked.append("token")
    if server.status:
        return _error(server.status, "unexpected_failure", "x")
    if request.headers.get("apikey") != KEY or request.args.get("grant_type") != "password":
        return _error(401, "no_authorization", "no key")
    body = request.get_json()
    for account in server.accounts:
        if (account.email, account.password) == (body["email"], body["password"]):
            if account.banned:
                return _error(400, "user_banned", "User is banned")
            return _json(
                {
                    "access_token": _jwt(account),
                    "token_type": "bearer",
                    "expires_in": 3600,
                    "expires_at": int(time.time()) + 3600,
                    "refresh_token": "r",
                    "user": _user_json(account),
                }
            )
    return _error(400, "invalid_credentials", "Invalid login credentials")


def _user(server: SupabaseServer, request: Request) -> Response:
    server.asked.append("user")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    for account in server.accounts:
        if given == _jwt(account) and not server.forget_tokens:
            return _json(_user_json(account))
    return _error(403, "bad_jwt", "invalid JWT")


def _jwt(account: Account) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": account.user_id, "exp": 9_999_999_999})
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def _user_json(account: Account) -> dict[str, object]:
    at = "2026-11-01T00:00:00Z"
    return {
        "id": account.user_id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": account.email,
        "email_confirmed_at": at if account.confirmed else None,
        "app_metadata": {},
        "user_metadata": {},
        "created_at": at,
        "updated_at": at,
    }


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, VERSION, content_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return _json({"code": code, "error_code": code, "msg": message}, status)
