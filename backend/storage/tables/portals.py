"""Portals, who may use them, and what stands against their work."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.tables.base import _at, _id, _portal, metadata

portals = sa.Table(
    "portals",
    metadata,
    _portal(),
    sa.Column("state", sa.String(20), nullable=False),  # see portals.Portal
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("access_token_sealed", sa.Text),
    sa.Column("refresh_token_sealed", sa.Text),
    _at("token_expires_at", nullable=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("installation", sa.JSON, nullable=False),  # list ids, account facts; no personal data
    _at("created_at"),
    _at("last_refresh_at", nullable=True),
    _at("pulled_at", nullable=True),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", nullable=True),
    sa.Column("portal_id", sa.BigInteger),
)

oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("nonce_hash", sa.String(64), primary_key=True),
    _at("used_at"),
)

members = sa.Table(
    "members",
    metadata,
    _portal(),
    sa.Column("subject", sa.String(128), primary_key=True),  # "hubspot:<user id>", "user:<id>"
    sa.Column("role", sa.String(16), nullable=False),
    _at("created_at"),
)

owners = sa.Table(
    "owners",
    metadata,
    _portal(),
    _id("owner_id"),
    sa.Column("person_sealed", sa.Text, nullable=False),
    sa.Column("team", sa.String(100), nullable=False, server_default=""),  # HubSpot's primary one
    _at("seen_at"),
)

portal_problems = sa.Table(
    "portal_problems",
    metadata,
    _portal(),
    _id("area"),  # writes, tasks, lists
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("property_name", sa.String(64), nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),  # HubSpot's own
    sa.Column("everything", sa.Boolean, nullable=False),  # else only the rows that were refused
    _at("since"),
    _at("probe_at"),
)

webhook_days = sa.Table(
    "webhook_days",
    metadata,
    _portal(),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("received", sa.Integer, nullable=False, server_default="0"),
    sa.Column("missed", sa.Integer, nullable=False, server_default="0"),  # found without a webhook
    sa.Column("bad_signatures", sa.Integer, nullable=False, server_default="0"),  # portal 0
)
