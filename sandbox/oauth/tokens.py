"""Codes, access tokens and refresh tokens, all random and kept in memory only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from sandbox import numbers
from sandbox.times import Clock


@dataclass(frozen=True, slots=True)
class Grant:
    """What an installer allowed an app to do in a portal."""

    portal_id: int
    app_id: int
    user_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """An authorisation code waiting to be exchanged once."""

    grant: Grant
    redirect_uri: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token; `revoked` ones are refused like expired ones."""

    token: str
    grant: Grant
    expires_ms: int
    refresh_token: str | None
    revoked: bool = False


class TokenBook:
    """All codes and tokens. Call under the world's lock."""

    def __init__(self, clock: Clock) -> None:
        self.lifetime_s = numbers.ACCESS_TOKEN_LIFETIME_S
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, Grant] = {}

    def keep_time_by(self, clock: Clock) -> None:
        """Judge lifetimes by this clock from now on."""
        self._clock = clock

    def new_code(self, grant: Grant, redirect_uri: str) -> str:
        """A code for the callback."""
        code = secrets.token_urlsafe(24)
        expires = self._clock() + int(numbers.CODE_LIFETIME_S * 1000)
        self._codes[code] = Code(grant, redirect_uri, expires)
        return code

    def take_code(self, code: str) -> Code | None:
        """Use up a code; None when it is unknown, used or expired."""
        found = self._codes.pop(code, None)
        return None if found is None or found.expires_ms < self._clock() else found

    def new_refresh(self, grant: Grant) -> str:
        """A refresh token; it stays valid until revoked or the app is uninstalled."""
        token = f"na1-{secrets.token_hex(18)}"
        self._refresh[token] = grant
        return token

    def new_access(
        self, grant: Grant, refresh_token: str | None, lifetime_s: float | None = None
    ) -> AccessToken:
        """An access token valid for `lifetime_s`, by default HubSpot's 1800 s."""
        lifetime = self.lifetime_s if lifetime_s is None else lifetime_s
        expires = self._clock() + int(lifetime * 1000)
        made = AccessToken(f"CL{secrets.token_urlsafe(96)}", grant, expires, refresh_token)
        self._access[made.token] = made
        return made

    def access(self, token: str) -> AccessToken | None:
        """A known access token, even when it is over."""
        return self._access.get(token)

    def is_valid(self, token: AccessToken) -> bool:
        """Neither revoked nor expired."""
        return not token.revoked and token.expires_ms > self._clock()

    def seconds_left(self, token: AccessToken) -> int:
        """Seconds until it expires, rounded up, at least 0."""
        return max(0, (token.expires_ms - self._clock() + 999) // 1000)

    def refresh(self, token: str) -> Grant | None:
        """What a refresh token grants, None when it is unknown or revoked."""
        return self._refresh.get(token)

    def revoke(self, token: str) -> None:
        """Forget a refresh token and end the access tokens it made, or end one access token."""
        self._refresh.pop(token, None)
        for known in list(self._access.values()):
            if token in (known.token, known.refresh_token):
                self._access[known.token] = replace(known, revoked=True)

    def revoke_installation(self, portal_id: int, app_id: int) -> None:
        """End everything an app holds in a portal."""
        gone = [
            t for t, g in self._refresh.items() if (g.portal_id, g.app_id) == (portal_id, app_id)
        ]
        for token in gone:
            del self._refresh[token]
        for known in list(self._access.values()):
            if (known.grant.portal_id, known.grant.app_id) == (portal_id, app_id):
                self._access[known.token] = replace(known, revoked=True)

    def expire_all(self, portal_id: int | None = None) -> int:
        """Let access tokens run out now; returns how many."""
        live = [
            t
            for t in self._access.values()
            if self.is_valid(t) and portal_id in (None, t.grant.portal_id)
        ]
        for token in live:
            self._access[token.token] = replace(token, expires_ms=self._clock() - 1)
        return len(live)
