"""Access tokens that are fresh: refreshed ahead of expiry, by one process at a time.

A 401 is not HubSpot's signal to refresh, the stored expiry is. The lock is owner-checked and the
tokens are read again under it, so that twenty workers at expiry make exactly one refresh.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import structlog

from backend.config import TOKEN_LOCK_S, TOKEN_REFRESH_AHEAD_S
from backend.errors import LeadlightError, NeedsReconnect, Transient
from backend.ports import Clock, Leases, Tokens, TokenStore

LOCK_POLL_S = 0.05
LOCK_WAIT_S = 12.0
log = structlog.get_logger()


class Refresher(Protocol):
    """Trades a refresh token for new tokens."""

    def refresh(self, refresh_token: str) -> Tokens:
        """Raises NeedsReconnect when it is refused, Transient when HubSpot is unwell."""
        ...

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token and what came of it worthless. Raises Transient or Permanent."""
        ...


class TokenKeeper:
    """Gives a usable access token for a portal."""

    def __init__(
        self, store: TokenStore, leases: Leases, refresher: Refresher, clock: Clock
    ) -> None:
        self._store = store
        self._leases = leases
        self._refresher = refresher
        self._clock = clock

    def access_token(self, portal_id: int, *, refused: str | None = None) -> str:
        """A token good for minutes; `refused` is one that HubSpot answered 401 to.

        Raises NeedsReconnect (NotConnected), or Transient.
        """
        tokens = self._store.load(portal_id)
        if self._usable(tokens, refused):
            return tokens.access_token
        return self._refresh(portal_id, refused).access_token

    def rotate(self, portal_id: int) -> None:
        """Trade the tokens for new ones although they are good. Raises like `access_token`."""
        present = self._store.load(portal_id).access_token
        self._refresh(portal_id, present)

    def give_up(self, portal_id: int) -> None:
        """Even a fresh token is refused: only a person can help."""
        self._store.mark_needs_reconnect(portal_id)

    def _usable(self, tokens: Tokens, refused: str | None) -> bool:
        ahead = timedelta(seconds=TOKEN_REFRESH_AHEAD_S)
        return tokens.access_token != refused and tokens.expires_at - ahead > self._clock.now()

    def _refresh(self, portal_id: int, refused: str | None) -> Tokens:
        name = f"token:{portal_id}"
        deadline = self._clock.now() + timedelta(seconds=LOCK_WAIT_S)
        while True:
            lock = self._leases.take(name, TOKEN_LOCK_S)
            tokens = self._store.load(portal_id)  # somebody else may have been faster
            if self._usable(tokens, refused):
                if lock:
                    self._leases.give_back(name, lock)
                return tokens
            if lock:
                break
            if self._clock.now() > deadline:
                raise Transient(f"portal {portal_id}: another process is refreshing its token")
            self._clock.sleep(LOCK_POLL_S)
        try:
            return self._traded(portal_id, tokens, name, lock)
        finally:
            self._leases.give_back(name, lock)

    def _traded(self, portal_id: int, used: Tokens, name: str, lock: str) -> Tokens:
        try:
            fresh = self._refresher.refresh(used.refresh_token)
        except NeedsReconnect:
            present = self._store.load(portal_id)
            if present.refresh_token != used.refresh_token:
                return present  # installed anew meanwhile: the refusal is about the old one
            self._store.mark_needs_reconnect(portal_id)
            raise
        if not self._leases.renew(name, lock, TOKEN_LOCK_S):
            return self._store.load(portal_id)  # it took so long that another was faster
        if self._store.replace(portal_id, used, fresh):
            return fresh
        return self._instead(portal_id, fresh)

    def _instead(self, portal_id: int, fresh: Tokens) -> Tokens:
        """The portal left or came back while HubSpot was asked: nobody keeps what it answered."""
        try:
            present = self._store.load(portal_id)
        except NeedsReconnect:
            self._revoke(portal_id, fresh)
            raise
        if present.refresh_token != fresh.refresh_token:
            self._revoke(portal_id, fresh)
        return present

    def _revoke(self, portal_id: int, fresh: Tokens) -> None:
        try:
            self._refresher.revoke(fresh.refresh_token)
        except LeadlightError as error:
            log.warning("token_not_revoked", portal_id=portal_id, problem=error.code)
