"""Leases, runs, alerts, tombstones and erasures."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.tables.base import _at, _id, _partial, _portal, metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("token", sa.String(32), nullable=False),
    _at("expires_at"),
)

runs = sa.Table(
    "runs",
    metadata,
    _portal(),
    _id("run_id"),
    sa.Column("kind", sa.String(16), nullable=False),  # pull, population, backfill, train
    sa.Column("state", sa.String(16), nullable=False),  # running, done, failed, cancelled
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("position", sa.JSON, nullable=False),  # where to go on after a crash
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    _at("started_at"),
    _at("updated_at"),
    _at("finished_at", nullable=True),
    sa.Index("ix_runs_state", "portal_id", "state"),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    _portal(),
    sa.Column("contact_mac", sa.String(64), primary_key=True),  # HMAC: the id itself is forgotten
    _at("created_at"),
    sa.Column("cause", sa.String(16), nullable=False, server_default="unknown"),  # who put it
)

# Contacts that seem to be gone, or are: what is to be checked or erased, by the one job that may.
missing_contacts = sa.Table(
    "missing_contacts",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("cause", sa.String(16), nullable=False),  # see storage/missing.py
    _at("since"),
    _at("due_at"),
    sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false()),
)

key_checks = sa.Table(
    "key_checks",
    metadata,
    sa.Column("key_id", sa.String(64), primary_key=True),
    sa.Column("check_value", sa.String(64), nullable=False),  # tells a wrong key, reveals nothing
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("firing", sa.Boolean, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    _at("since"),
    _at("told_at", nullable=True),  # empty while the webhook has not taken it
    sa.Column("well_checks", sa.Integer, nullable=False, server_default="0"),  # in a row
)

erasures = sa.Table(
    "erasures",
    metadata,
    _portal(),
    _id("receipt_id"),
    sa.Column("contact_mac", sa.String(64), nullable=False),
    sa.Column("contact_id", sa.String(64)),  # only until it is done
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),  # rows erased by place; no personal data
    _at("requested_at"),
    _at("finished_at", nullable=True),
    sa.Index("ix_erasures_mac", "portal_id", "contact_mac"),
    _partial("ix_erasures_waiting", "finished_at IS NULL", "portal_id", "requested_at"),
)
