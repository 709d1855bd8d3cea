"""How long each kind of row is kept: one table, obeyed every day, shown in docs/security.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.storage import tables

DELETED_AT_ONCE: Final = 5_000  # rows of one statement, so that nobody waits long for a lock


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `table` whose `column` is older than `days`, where `which` holds, are removed."""

    table: sa.Table
    column: str
    days: int
    which: sa.ColumnElement[bool] | None = None


def _has_a_newer_one(table: sa.Table) -> sa.ColumnElement[bool]:
    newer = table.alias()
    same_portal = newer.c.portal_id == table.c.portal_id
    return sa.select(newer.c.version).where(same_portal, newer.c.version > table.c.version).exists()


def _rules() -> tuple[Rule, ...]:
    t = tables
    return (
        Rule(t.leads.inbox_events, "received_at", 30, t.leads.inbox_events.c.state != "waiting"),
        Rule(t.leads.score_history, "scored_at", 730),
        Rule(t.leads.lead_pins, "ended_at", 730),
        Rule(t.leads.card_looks, "looked_at", 180),
        Rule(t.outbox.pending_writes, "parked_at", 30),
        Rule(t.outbox.company_writes, "parked_at", 30),
        Rule(t.outbox.deal_writes, "parked_at", 30),
        Rule(t.outbox.lead_writes, "parked_at", 30),
        Rule(t.outbox.routes, "decided_at", 730, t.outbox.routes.c.state != "waiting"),
        Rule(t.outbox.notifications, "sent_at", 90),
        Rule(t.outbox.notifications, "parked_at", 30),
        Rule(t.outbox.executions, "finished_at", 90),
        Rule(t.outbox.executions, "parked_at", 30),
        Rule(t.leads.rescores, "requested_at", 30),
        Rule(t.operations.runs, "finished_at", 400),
        Rule(t.learning.usage_days, "day", 400),
        Rule(t.portals.webhook_days, "day", 400),
        Rule(t.access.access_log, "at", 365),
        Rule(t.portals.oauth_states, "used_at", 2),
        Rule(t.portals.invitations, "expires_at", 30),
        Rule(t.access.user_invitations, "expires_at", 7),
        Rule(t.operations.leases, "expires_at", 1),
        Rule(t.operations.erasures, "finished_at", 1_095),
        Rule(t.operations.alerts, "since", 90, ~t.operations.alerts.c.firing),
        Rule(t.learning.populations, "created_at", 400, _has_a_newer_one(t.learning.populations)),
        Rule(t.access.sessions, "expires_at", 30),
        Rule(t.access.sign_in_attempts, "last_at", 2),
    )


RULES: Final = _rules()


def days_by_table() -> Mapping[str, int]:
    """The longest age of each table, for the document."""
    found: dict[str, int] = {}
    for rule in RULES:
        found[rule.table.name] = max(rule.days, found.get(rule.table.name, 0))
    return found


def remove_old(conn: Connection, rule: Rule, now: datetime) -> int:
    """One slice; how many rows went. Call again until it is less than DELETED_AT_ONCE."""
    column = rule.table.c[rule.column]
    before: Any = now - timedelta(days=rule.days)
    if isinstance(column.type, sa.Date):
        before = before.date()
    keys = list(rule.table.primary_key.columns)
    old = sa.select(*keys).where(column < before).limit(DELETED_AT_ONCE)
    if rule.which is not None:
        old = old.where(rule.which)
    found = conn.execute(old).all()
    if found:
        conn.execute(
            sa.delete(rule.table).where(
                sa.and_(*(key == sa.bindparam(f"k{i}") for i, key in enumerate(keys)))
            ),
            [{f"k{i}": value for i, value in enumerate(row)} for row in found],
        )
    return len(found)
