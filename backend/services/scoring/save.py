"""One transaction: scores, pending writes and routes, for leads whose claim is still ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from backend.config import RECORDS_COALESCE_S
from backend.model import Mode, Score, Urgency
from backend.scoring.write_back import changed, properties_of
from backend.services import records
from backend.services.routing.decide import RouteCause, route_out, route_scores
from backend.services.scoring.budget import day_turns
from backend.services.scoring.pipeline import Batch
from backend.storage.database import Connection
from backend.storage.leads import due_leads, scores, summary_rows
from backend.storage.leads.due_leads import Claimed
from backend.storage.outbox import workflow_runs, writes
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.privacy import mentions, tombstones
from backend.vocabulary import Cause
from backend.wiring import Stores

PROVIDER_BACK_S = 300  # scored without a provider: due again after so long


def save_scores(stores: Stores, portal_id: int, claimed: Sequence[Claimed], batch: Batch) -> int:
    """How many were saved; a lead whose claim lapsed is somebody else's by now.

    What is written depends on the portal as it is now: it may have gone live while the batch was
    scored, and the set-up that queues every stored score does not see this one.
    """
    now = stores.clock.now()
    with stores.database.write() as conn:
        portal = portals.held(conn, portal_id)
        tombstones.hold(conn, portal_id)
        held = due_leads.held(conn, portal_id, claimed[0].token)
        mine = {cid: score for cid, score in batch.scored.items() if cid in held}
        mine = _without_erased(conn, stores, portal_id, mine)
        scores.save(
            conn, list(mine.values()), batch.before, {c.contact_id: c.cause for c in claimed}
        )
        summary_rows.save(conn, list(mine.values()), batch.before, batch.traits)
        if portal.settings.mode is Mode.LIVE:
            _queue_writes(conn, portal, mine, now)
        out = {cid: reason for cid, reason in batch.ineligible.items() if cid in held}
        due_leads.set_ineligible(conn, portal_id, out | dict.fromkeys(mine, ""))
        scores.forget(conn, portal_id, list(out))
        summary_rows.leave(conn, portal_id, {cid: batch.traits[cid] for cid in out})
        writes.empty(conn, portal_id, list(out), now)
        records_at = now + timedelta(seconds=_records_wait_s(claimed))
        records.mark(conn, portal, mine.keys() | out.keys(), records_at)
        done = [c for c in claimed if c.contact_id in mine or c.contact_id in out]
        due_leads.finish(conn, portal_id, done)
        _come_again(conn, portal_id, claimed, batch, set(mine), now)
        route_out(conn, portal, list(out), now)
        route_scores(
            conn,
            stores.settings.session_secret,
            portal,
            mine,
            {c.contact_id: cause_of(c) for c in claimed},
            {cid: batch.traits[cid].company_key for cid in mine},
            now,
        )
        workflow_waits = workflow_runs.any_waits(conn, portal_id, mine.keys() | out.keys())
    if workflow_waits:
        stores.jobs.enqueue("answer_workflows", portal_id=portal_id)
    if portal.settings.mode is Mode.LIVE:
        stores.jobs.enqueue("flush_writes", portal_id=portal_id)
        stores.jobs.enqueue("flush_routes", portal_id=portal_id)
    return len(mine)


def _records_wait_s(claimed: Sequence[Claimed]) -> float:
    """A run scores a company's leads one batch after the other: what follows from them waits."""
    of_run = all(claim.urgency is Urgency.BACKFILL for claim in claimed)
    return RECORDS_COALESCE_S if of_run else 0


def _without_erased(
    conn: Connection, stores: Stores, portal_id: int, mine: dict[str, Score]
) -> dict[str, Score]:
    """No neighbour that was erased after it was found."""
    named = {cid for score in mine.values() for cid in mentions.of_score(score)}
    macs = {stores.tombstone_mac(portal_id, cid): cid for cid in sorted(named)}
    erased = {macs[mac] for mac in tombstones.present(conn, portal_id, list(macs))}
    if not erased:
        return mine
    return {
        cid: replace(
            score,
            neighbours=tuple(
                n for n in score.neighbours if mentions.contact_of(n.neighbour_id) not in erased
            ),
        )
        for cid, score in mine.items()
    }


def cause_of(claim: Claimed) -> RouteCause:
    """A score that an event asked for stays that event's until no part of it is missing."""
    completed = claim.cause == Cause.EVENT_COMPLETED
    return RouteCause(Urgency.EVENT if completed else claim.urgency, claim.cause)


def _queue_writes(conn: Connection, portal: Portal, mine: dict[str, Score], now: datetime) -> None:
    """What HubSpot does not have. What waits may be on its way there, or have arrived untold, so it
    is replaced name by name, by values that are as last written, too."""
    portal_id = portal.portal_id
    known = writes.last_written(conn, portal_id, list(mine))
    waiting = writes.waiting(conn, portal_id, list(mine))
    payloads = {}
    for cid, score in mine.items():
        new = properties_of(score, portal.settings)
        overtaken = {name: new.get(name, "") for name in waiting.get(cid, ())}
        payloads[cid] = changed(known.get(cid, ({}, now))[0], new) | overtaken
    writes.put(conn, portal_id, {cid: p for cid, p in payloads.items() if p}, now)


def _come_again(
    conn: Connection,
    portal_id: int,
    claimed: Sequence[Claimed],
    batch: Batch,
    mine: set[str],
    now: datetime,
) -> None:
    """Leads scored without a provider: soon when it is away, tomorrow when the budget is spent."""
    events = {c.contact_id for c in claimed if cause_of(c).urgency is not Urgency.BACKFILL}
    back = now + timedelta(seconds=PROVIDER_BACK_S)
    for wanted, due_at in ((batch.come_again, back), (batch.next_day, day_turns(now))):
        of_events, of_runs = wanted & mine & events, (wanted & mine) - events
        due_leads.come_again(
            conn, portal_id, sorted(of_events), due_at, cause=Cause.EVENT_COMPLETED
        )
        due_leads.come_again(conn, portal_id, sorted(of_runs), due_at)
