"""Profiles, populations, embeddings, analyses and models."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.database import PackedJson
from backend.storage.tables.base import _at, _id, _portal, metadata

profiles = sa.Table(
    "profiles",
    metadata,
    _portal(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),  # draft, active, retired
    sa.Column("clients", PackedJson, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("created_at"),
)

populations = sa.Table(
    "populations",
    metadata,
    _portal(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("profile_version", sa.Integer, nullable=False),
    sa.Column("body", PackedJson, nullable=False),
    _at("created_at"),
)

embeddings = sa.Table(
    "embeddings",
    metadata,
    _portal(),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("text_hash", sa.String(64), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),  # float32, little endian
    _at("created_at"),
)

vectors = sa.Table(
    "vectors",
    metadata,
    _portal(),
    _id("item_id"),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_vectors_revision", "portal_id", "revision"),
)

analyses = sa.Table(
    "analyses",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("kind", sa.String(8), primary_key=True),  # "analyst", "text"
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("basis_hash", sa.String(64)),  # of the part that an answer stands on; None: unknown
    sa.Column("body", PackedJson, nullable=False),
    _at("created_at"),
    sa.Index("ix_analyses_question", "portal_id", "kind", "request_hash"),
)

# Questions that a model will not answer: they are not asked again. One per lead and kind.
refused_questions = sa.Table(
    "refused_questions",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    _at("created_at"),
    sa.Index("ix_refused_question", "portal_id", "kind", "request_hash"),
)

usage_days = sa.Table(
    "usage_days",
    metadata,
    _portal(),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
    sa.Column("completion_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost_micro_usd", sa.BigInteger, nullable=False),
)

models = sa.Table(
    "models",
    metadata,
    _portal(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),  # challenger, published, retired
    sa.Column("scorecard", PackedJson, nullable=False),
    sa.Column("report", PackedJson, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("created_at"),
    _at("published_at", nullable=True),
)

as_of_facts = sa.Table(
    "as_of_facts",
    metadata,
    _portal(),
    _id("contact_id"),
    _at("as_of"),
    sa.Column("facts", sa.JSON, nullable=False),  # the mirror's typed facts as they were then
    sa.Column("late", sa.JSON(none_as_null=True)),  # fact → first written after the outcome?
)
