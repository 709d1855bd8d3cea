"""Take up again what failed for good, once a person has seen to its cause."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, Literal

from backend.model import Urgency
from backend.storage.access import audit
from backend.storage.leads import due_leads, inbox
from backend.storage.outbox import due_rows, routes
from backend.wiring import Stores

What = Literal["leads", "writes", "routes", "events"]
_AGAIN: Final[dict[What, Callable[..., int]]] = {
    "leads": due_leads.replay,
    "writes": lambda conn, *where, **which: sum(
        due_rows.replay(conn, box, *where, **which) for box in due_rows.SCORES
    ),
    "routes": routes.replay,
    "events": inbox.replay,
}
_JOBS: Final[dict[What, tuple[str, ...]]] = {
    "leads": (),
    "writes": (due_rows.WRITES.job,),
    "routes": tuple(sorted({box.job for box in routes.WORK})),
    "events": ("fan_out",),
}


def replay(
    stores: Stores,
    portal_id: int,
    what: What,
    *,
    actor: str,
    contact_ids: Collection[str] | None = None,
    cause: str | None = None,
) -> int:
    """All of a kind, those of the named contacts, or those with exactly this last error; two
    replays at once are one. Returns how many. "routes" are lists, tasks, notifications and
    workflow answers; "events" changes that HubSpot told us of, named by their objects' ids."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        count = _AGAIN[what](conn, portal_id, now, contact_ids, cause=cause)
        audit.of_portal(
            conn,
            portal_id,
            f"{what}.replay",
            actor=actor,
            now=now,
            detail={"count": count, "cause": cause, "named": len(contact_ids or ())},
        )
    if what == "leads":
        stores.jobs.enqueue("score_due", portal_id=portal_id, urgency=Urgency.EVENT.value)
    for job in _JOBS[what]:
        stores.jobs.enqueue(job, portal_id=portal_id)
    return count
