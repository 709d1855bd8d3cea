"""People, sessions, keys, invitations and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.tables.base import _at, _id, _portal, metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("portal_id", sa.BigInteger),
    _at("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("prefix", sa.String(16), primary_key=True),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("portal_id", sa.BigInteger, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    _at("created_at"),
    _at("expires_at", nullable=True),
    _at("revoked_at", nullable=True),
    _at("last_used_at", nullable=True),
    sa.Column("made_by", sa.Text, nullable=False, server_default=""),  # "": before it was noted
)

user_invitations = sa.Table(
    "user_invitations",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("portal_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("email_sealed", sa.Text, nullable=False),
    sa.Column("email_mac", sa.String(64), nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("created_at"),
    _at("expires_at"),
)

users = sa.Table(
    "users",
    metadata,
    _id("user_id"),
    sa.Column("email_sealed", sa.Text, nullable=False),
    sa.Column("email_mac", sa.String(64), nullable=False, unique=True),  # to find the row
    sa.Column("password_hash", sa.Text),  # Argon2id; empty where Supabase Auth signs in
    sa.Column("external_id", sa.String(128), unique=True),  # the account at Supabase Auth
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("totp_sealed", sa.Text),  # the secret of a second factor
    sa.Column("totp_step", sa.BigInteger),  # the newest code that was used, so that none is twice
    _at("created_at"),
    _at("disabled_at", nullable=True),
    _at("last_sign_in_at", nullable=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), nullable=False, index=True),
    _at("created_at"),
    _at("expires_at"),
    _at("last_seen_at"),
)

saved_views = sa.Table(
    "saved_views",
    metadata,
    _portal(),
    sa.Column("subject", sa.String(80), primary_key=True),  # whose
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("filters", sa.Text, nullable=False),  # as the address of the page has them
    _at("saved_at"),
)

sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),  # "account:<mac>", "address:<mac>"
    sa.Column("failures", sa.Integer, nullable=False),
    _at("last_at"),
    _at("blocked_until", nullable=True),
)

access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("portal_id", sa.BigInteger, nullable=False),
    _at("at"),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("action", sa.String(128), nullable=False),  # method and route
    sa.Column("subject", sa.String(128), nullable=False),  # a contact's or an object's id
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("entry_id", sa.String(32)),  # of its way through Redis: stored once; else NULL
    sa.Index("ix_access_log_portal", "portal_id", "id"),
    sa.Index("ix_access_log_entry", "entry_id", unique=True),
)
