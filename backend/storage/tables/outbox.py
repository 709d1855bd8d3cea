"""What waits to be done in HubSpot."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.tables.base import _at, _id, _portal, metadata

pending_writes = sa.Table(
    "pending_writes",
    metadata,
    _portal(),
    _id("contact_id"),
    sa.Column("kind", sa.String(16), primary_key=True, default="score"),  # there is no other
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


def _record_writes(name: str) -> sa.Table:
    """What waits to be written on another kind of record than contacts: computed when it is due."""
    return sa.Table(
        name,
        metadata,
        _portal(),
        _id("object_id"),
        sa.Column("payload", sa.JSON, nullable=False),  # {}, or what is certainly written again
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("unknown_outcome", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _at("created_at"),
        _at("due_at"),
        _at("parked_at", nullable=True),
        sa.Column("problem", sa.Text, nullable=False, server_default=""),
        sa.Index(f"ix_{name}_due", "portal_id", "due_at"),
    )


def _record_written(name: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        _portal(),
        _id("object_id"),
        sa.Column("payload", sa.JSON, nullable=False),
        _at("crm_updated_at", nullable=True),
        _at("written_at"),
    )


company_writes, company_written = (
    _record_writes("company_writes"),
    _record_written("company_written"),
)
deal_writes, deal_written = _record_writes("deal_writes"), _record_written("deal_written")
lead_writes, lead_written = _record_writes("lead_writes"), _record_written("lead_written")

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

# An experiment: a share of the leads that become High is left without follow-up.
holdouts = sa.Table(
    "holdouts",
    metadata,
    _portal(),
    _id("holdout_id"),  # random: with the server's secret it makes the key of the arms
    sa.Column("share", sa.SmallInteger, nullable=False),  # per cent held out
    sa.Column("window_days", sa.SmallInteger, nullable=False),  # a win counts within so many
    sa.Column("planned_leads", sa.Integer, nullable=False),  # where its intervals are narrowest
    sa.Column("started_by", sa.Text, nullable=False),
    _at("started_at"),
    _at("ended_at", nullable=True),
)

# Who is in which arm: written before anything is done for the lead, never changed.
holdout_leads = sa.Table(
    "holdout_leads",
    metadata,
    _portal(),
    _id("holdout_id"),
    _id("contact_id"),
    sa.Column("company_mac", sa.String(64), nullable=False),
    sa.Column("held", sa.Boolean, nullable=False),
    _at("assigned_at"),
    sa.Column("result", sa.String(8), nullable=False, server_default="open"),  # as band_entries
    sa.Column("touch_minutes", sa.Integer),  # until the first touch, in working hours
    sa.Column("amount", sa.Float, nullable=False, server_default="0"),
    sa.Index("ix_holdout_leads_lead", "portal_id", "contact_id"),
)

# A share of the leads that are newly Low is offered for follow-up, to learn from.
explorations = sa.Table(
    "explorations",
    metadata,
    _portal(),
    _id("exploration_id"),  # random: with the server's secret it makes the key of the arms
    sa.Column("share", sa.SmallInteger, nullable=False),  # per cent offered
    sa.Column("per_week", sa.SmallInteger, nullable=False),  # at most so many
    sa.Column("window_days", sa.SmallInteger, nullable=False),  # a win counts within so many
    sa.Column("started_by", sa.Text, nullable=False),
    _at("started_at"),
    _at("ended_at", nullable=True),
)

# Who was offered and who was not: written before anything is done for the lead, never changed.
exploration_leads = sa.Table(
    "exploration_leads",
    metadata,
    _portal(),
    _id("exploration_id"),
    _id("contact_id"),
    sa.Column("company_mac", sa.String(64), nullable=False),
    sa.Column("offered", sa.Boolean, nullable=False),
    _at("assigned_at"),
    sa.Column("result", sa.String(8), nullable=False, server_default="open"),  # as band_entries
    sa.Column("touch_minutes", sa.Integer),  # until the first touch, in working hours
    sa.Column("amount", sa.Float, nullable=False, server_default="0"),
    sa.Index("ix_exploration_leads_lead", "portal_id", "contact_id"),
    sa.Index("ix_exploration_leads_offered", "portal_id", "offered", "assigned_at"),
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
    sa.Column("by_person", sa.Boolean, nullable=False, server_default=sa.false()),  # asked for it
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

notifications = sa.Table(
    "notifications",
    metadata,
    _portal(),
    _id("notification_id"),
    sa.Column("kind", sa.String(12), nullable=False),  # lead, digest, summary, email
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
    sa.Index("ix_executions_waiting", "portal_id", "state", "contact_id"),
)

# Who gets the weekly report by email.
report_recipients = sa.Table(
    "report_recipients",
    metadata,
    _portal(),
    _id("recipient_id"),
    sa.Column("address_sealed", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _at("made_at"),
    _at("unsubscribed_at", nullable=True),
)
