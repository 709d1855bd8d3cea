"""People who were offered a role in a portal and have not accepted yet.

Only a hash of the invitation's secret is stored; the address is sealed and found by a keyed hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage.database import upsert
from backend.storage.tables.access import user_invitations

ID_LENGTH = 16  # of the hash, by which a list names an invitation


@dataclass(frozen=True, slots=True)
class UserInvitation:
    """One offer; it is used up by accepting it."""

    token_hash: str
    portal_id: int
    role: str
    email_sealed: str
    email_mac: str
    made_by: str
    created_at: datetime
    expires_at: datetime

    @property
    def invitation_id(self) -> str:
        """Names it without opening it."""
        return self.token_hash[:ID_LENGTH]


def _invitation(row: sa.Row[tuple[object, ...]]) -> UserInvitation:
    return UserInvitation(
        **{name: getattr(row, name) for name in UserInvitation.__dataclass_fields__}
    )


def put(conn: Connection, invitation: UserInvitation) -> None:
    """Store it in place of an older one for the same person and portal."""
    conn.execute(
        sa.delete(user_invitations).where(
            user_invitations.c.portal_id == invitation.portal_id,
            user_invitations.c.email_mac == invitation.email_mac,
        )
    )
    values = {name: getattr(invitation, name) for name in UserInvitation.__dataclass_fields__}
    upsert(conn, user_invitations, [values])


def find(conn: Connection, token_hash: str, now: datetime) -> UserInvitation | None:
    """One that can still be used."""
    row = conn.execute(
        sa.select(user_invitations).where(
            user_invitations.c.token_hash == token_hash, user_invitations.c.expires_at > now
        )
    ).first()
    return None if row is None else _invitation(row)


def use(conn: Connection, token_hash: str) -> bool:
    """Use it up; False when somebody else did."""
    gone = conn.execute(
        sa.delete(user_invitations)
        .where(user_invitations.c.token_hash == token_hash)
        .returning(user_invitations.c.token_hash)
    )
    return gone.first() is not None


def invitations(conn: Connection, portal_id: int, now: datetime) -> list[UserInvitation]:
    """A portal's open invitations, oldest first."""
    rows = conn.execute(
        sa.select(user_invitations)
        .where(
            user_invitations.c.portal_id == portal_id,
            user_invitations.c.expires_at > now,
        )
        .order_by(user_invitations.c.created_at)
    )
    return [_invitation(row) for row in rows]


def withdraw(conn: Connection, portal_id: int, invitation_id: str) -> bool:
    """False when the portal has no such invitation."""
    gone = conn.execute(
        sa.delete(user_invitations)
        .where(
            user_invitations.c.portal_id == portal_id,
            sa.func.substr(user_invitations.c.token_hash, 1, ID_LENGTH) == invitation_id,
        )
        .returning(user_invitations.c.token_hash)
    )
    return gone.first() is not None


def forget_user(conn: Connection, email_mac: str) -> None:
    """No invitation of this address is left."""
    conn.execute(sa.delete(user_invitations).where(user_invitations.c.email_mac == email_mac))
