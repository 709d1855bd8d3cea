"""Operations: what waits, what failed, how vendors answer, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import Field
from redis.exceptions import RedisError

from backend.clients.redis.meter import RedisMeter
from backend.clients.redis.meter_reading import counted, timings
from backend.security.cipher import Cipher
from backend.security.roles import Permission
from backend.services.health.report import report
from backend.services.health.rules import incomplete
from backend.services.replay import replay as take_up_again
from backend.services.scoring.budget import budget_is_spent
from backend.storage.database import Connection
from backend.storage.leads import due_leads as leads
from backend.storage.leads import inbox
from backend.storage.learning import usage
from backend.storage.operations import parked
from backend.storage.outbox import due_rows
from backend.storage.outbox import routes as routes_of
from backend.storage.portals import webhook_days
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import contact_names
from backend.web.api.framework.shapes import ContactIds, Nothing, Shape

routes = Routes()
OPERATIONS = "/portals/<int:portal_id>/operations"
WEBHOOK_DAYS, COST_DAYS = 7, 30
RECORD_NAMES: Final = {"companies": "Company", "deals": "Deal", "leads": "Lead record"}


class Waiting(Shape):
    """Leads due of one urgency, and for how long the oldest has been."""

    urgency: str
    leads: int
    oldest_s: int


class Cause(Shape):
    """So many failed with this last error."""

    problem: str
    count: int


class ParkedRow(Shape):
    """One lead or write that failed; `object_type` as HubSpot calls it."""

    object_type: str
    object_id: str
    name: str
    attempts: int
    parked_at: datetime
    problem: str


class Parked(Shape):
    """The newest rows, and all of them by cause."""

    rows: list[ParkedRow]
    causes: list[Cause]


class RouteWork(Shape):
    """Lists, tasks, notifications or workflow answers that wait, and those that failed."""

    kind: str
    waiting: int
    parked: int


class FailedEventRow(Shape):
    """A change in HubSpot that could not be read."""

    object_type: str
    object_id: str
    attempts: int
    received_at: datetime
    problem: str


class Webhooks(Shape):
    """Of the last seven days; `missed` changes came without a webhook and were found later."""

    received: int
    missed: int
    missed_share: float


class Vendor(Shape):
    """Calls to one endpoint of a vendor since the counters began, all portals together."""

    provider: str
    endpoint: str
    calls: int
    mean_ms: float
    p95_ms: float | None


class Speed(Shape):
    """Embedding and writing; null while nothing was counted."""

    texts: int
    texts_per_s: float | None
    writes: int
    write_success: float | None
    lead_ms: float | None


class ErrorRate(Shape):
    """Failed of all in the last minutes."""

    what: str
    total: int
    failed: int
    share: float


class Cost(Shape):
    """One provider's use on one day."""

    day: str
    provider: str
    calls: int
    tokens: int
    usd: float


class Operations(Shape):
    """Everything an operator looks at in the morning."""

    token_valid: bool
    queue_ok: bool
    providers: dict[str, str]
    breakers: dict[str, str]
    incomplete: list[str]
    alerts: list[str]
    waiting: list[Waiting]
    pending_writes: int
    parked_leads: Parked
    parked_writes: Parked
    routes: list[RouteWork]
    failed_events: list[FailedEventRow]
    webhooks: Webhooks
    vendors: list[Vendor]
    speed: Speed
    error_rates: list[ErrorRate]
    costs: list[Cost]
    usd_per_lead: float | None


class ReplayBody(Shape):
    """All that failed; or only these contacts (of events, objects); or only those with exactly
    this error."""

    what: Literal["leads", "writes", "routes", "events"]
    contact_ids: ContactIds | None = None
    cause: str | None = Field(default=None, max_length=500, pattern=r"^[^\x00]*$")


class Replayed(Shape):
    """How many were taken up again."""

    count: int


OVER_BUDGET: Final = (
    "This portal's AI budget for today is used up: raise it under Setup, or wait until midnight UTC"
)


