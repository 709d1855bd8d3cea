"""Leads: events, the mirror, scores and what people said of them."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.database import PackedJson
from backend.storage.tables.base import _at, _id, _partial, _portal, metadata


def _listed() -> sa.Column[bool]:
    """Whether the neighbours in the row's body stand in `mentions`."""
    return sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false())


def _unlisted(table: str) -> sa.Index:
    few = sa.text("NOT listed")
    return sa.Index(f"ix_{table}_unlisted", "portal_id", sqlite_where=few, postgresql_where=few)


mirror_objects = sa.Table(
    "mirror_objects",
    metadata,
    _portal(),
    sa.Column("object_type", sa.String(16), primary_key=True),
    _id("object_id"),
    sa.Column("facts", sa.JSON, nullable=False),
    _at("updated_at"),  # HubSpot's, so that an older answer never replaces a newer one
    sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.false()),
)

mirror_links = sa.Table(
    "mirror_links",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("object_type", sa.String(16), primary_key=True),
    _id("object_id"),
    sa.Index("ix_mirror_links_other", "portal_id", "object_type", "object_id", "contact_id"),
)

inbox_events = sa.Table(
    "inbox_events",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("portal_id", sa.BigInteger, nullable=False),
    sa.Column("dedupe_key", sa.String(64), nullable=False),
    sa.Column("object_type", sa.String(16), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("change", sa.String(32), nullable=False),  # creation, propertyChange, deletion, …
    sa.Column("property_name", sa.String(255), nullable=False),
    sa.Column("related", sa.JSON, nullable=False),  # ids of merges and associations
    _at("occurred_at"),
    _at("received_at"),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, done, failed, quarantined
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("due_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("portal_id", "dedupe_key"),
    sa.Index("ix_inbox_events_waiting", "portal_id", "state", "due_at"),
    sa.Index("ix_inbox_events_due", "state", "due_at", "portal_id"),
)

leads = sa.Table(
    "leads",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("person_sealed", sa.Text),
    sa.Column("ineligible_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("refresh", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("due_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("scored_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("urgency", sa.SmallInteger, nullable=False, server_default="2"),
    sa.Column("cause", sa.String(32), nullable=False, server_default=""),
    _at("due_at", nullable=True),
    _at("due_since", nullable=True),
    _at("event_at", nullable=True),  # when the earliest unscored event arrived
    sa.Column("claim_token", sa.String(32)),
    sa.Column("claim_version", sa.Integer),
    _at("claim_expires_at", nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    _partial("ix_leads_due", "due_at IS NOT NULL", "portal_id", "urgency", "due_at"),
    _partial("ix_leads_claimed", "claim_token IS NOT NULL", "portal_id", "claim_token"),
    sa.Index("ix_leads_waiting", "portal_id", "due_at", "contact_id"),
    _partial("ix_leads_parked", "parked_at IS NOT NULL", "portal_id", "parked_at", "contact_id"),
    sa.Index("ix_leads_ineligible", "portal_id", "ineligible_reason", "contact_id"),
)

scores = sa.Table(
    "scores",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("unclamped", sa.Integer, nullable=False),
    sa.Column("band", sa.String(8), nullable=False),
    sa.Column("next_action", sa.String(8), nullable=False),
    sa.Column("chance", sa.Float),
    sa.Column("own_score", sa.SmallInteger),  # without what a person pinned; empty: no pin
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("profile_version", sa.Integer, nullable=False),
    sa.Column("population_version", sa.Integer, nullable=False),
    sa.Column("input_hash", sa.String(64), nullable=False),
    sa.Column("body", PackedJson, nullable=False),
    _at("scored_at"),
    _at("changed_at"),
    _listed(),
    _unlisted("scores"),
    sa.Index("ix_scores_band", "portal_id", "band", "score"),
    sa.Index("ix_scores_score", "portal_id", "score"),
    sa.Index("ix_scores_scored", "portal_id", "scored_at"),
)

# Whose scores name a contact as a neighbour: what an erasure looks up instead of every body.
mentions = sa.Table(
    "mentions",
    metadata,
    _portal(),
    _id("mentioned"),  # a contact that won or lost
    _id("contact_id"),  # the lead that it is a neighbour of
    sa.Index("ix_mentions_lead", "portal_id", "contact_id"),
)

# One narrow row per contact that is or was a lead: what lists and charts read.
lead_summaries = sa.Table(
    "standings",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("score", sa.SmallInteger),  # empty: not scored, or no lead (any more)
    sa.Column("last_score", sa.SmallInteger),  # the last one it had as a lead
    sa.Column("unclamped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("band", sa.String(8), nullable=False, server_default=""),
    sa.Column("next_action", sa.String(8), nullable=False, server_default=""),
    sa.Column("chance", sa.Float),
    sa.Column("fit_points", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("engagement_points", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("owner_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("lead_source", sa.String(64), nullable=False, server_default=""),
    sa.Column("industry", sa.String(100), nullable=False, server_default=""),
    sa.Column("company_size", sa.String(32), nullable=False, server_default=""),
    sa.Column("revenue_range", sa.String(32), nullable=False, server_default=""),
    sa.Column("location", sa.String(64), nullable=False, server_default=""),
    sa.Column("technologies", sa.Text, nullable=False, server_default=""),
    sa.Column("company_name", sa.Text, nullable=False, server_default=""),
    _at("lead_since", nullable=True),
    _at("first_touch_at", nullable=True),
    _at("last_touch_at", nullable=True),
    sa.Column("last_sign_on", sa.Date),  # when the lead last did something of its own
    sa.Column("company_key", sa.String(128), nullable=False, server_default=""),
    sa.Column("segment", sa.String(40), nullable=False, server_default=""),  # its name; "": none
    sa.Column("outcome", sa.String(8), nullable=False, server_default=""),  # "", won, lost
    _at("outcome_at", nullable=True),
    _at("changed_at", nullable=True),
    sa.Index("ix_standings_score", "portal_id", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_band", "portal_id", "band", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_owner", "portal_id", "owner_id", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_source", "portal_id", "lead_source", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_segment", "portal_id", "segment", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_changed", "portal_id", "changed_at", "contact_id"),
    sa.Index("ix_standings_outcome", "portal_id", "outcome", "outcome_at", "contact_id"),
)

# When a lead first came into a band, and what became of it from then on.
band_entries = sa.Table(
    "band_entries",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("band", sa.String(8), primary_key=True),
    _at("entered_at"),
    sa.Column("week", sa.Date, nullable=False),  # its Monday, in the portal's time zone
    sa.Column("month", sa.Date, nullable=False),  # its first day
    sa.Column("chance", sa.Float),  # of winning, as it was then; empty: no model was in use
    sa.Column("owner_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("lead_source", sa.String(64), nullable=False, server_default=""),
    _at("touched_at", nullable=True),  # first call, email or meeting afterwards
    sa.Column("touch_minutes", sa.Integer),  # until then, in working hours
    _at("meeting_at", nullable=True),
    _at("opportunity_at", nullable=True),
    _at("won_at", nullable=True),
    sa.Column("amount", sa.Float, nullable=False, server_default="0"),  # of deals won
    sa.Column("deals", sa.Integer, nullable=False, server_default="0"),  # that it is the sum of
    sa.Column("result", sa.String(8), nullable=False),  # open, won, lost, untold, before
    sa.Index("ix_band_entries_week", "portal_id", "band", "week"),
)

score_days = sa.Table(
    "score_days",
    metadata,
    _portal(),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("high", sa.Integer, nullable=False),
    sa.Column("medium", sa.Integer, nullable=False),
    sa.Column("low", sa.Integer, nullable=False),
    sa.Column("mean_score", sa.Float, nullable=False),
    _at("counted_at"),
)

# Keyed hashes of the words of a name, so that a lead is found without names in the clear.
person_words = sa.Table(
    "person_words",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("word_mac", sa.String(16), primary_key=True),
    sa.Index("ix_person_words_word", "portal_id", "word_mac", "contact_id"),
)

score_history = sa.Table(
    "score_history",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("portal_id", sa.BigInteger, nullable=False),
    sa.Column("contact_id", sa.String(64), nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("band", sa.String(8), nullable=False),
    sa.Column("own_score", sa.SmallInteger),  # both without a pin; empty: there was none
    sa.Column("own_band", sa.String(8)),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("profile_version", sa.Integer, nullable=False),
    sa.Column("input_hash", sa.String(64), nullable=False),
    sa.Column("cost_micro_usd", sa.Integer, nullable=False, server_default="0"),
    sa.Column("body", PackedJson),  # factors and chance; kept for the last few rows
    _at("scored_at"),
    _listed(),
    _unlisted("score_history"),
    sa.Index("ix_score_history_lead", "portal_id", "contact_id", "id"),
)

rescores = sa.Table(
    "rescores",
    metadata,
    _portal(),
    _id("rescore_id"),
    sa.Column("contact_id", sa.String(64), nullable=False),
    sa.Column("needs_version", sa.Integer, nullable=False),
    sa.Column("score_before", sa.SmallInteger),
    sa.Column("requested_by", sa.Text, nullable=False),
    _at("requested_at"),
)

# What an owner has put aside on the working list; `sign_on` and `engagement_points` as they were.
lead_marks = sa.Table(
    "lead_marks",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("kind", sa.String(16), nullable=False),  # done, snoozed, not_a_lead
    _at("until", nullable=True),
    sa.Column("sign_on", sa.Date),
    sa.Column("engagement_points", sa.SmallInteger, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("made_at"),
)

# What a person set by hand: the row stays when it has ended, so that the audit trail can name it.
lead_pins = sa.Table(
    "lead_pins",
    metadata,
    _portal(),
    _id("pin_id"),
    sa.Column("contact_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # high, aside
    sa.Column("reason", sa.String(200), nullable=False),
    _at("until"),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("made_at"),
    _at("ended_at", nullable=True),
    sa.Column("ended_by", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_lead_pins_lead", "portal_id", "contact_id"),
    _partial("ix_lead_pins_until", "ended_at IS NULL", "until"),
)

# When a user of the card looked at a lead, and when on the visit before.
card_looks = sa.Table(
    "card_looks",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("looker", sa.String(16), primary_key=True),  # a keyed hash of HubSpot's user id
    _at("looked_at"),
    _at("before_at", nullable=True),
)

feedback = sa.Table(
    "feedback",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("agrees", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("comment", sa.String(500), nullable=False, server_default=""),
    _at("created_at"),
)
