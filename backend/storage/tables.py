"""Every table in one place: what is kept, and under which key.

Every row belongs to a portal; every primary key of portal data begins with `portal_id`. Text that
could name a person is in columns that end with `_sealed` and hold ciphertext.
"""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.database import PackedJson, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _portal() -> sa.Column[int]:
    return sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=True)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _listed() -> sa.Column[bool]:
    """Whether the neighbours in the row's body stand in `mentions`."""
    return sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false())


def _unlisted(table: str) -> sa.Index:
    few = sa.text("NOT listed")
    return sa.Index(f"ix_{table}_unlisted", "portal_id", sqlite_where=few, postgresql_where=few)


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
    sa.Index("ix_mirror_links_other", "portal_id", "object_type", "object_id"),
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
    sa.Column("state", sa.String(16), nullable=False),  # waiting, done, quarantined
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("due_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("portal_id", "dedupe_key"),
    sa.Index("ix_inbox_events_waiting", "portal_id", "state", "due_at"),
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
    sa.Index("ix_leads_due", "portal_id", "urgency", "due_at"),
    sa.Index("ix_leads_waiting", "portal_id", "due_at", "contact_id"),
    sa.Index("ix_leads_parked", "portal_id", "parked_at", "contact_id"),
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
standings = sa.Table(
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
    sa.Column("outcome", sa.String(8), nullable=False, server_default=""),  # "", won, lost
    _at("outcome_at", nullable=True),
    _at("changed_at", nullable=True),
    sa.Index("ix_standings_score", "portal_id", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_band", "portal_id", "band", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_owner", "portal_id", "owner_id", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_source", "portal_id", "lead_source", "score", "unclamped", "contact_id"),
    sa.Index("ix_standings_changed", "portal_id", "changed_at", "contact_id"),
    sa.Index("ix_standings_outcome", "portal_id", "outcome", "outcome_at", "contact_id"),
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

owners = sa.Table(
    "owners",
    metadata,
    _portal(),
    _id("owner_id"),
    sa.Column("person_sealed", sa.Text, nullable=False),
    _at("seen_at"),
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
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("profile_version", sa.Integer, nullable=False),
    sa.Column("input_hash", sa.String(64), nullable=False),
    sa.Column("cost_micro_usd", sa.Integer, nullable=False, server_default="0"),
    sa.Column("body", PackedJson),  # factors, neighbours, timings; kept for the last few rows
    _at("scored_at"),
    _listed(),
    _unlisted("score_history"),
    sa.Index("ix_score_history_lead", "portal_id", "contact_id", "id"),
)

pending_writes = sa.Table(
    "pending_writes",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("kind", sa.String(16), primary_key=True),  # "score"
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("version", sa.String(32), nullable=False),  # replaced writes get a new one
    sa.Column("unknown_outcome", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("created_at"),
    _at("due_at"),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_pending_writes_due", "portal_id", "due_at"),
)

written = sa.Table(
    "written",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("payload", sa.JSON, nullable=False),
    _at("crm_updated_at", nullable=True),  # so that reconciliation skips our own writes
    _at("written_at"),
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
    sa.Column("body", PackedJson, nullable=False),
    _at("created_at"),
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

feedback = sa.Table(
    "feedback",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("agrees", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    _at("created_at"),
)

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

sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),  # "account:<mac>", "address:<mac>"
    sa.Column("failures", sa.Integer, nullable=False),
    _at("last_at"),
    _at("blocked_until", nullable=True),
)

key_checks = sa.Table(
    "key_checks",
    metadata,
    sa.Column("key_id", sa.String(64), primary_key=True),
    sa.Column("check_value", sa.String(64), nullable=False),  # tells a wrong key, reveals nothing
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

routings = sa.Table(
    "routings",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("band", sa.String(8)),  # of the last score; empty while it is no lead
    sa.Column("settled", sa.String(8)),  # the band that tasks and alerts follow
    sa.Column("owner_id", sa.String(64), nullable=False, server_default=""),
    _at("entered_at", nullable=True),  # the settled band
    sa.Column("by_run", sa.Boolean, nullable=False, server_default=sa.false()),  # no task made
    sa.Column("list_wanted", sa.String(16), nullable=False, server_default=""),
    sa.Column("list_maybe", sa.JSON, nullable=False),  # lists the contact may be in just now
    _at("due_at", nullable=True),  # the lists have to be looked at
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_routings_due", "portal_id", "due_at"),
    sa.Index("ix_routings_settled", "portal_id", "settled", "owner_id"),
)

routes = sa.Table(
    "routes",
    metadata,
    _portal(),
    _id("route_id"),
    sa.Column("contact_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("band", sa.String(8), nullable=False),
    sa.Column("score", sa.SmallInteger),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),  # waiting, done, replaced, shadow, parked
    sa.Column("task_key", sa.String(64)),
    _at("decided_at"),
    _at("done_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_routes_lead", "portal_id", "contact_id", "decided_at"),
)

route_tasks = sa.Table(
    "route_tasks",
    metadata,
    _portal(),
    _id("task_key"),  # the first route's id: stands in the task's body as long as it lives
    sa.Column("contact_id", sa.String(64), nullable=False),  # "" once the lead is erased
    sa.Column("band", sa.String(8), nullable=False),
    sa.Column("wanted", sa.String(12), nullable=False),  # open, closed, archived
    sa.Column("task_id", sa.String(64)),  # HubSpot's, once it is known
    sa.Column("route_id", sa.String(64), nullable=False),  # the newest route it stands for
    sa.Column("done_route_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("content", sa.String(128), nullable=False),  # owner, band, action that it shows
    sa.Column("version", sa.String(32), nullable=False),
    sa.Column("unknown_outcome", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("created_at"),
    _at("due_at", nullable=True),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_route_tasks_due", "portal_id", "due_at"),
    sa.Index("ix_route_tasks_lead", "portal_id", "contact_id"),
    sa.Index("ix_route_tasks_task", "portal_id", "task_id"),
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

notifications = sa.Table(
    "notifications",
    metadata,
    _portal(),
    _id("notification_id"),
    sa.Column("kind", sa.String(12), nullable=False),  # lead, digest, summary
    sa.Column("contact_id", sa.String(64), nullable=False, server_default=""),
    sa.Column("digest_id", sa.String(64), nullable=False, server_default=""),  # which told of it
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("created_at"),
    _at("due_at", nullable=True),
    _at("sent_at", nullable=True),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_notifications_due", "portal_id", "due_at"),
    sa.Index("ix_notifications_sent", "portal_id", "sent_at"),
)

executions = sa.Table(
    "executions",
    metadata,
    _portal(),
    sa.Column("callback_id", sa.String(128), primary_key=True),
    sa.Column("contact_id", sa.String(64), nullable=False),  # "" once the lead is erased
    sa.Column("state", sa.String(12), nullable=False),  # waiting, answered, completed, expired
    sa.Column("needs_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answer", sa.JSON(none_as_null=True)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _at("created_at"),
    _at("expires_at"),
    _at("due_at", nullable=True),
    _at("finished_at", nullable=True),
    _at("parked_at", nullable=True),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_executions_due", "portal_id", "due_at"),
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
