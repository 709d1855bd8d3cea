"""The health report: one plain value that faces, alerts and metrics share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from backend.clients.redis.meter import RedisMeter
from backend.clients.redis.provider_failures import ProviderFailures
from backend.errors import Outage, Transient
from backend.outages import outage_of
from backend.ports import Clock
from backend.services.health import connectivity
from backend.services.health.standstill import due_work, standing_still
from backend.storage import leases
from backend.storage.database import Connection, Database
from backend.storage.leads import due_leads
from backend.storage.operations import alerts, maintenance, overview
from backend.storage.portals import portal_problems, portals, webhook_days
from backend.storage.portals.portal_problems import PortalProblem
from backend.storage.portals.portals import Portal
from backend.storage.portals.webhook_days import EVERY_PORTAL, WebhookCount
from backend.storage.privacy import key_checks, missing_contacts
from backend.version import VERSION
from backend.wiring import Product, Stores

WRITE_KEPT_S: Final = 60
TOKEN_OVERDUE: Final = timedelta(hours=26)  # longer expired: the daily refresh has failed


def report(product: Product) -> dict[str, Any]:
    """`ready` is false when the database or the queue is away, `ok` also when work that is due does
    not advance. No secrets, no personal data."""
    database = _database(product.stores)
    queue = _queue(product.stores, database.pop("due_work", {}))
    skews = {**database.pop("skew", {}), **queue.pop("skew", {})}
    skews |= {
        name: answer["skew_s"]
        for name, answer in queue["connectivity"].items()
        if "skew_s" in answer
    }
    ready = database["ok"] and queue["ok"]
    return {
        "ok": ready and not queue["standing_still"],
        "ready": ready,
        "version": VERSION,
        "database": database,
        "connectivity": queue.pop("connectivity"),
        "error_rate": queue.pop("error_rate"),
        "provider_failures": queue.pop("provider_failures"),
        "standing_still": queue.pop("standing_still"),
        "queue": queue,
        "providers": {
            "database": product.stores.database.engine.dialect.name,
            "embeddings": product.ai.embedder.name,
            "vectors": product.ai.index.name,
            "analyst": product.ai.analyst.name,
            "text_reader": product.ai.reader.name,
        },
        "breakers": product.ai.breakers(),
        "clock_skew_s": skews,
    }


def without_portals(found: dict[str, Any]) -> dict[str, Any]:
    """The same for strangers: no word about whose portals these are."""
    hidden = {"portals", "alerts", "unknown_keys"}
    database = {k: v for k, v in found["database"].items() if k not in hidden}
    still = [{k: v for k, v in one.items() if k != "portal_id"} for one in found["standing_still"]]
    return {**found, "database": database, "standing_still": still}


def _database(stores: Stores) -> dict[str, Any]:
    clock = stores.clock
    now = clock.now()
    try:
        with stores.database.read() as conn:
            unknown_keys = key_checks.unknown(conn, stores.cipher)
            known = portals.listed(conn)
            due = due_leads.due_counts(conn, now)
            waiting = overview.waiting(conn)
            webhooks = webhook_days.since(conn, now.date())
            skew = _skew_of(conn, clock)
            lost = {p.portal_id: missing_contacts.alarming(conn, p.portal_id) for p in known}
            standing = [alert.name for alert in alerts.firing(conn)]
            problems = portal_problems.every(conn)
            work = due_work(conn, known, now)
            last = maintenance.last_reports(conn, maintenance.INSTALLATION).get("daily")
    except Transient as error:
        return _away(error)
    oldest = min((count.next_due_at for count in due), default=now)
    states = [portal.state for portal in known]
    return {
        **_writes(stores.database, now),
        "portals": [
            {
                **_portal(clock, portal, waiting, webhooks.get(portal.portal_id, WebhookCount())),
                "missing_contacts": lost[portal.portal_id],
                "problems": [_problem(one) for one in problems.get(portal.portal_id, [])],
            }
            for portal in known
        ],
        "portals_by_state": {state: states.count(state) for state in sorted(set(states))},
        "due_leads": sum(count.leads for count in due),
        "due_by_urgency": _by_urgency(due, now),
        "oldest_due_s": max(0, round((now - oldest).total_seconds())),
        "pending_writes": sum(waiting.pending_writes.values()),
        "failed_leads": sum(waiting.parked_leads.values()),
        "failed_writes": sum(waiting.parked_writes.values()),
        "failed_events": sum(waiting.failed_events.values()),
        "bad_signatures_today": webhooks.get(EVERY_PORTAL, WebhookCount()).bad_signatures,
        "alerts": standing,
        "unknown_keys": unknown_keys,
        "maintenance": None if last is None else _maintenance(last),
        "skew": skew,
        "due_work": work,
    }


def _writes(database: Database, now: datetime) -> dict[str, Any]:
    """Whether it takes writes: the last one that was refused, or one more tells."""
    refusal = database.refusal()
    if refusal is not None:
        return _away(refusal)
    try:
        with database.write() as conn:
            leases.write_probe(conn, now)
    except Transient as error:
        return _away(error)
    return {"ok": True}


def _away(error: Transient) -> dict[str, Any]:
    """What is wrong, with its cause and cure where they are known."""
    if not isinstance(error, Outage):
        return {"ok": False, "problem": str(error)}
    return {"ok": False, "problem": str(error), "cause": error.outage, "cure": error.cure}


def _maintenance(last: maintenance.Report) -> dict[str, Any]:
    return {
        "started_at": last.started_at.isoformat(timespec="seconds"),
        "failed": [task for task, found in last.body.items() if not found["ok"]],
    }


def _by_urgency(due: list[due_leads.DueCount], now: datetime) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for count in due:
        one = found.setdefault(count.urgency.value, {"leads": 0, "oldest_s": 0})
        one["leads"] += count.leads
        age = round((now - count.next_due_at).total_seconds())
        one["oldest_s"] = max(one["oldest_s"], age)
    return found


def _portal(
    clock: Clock, portal: Portal, waiting: overview.WaitingWork, webhooks: WebhookCount
) -> dict[str, Any]:
    return {
        "portal_id": portal.portal_id,
        "state": portal.state,
        "mode": portal.settings.mode.value,
        "token_valid": token_valid(clock, portal),
        "token_refreshed_at": portal.last_refresh_at and portal.last_refresh_at.isoformat(),
        "refused": list(portal.installation.get("refused", ())),
        "failed_leads": waiting.parked_leads.get(portal.portal_id, 0),
        "failed_writes": waiting.parked_writes.get(portal.portal_id, 0),
        "failed_events": waiting.failed_events.get(portal.portal_id, 0),
        "webhooks": {
            "received": webhooks.received,
            "missed": webhooks.missed,
            "missed_share": round(webhooks.missed_share, 3),
        },
    }


def _problem(one: PortalProblem) -> dict[str, str]:
    return {
        "area": one.area,
        "code": one.code,
        "sentence": one.sentence,
        "cure": one.cure,
        "since": one.since.isoformat(timespec="seconds"),
        "next_try_at": one.probe_at.isoformat(timespec="seconds"),
    }


def token_valid(clock: Clock, portal: Portal) -> bool:
    """Connected, and refreshed when it should have been: on use, and at least every day."""
    expires_at = portal.token_expires_at
    if portal.state != "connected" or expires_at is None:
        return False
    return expires_at + TOKEN_OVERDUE > clock.now()


def _queue(stores: Stores, work: Mapping[str, str]) -> dict[str, Any]:
    try:
        stores.redis.set("health:write", "1", ex=WRITE_KEPT_S)  # with no memory left, reads go on
        return {
            "ok": True,
            "waiting": stores.jobs.depth(),
            "oldest_s": stores.jobs.oldest_s(),
            "connectivity": connectivity.known(stores.redis),
            "error_rate": _error_rate(stores.meter),
            "provider_failures": _provider_failures(stores),
            "standing_still": standing_still(stores.redis, work, stores.clock.now()),
            "skew": {"queue": round(_redis_skew_s(stores.clock, stores.redis))},
        }
    except RedisError as error:
        return {
            **_away(outage_of(error) or Transient(f"the queue is away ({type(error).__name__})")),
            "connectivity": {},
            "error_rate": {},
            "provider_failures": {},
            "standing_still": [],
        }


def _provider_failures(stores: Stores) -> dict[str, Any]:
    """What scores do without at the moment, with cause and cure, by part."""
    current = ProviderFailures(stores.redis, stores.clock).current()
    return {part: asdict(failure) for part, failure in sorted(current.items())}


def _error_rate(meter: RedisMeter) -> dict[str, Any]:
    """Failed of all, over the last 10 to 15 minutes: jobs, requests, writes, calls by vendor."""
    found = {}
    for (name, subject), (ok, failed) in sorted(meter.recent().items()):
        total = ok + failed
        found[f"{name}:{subject}" if subject else name] = {
            "total": total,
            "failed": failed,
            "share": round(failed / total, 3) if total else 0.0,
        }
    return found


def _redis_skew_s(clock: Clock, redis: Redis) -> float:
    seconds, micros = redis.time()
    ours: float = clock.now().timestamp()
    return float(ours - (seconds + micros / 1e6))


def _skew_of(conn: Connection, clock: Clock) -> dict[str, int]:
    theirs = overview.database_now(conn)
    if theirs is None:
        return {}
    return {"database": round((clock.now() - theirs).total_seconds())}