@routes.get(OPERATIONS, needs=Permission.READ_REPORTS, answer=Operations)
def read(call: Call[Nothing, Nothing]) -> Operations:
    """Queues, what failed, webhooks, vendors, errors and cost."""
    product, portal_id = call.product, call.portal_id
    now = product.stores.clock.now()
    health = report(product)
    own = [p for p in health["database"].get("portals", ()) if p["portal_id"] == portal_id]
    with product.stores.database.read() as conn:
        due = leads.due_counts(conn, now, portal_id)
        hooks = webhook_days.since(conn, (now - timedelta(days=WEBHOOK_DAYS)).date())
        costs = usage.by_day(conn, portal_id, (now - timedelta(days=COST_DAYS)).date())
        scored = usage.leads_scored(conn, portal_id, now - timedelta(days=COST_DAYS))
        given_up = _parked(conn, product.stores.cipher, portal_id, "leads")
        unwritten = _parked(conn, product.stores.cipher, portal_id, "writes")
        pending = sum(due_rows.count(conn, box, portal_id) for box in due_rows.SCORES)
        routed = routes_of.counts(conn, portal_id)
        unread = inbox.failed(conn, portal_id)
        unrouted = routes_of.counts(conn, portal_id, parked=True)
    over_budget = [OVER_BUDGET] if budget_is_spent(product.stores, portal_id) else []
    sums = _sums(product.stores.meter)
    hook = hooks.get(portal_id, webhook_days.WebhookCount())
    usd = sum(cost.usd for cost in costs)
    return Operations(
        token_valid=bool(own and own[0]["token_valid"]),
        queue_ok=health["queue"]["ok"],
        providers=health["providers"],
        breakers=health["breakers"],
        incomplete=[*incomplete(health).values(), *over_budget],
        alerts=list(health["database"].get("alerts", ())),
        waiting=[
            Waiting(
                urgency=count.urgency.value,
                leads=count.leads,
                oldest_s=max(0, round((now - count.next_due_at).total_seconds())),
            )
            for count in due
        ],
        pending_writes=pending,
        parked_leads=given_up,
        parked_writes=unwritten,
        routes=[
            RouteWork(kind=kind, waiting=number, parked=unrouted[kind])
            for kind, number in routed.items()
        ],
        failed_events=[FailedEventRow(**asdict(event)) for event in unread],
        webhooks=Webhooks(
            received=hook.received, missed=hook.missed, missed_share=hook.missed_share
        ),
        vendors=_vendors(sums),
        speed=_speed(sums),
        error_rates=[
            ErrorRate(what=what, total=r["total"], failed=r["failed"], share=r["share"])
            for what, r in health["error_rate"].items()
        ],
        costs=[
            Cost(
                day=c.day.isoformat(),
                provider=c.provider,
                calls=c.calls,
                tokens=c.tokens,
                usd=c.usd,
            )
            for c in costs
        ],
        usd_per_lead=usd / scored if scored else None,
    )


@routes.post(f"{OPERATIONS}/replay", needs=Permission.REPLAY, body=ReplayBody, answer=Replayed)
def replay(call: Call[Nothing, ReplayBody]) -> Replayed:
    """Take up again what failed; two replays at once are one."""
    body, portal_id = call.body, call.portal_id
    count = take_up_again(
        call.product.stores,
        portal_id,
        body.what,
        actor=call.caller.subject,
        contact_ids=body.contact_ids,
        cause=body.cause,
    )
    return Replayed(count=count)


def _parked(
    conn: Connection, cipher: Cipher, portal_id: int, what: Literal["leads", "writes"]
) -> Parked:
    of_leads = what == "leads"
    listed = parked.listed_leads if of_leads else parked.listed_writes
    by_cause = parked.leads_by_cause if of_leads else parked.writes_by_cause
    rows = listed(conn, portal_id)
    ids = [row.object_id for row in rows if row.object_type == "contacts"]
    people = contact_names(conn, cipher, portal_id, ids)
    return Parked(
        rows=[
            ParkedRow(
                object_type=row.object_type,
                object_id=row.object_id,
                name=people[row.object_id]
                if row.object_type == "contacts"
                else f"{RECORD_NAMES[row.object_type]} {row.object_id}",
                attempts=row.attempts,
                parked_at=row.parked_at,
                problem=row.problem,
            )
            for row in rows
        ],
        causes=[Cause(problem=p, count=n) for p, n in by_cause(conn, portal_id).items()],
    )


def _sums(meter: RedisMeter) -> Mapping[str, float]:
    try:
        return meter.sums()
    except RedisError:
        return {}


def _vendors(sums: Mapping[str, float]) -> list[Vendor]:
    return [
        Vendor(
            provider=timing.labels[0],
            endpoint=timing.labels[1],
            calls=timing.count,
            mean_ms=round(timing.mean_s * 1000, 1),
            p95_ms=None if timing.p95_s is None else timing.p95_s * 1000,
        )
        for timing in timings(sums, "provider_request_seconds")
    ]


def _speed(sums: Mapping[str, float]) -> Speed:
    texts = sum(counted(sums, "embedding_texts").values())
    seconds = sum(counted(sums, "embedding_seconds").values())
    written: dict[str, float] = {}
    for (_result, outcome), number in counted(sums, "writes").items():
        written[outcome] = written.get(outcome, 0.0) + number
    total = sum(written.values())
    per_lead = timings(sums, "lead_seconds")
    return Speed(
        texts=int(texts),
        texts_per_s=round(texts / seconds, 1) if seconds else None,
        writes=int(total),
        write_success=written.get("ok", 0.0) / total if total else None,
        lead_ms=round(per_lead[0].mean_s * 1000, 1) if per_lead else None,
    )
