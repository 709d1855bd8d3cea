"""Where a portal's tokens rest: AES-256-GCM, bound to the portal, with the key's id."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from backend.errors import NeedsReconnect, NotConnected, Undecipherable, UnknownKey
from backend.ports import Clock, Tokens
from backend.security.cipher import Cipher
from backend.storage.database import Database
from backend.storage.tables.portals import portals

LEAVING: Final = "disconnecting"  # a portal that is being disconnected
log = structlog.get_logger()


_ERASED: Final = dict.fromkeys(("access_token_sealed", "refresh_token_sealed", "token_expires_at"))


class SealedTokens:
    """The TokenStore port over the `portals` table."""

    def __init__(
        self, database: Database, cipher: Cipher, clock: Clock, *, leaving: bool = False
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._closed = {"disconnected", "erased"} | (set() if leaving else {LEAVING})

    def of_leaving(self) -> SealedTokens:
        """The same for the one who disconnects portals; nobody else opens tokens meanwhile."""
        return SealedTokens(self._database, self._cipher, self._clock, leaving=True)

    def load(self, portal_id: int) -> Tokens:
        """Raises NotConnected or NeedsReconnect.

        Tokens that were altered, or moved from another portal, need a person as much as revoked
        ones do. Those of a key that is missing here come back with the key: nothing is marked.
        """
        with self._database.read() as conn:
            row = conn.execute(sa.select(portals).where(portals.c.portal_id == portal_id)).first()
        if row is None or row.state in self._closed:
            raise NotConnected(f"portal {portal_id} is not connected")
        if row.state == "needs_reconnect" or row.access_token_sealed is None:
            raise NeedsReconnect(f"portal {portal_id} has to be connected again by its admin")
        try:
            return Tokens(
                access_token=self._open(portal_id, "access_token", row.access_token_sealed),
                refresh_token=self._open(portal_id, "refresh_token", row.refresh_token_sealed),
                expires_at=row.token_expires_at,
                scopes=tuple(row.scopes),
            )
        except UnknownKey as error:
            raise NeedsReconnect(str(error)) from None
        except Undecipherable as error:
            self.mark_needs_reconnect(portal_id)
            log.error("tokens_undecipherable", portal_id=portal_id)
            raise NeedsReconnect(f"{error}; its admin has to connect it again") from None

    def save(self, portal_id: int, tokens: Tokens) -> None:
        """Replace them in a transaction of their own."""
        with self._database.write() as conn:
            self.save_in(conn, portal_id, tokens, self._clock.now())

    def replace(self, portal_id: int, used: Tokens, fresh: Tokens) -> bool:
        """Only where the refresh token of `used` still stands and the portal has not left."""
        with self._database.write() as conn:
            row = conn.execute(
                sa.select(portals).where(portals.c.portal_id == portal_id).with_for_update()
            ).first()
            if row is None or row.refresh_token_sealed is None or row.state in self._closed:
                return False
            stands = self._open(portal_id, "refresh_token", row.refresh_token_sealed)
            if stands != used.refresh_token:
                return False
            self.save_in(conn, portal_id, fresh, self._clock.now(), state=row.state)
            return True

    def save_in(
        self,
        conn: Connection,
        portal_id: int,
        tokens: Tokens,
        now: datetime,
        *,
        state: str = "connected",
    ) -> None:
        """Replace them as part of the caller's transaction."""
        conn.execute(
            sa.update(portals)
            .where(portals.c.portal_id == portal_id)
            .values(
                state=state,
                access_token_sealed=self._seal(portal_id, "access_token", tokens.access_token),
                refresh_token_sealed=self._seal(portal_id, "refresh_token", tokens.refresh_token),
                token_expires_at=tokens.expires_at,
                scopes=list(tokens.scopes),
                last_refresh_at=now,
            )
        )

    def mark_needs_reconnect(self, portal_id: int) -> None:
        """Access is over: the tokens are erased, and its leads wait until an admin installs the app
        again. An app that was uninstalled in HubSpot is told no other way, so its days begin."""
        with self._database.write() as conn:
            row = conn.execute(
                sa.select(portals.c.installation)
                .where(portals.c.portal_id == portal_id, portals.c.state == "connected")
                .with_for_update()
            ).first()
            if row is None:
                return
            since = {"disconnected_at": self._clock.now().isoformat()}
            conn.execute(
                sa.update(portals)
                .where(portals.c.portal_id == portal_id)
                .values(
                    state="needs_reconnect",
                    installation={**row.installation, **since},
                    **_ERASED,
                )
            )

    def forget(self, conn: Connection, portal_id: int) -> None:
        """Erase them at once: the portal is disconnected."""
        conn.execute(
            sa.update(portals)
            .where(portals.c.portal_id == portal_id)
            .values(state="disconnected", **_ERASED)
        )

    def _seal(self, portal_id: int, purpose: str, text: str) -> str:
        return self._cipher.seal(text, portal_id=portal_id, purpose=purpose)

    def _open(self, portal_id: int, purpose: str, sealed: str) -> str:
        return self._cipher.open(sealed, portal_id=portal_id, purpose=purpose)
