"""No statement of a job that runs per batch or per minute reads a whole growing table, or all that
a portal has in one: the plans of everything that such jobs ask, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from backend.jobs.carry_accesses import carry_accesses
from backend.jobs.erase_requested import erase_requested
from backend.jobs.fan_out import fan_out
from backend.jobs.flush_routes import flush_routes
from backend.jobs.flush_writes import flush_writes
from backend.jobs.score_due import score_due
from backend.jobs.sweep import sweep
from backend.jobs.watch import Watch
from backend.model import Urgency
from backend.services.workflow_action import answer_workflows
from backend.storage.database import Database
from backend.storage.leads import due_leads, inbox, score_days
from backend.storage.leads.inbox import NewEvent
from backend.storage.tables.base import metadata
from backend.storage.tables.leads import leads
from tests.integration.conftest import PORTAL, Connected

IDLE = 20_000  # contacts that nothing is asked about
SMALL = {  # a few rows for a portal, a person or a process, whatever the portal's size
    "alerts",
    "api_keys",
    "holdouts",
    "invitations",
    "key_checks",
    "leases",
    "members",
    "missing_contacts",  # those that HubSpot does not show, until that is settled
    "models",
    "oauth_states",
    "owners",
    "populations",
    "portal_problems",
    "portals",
    "profiles",
    "report_recipients",
    "runs",
    "saved_views",
    "score_days",
    "sessions",
    "sign_in_attempts",
    "usage_days",
    "user_invitations",
    "users",
    "webhook_days",
}
GROWS = metadata.tables.keys() - SMALL
Asked = dict[str, Any]  # one example of its values by statement


@contextmanager
def heard(database: Database) -> Iterator[Asked]:
    """What is asked meanwhile."""
    asked: Asked = {}

    def hear(_c: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        if text.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            asked.setdefault(text, values[0] if many and values else values)

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    yield asked
    sa.event.remove(database.engine, "before_cursor_execute", hear)


def grow(database: Database) -> None:
    """Idle rows, and what the planner knows of them."""
    rows = [{"portal_id": PORTAL, "contact_id": f"idle{number}"} for number in range(IDLE)]
    with database.write() as conn:
        conn.execute(sa.insert(leads), rows)
        conn.exec_driver_sql("ANALYZE leads")


def ask_everything(connected: Connected) -> Asked:
    """Everything that is done per batch, per sweep and per event."""
    product = connected.product
    ids = sorted(connected.scores())
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        due_leads.mark_due(
            conn, PORTAL, ids[:30], Urgency.BACKFILL, now, cause="backfill", refresh=False
        )
        due_leads.mark_due(
            conn, PORTAL, ids[30:], Urgency.EVENT, now, cause="event", refresh=True, coalesce=False
        )
        event = NewEvent(PORTAL, "k", "companies", "1", "propertyChange", "x", now, {})
        inbox.add(conn, [event], now)
        score_days.count_today(conn, PORTAL, now)  # every ten minutes, all of the portal's index
    with heard(product.stores.database) as asked:
        sweep(product)
        fan_out(product, PORTAL)
        for urgency in ("event", "backfill"):
            score_due(product, PORTAL, urgency)
        flush_writes(product, PORTAL)
        flush_routes(product, PORTAL)
        answer_workflows(product, PORTAL)
        erase_requested(product, PORTAL)
        carry_accesses(product.stores)
        Watch(product).round()
    assert connected.unfinished() == 0
    return asked


PARTIAL = {  # hold only what is due, claimed, failed, waiting
    str(index.name)
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
WHOLE = re.compile(r"\(portal_id=\?\)$")
OF_PORTAL = re.compile(r"^\([a-z.]*portal_id = [^()]*\)$")


def scans_of_sqlite(database: Database, text: str, values: Any) -> list[str]:
    with database.read() as conn:
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    lines = [str(row[3]) for row in plan]
    found = []
    for line in lines:
        words = line.split()
        if words[0] not in ("SCAN", "SEARCH") or words[1] not in GROWS:
            continue
        if (words[0] == "SCAN" or WHOLE.search(line)) and not PARTIAL & set(words):
            found.append(line)
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def scans_of_postgres(database: Database, text: str, values: Any) -> list[str]:
    """Sequential scans are made dear, so that one is left only where no index serves."""
    with database.read() as conn:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = conn.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
    found = []
    tree = json.loads(plan) if isinstance(plan, str) else plan
    for node in nodes(tree[0]["Plan"]):
        table = node.get("Relation Name")
        condition = node.get("Index Cond", "")
        whole = not condition or (table == "leads" and OF_PORTAL.match(condition))
        scan = table in GROWS and (
            node["Node Type"] == "Seq Scan" or ("Index Name" in node and whole)
        )
        if scan and node.get("Index Name") not in PARTIAL:
            found.append(f"{node['Node Type']} {table} {node.get('Index Cond', '')}")
    return found


def test_what_jobs_ask_per_batch_and_per_minute_reads_no_whole_table(
    live: Connected,
) -> None:
    database = live.product.stores.database
    grow(database)
    asked = ask_everything(live)
    assert len(asked) > 50
    scans = scans_of_sqlite if database.on_sqlite else scans_of_postgres
    found = {
        " ".join(text.split())[:400]: lines
        for text, values in asked.items()
        if (lines := scans(database, text, values))
    }
    assert found == {}, json.dumps(found, indent=1)
