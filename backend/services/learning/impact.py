"""What became of the leads of each band: counted once a day, read by the Impact page.

A lead came into a band when it was first scored into it. From then on its clock runs: the outcome
is the one that a model learns from (`learning.data.outcomes`), with that time in place of the day
it became a lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import numpy as np

from backend.learning.data.outcomes import HeldOut, LeadHistory, Why, outcome_of, won_at
from backend.model import ActivityFact, Band, DealFact
from backend.scoring.traits import touches
from backend.scoring.wording.working_days import working_minutes
from backend.services.learning.labels import Labels, Past, labelled
from backend.slices import slices
from backend.storage.database import Connection
from backend.storage.leads import band_entries
from backend.storage.leads.band_entries import Entry
from backend.storage.outbox import explorations, holdouts
from backend.storage.outbox.explorations import Explored
from backend.storage.outbox.holdouts import Member
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.privacy import tombstones
from backend.wiring import Stores

_NOT_MET = frozenset({"canceled", "rescheduled", "no show"})


def count_impact(
    stores: Stores, portal: Portal, still: Callable[[], Any] = lambda: None
) -> dict[str, Any]:
    """Count everything again. `still` is called between the slow parts, to renew a lease."""
    labels = labelled(stores, portal)
    still()
    pasts = {past.snapshot.contact_id: past for past, _ in labels.decided}
    entries: list[Entry] = []
    for ids in slices(list(pasts)):
        with stores.database.read() as conn:
            entries += band_entries.first_entries(conn, portal.portal_id, ids)
    rows = _rows(portal, labels, pasts, entries, stores.clock.now())
    still()
    saved = 0
    for contact_ids in slices(list(rows)):
        saved += _save(stores, portal.portal_id, {c: rows[c] for c in contact_ids})
    _count_experiments(stores, portal, pasts)
    return {
        "entries": saved,
        "horizon_days": labels.horizon_days,
        "deal_sizes": _deal_sizes([past.history for past in pasts.values()]),
    }


def _deal_sizes(histories: Iterable[LeadHistory]) -> dict[str, Any]:
    """Number, mean and variance of the amounts of all won deals; a deal of several counts once."""
    amounts = {
        deal.deal_id: deal.amount
        for history in histories
        for deal in (*history.deals, *history.company_deals)
        if deal.outcome == "won" and deal.amount
    }
    sizes = np.array(list(amounts.values()), dtype=float)
    if not len(sizes):
        return {"deals": 0, "mean": 0.0, "variance": 0.0}
    return {"deals": len(sizes), "mean": float(sizes.mean()), "variance": float(sizes.var())}


def _count_experiments(stores: Stores, portal: Portal, pasts: Mapping[str, Past]) -> None:
    """What became of the leads of every holdout and exploration, within its own window."""
    portal_id = portal.portal_id
    with stores.database.read() as conn:
        held = holdouts.listed(conn, portal_id)
        explored = explorations.listed(conn, portal_id)
    for one in held:
        with stores.database.read() as conn:
            members = holdouts.members(conn, portal_id, one.holdout_id)
        rows = _of_members(stores, portal, pasts, members, Band.HIGH, one.window_days)
        _save_counted(stores, holdouts.counted, portal_id, one.holdout_id, rows)
    for each in explored:
        with stores.database.read() as conn:
            offered = explorations.members(conn, portal_id, each.exploration_id)
        rows = _of_members(stores, portal, pasts, offered, Band.LOW, each.window_days)
        _save_counted(stores, explorations.counted, portal_id, each.exploration_id, rows)


def _of_members(
    stores: Stores,
    portal: Portal,
    pasts: Mapping[str, Past],
    members: Sequence[Member | Explored],
    band: Band,
    window_days: int,
) -> list[dict[str, Any]]:
    """A deal's amount counts once, for the first of its leads. Who is no lead any more stays as
    counted last."""
    now = stores.clock.now()
    rows: list[dict[str, Any]] = []
    counted: set[str] = set()
    for member in members:
        past = pasts.get(member.contact_id)
        if past is None:
            continue
        entry = Entry(member.contact_id, band.value, member.assigned_at, None)
        became_of = became(portal, past, entry, window_days, now)
        won = won_deals(past.history, member.assigned_at, window_days, now)
        new = [deal for deal in won if deal.deal_id not in counted]
        counted |= {deal.deal_id for deal in new}
        rows.append(
            {
                "cid": member.contact_id,
                "result": became_of["result"],
                "touch_minutes": became_of["touch_minutes"],
                "amount": sum(deal.amount or 0.0 for deal in new),
            }
        )
    return rows


def _save_counted(
    stores: Stores,
    save: Callable[[Connection, int, str, Sequence[Mapping[str, Any]]], None],
    portal_id: int,
    experiment_id: str,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    for part in slices(rows):
        with stores.database.write() as conn:
            save(conn, portal_id, experiment_id, part)


def _rows(
    portal: Portal,
    labels: Labels,
    pasts: Mapping[str, Past],
    entries: Sequence[Entry],
    now: datetime,
) -> dict[str, list[dict[str, Any]]]:
    """By contact. A deal's amount counts once per band, for the first of its leads to come in."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    counted: dict[str, set[str]] = defaultdict(set)
    for entry in sorted(entries, key=lambda one: (one.entered_at, one.contact_id)):
        past = pasts[entry.contact_id]
        row = became(portal, past, entry, labels.horizon_days, now)
        amounts = {
            deal.deal_id: deal.amount
            for deal in won_deals(past.history, entry.entered_at, labels.horizon_days, now)
            if deal.amount is not None and deal.deal_id not in counted[entry.band]
        }
        counted[entry.band] |= set(amounts)
        row |= {"amount": sum(amounts.values()), "deals": len(amounts)}
        found[entry.contact_id].append(row)
    return found


def became(
    portal: Portal, past: Past, entry: Entry, horizon_days: int, now: datetime
) -> dict[str, Any]:
    """What became of one lead since it came into the band."""
    zone, entered = portals.zone(portal), entry.entered_at
    history = replace(past.history, became_lead_at=entered)
    outcome = outcome_of(history, horizon_days, now)
    result = _RESULTS.get(outcome.why, "untold") if isinstance(outcome, HeldOut) else outcome.result
    later = [at for at in touches(past.snapshot) if entered <= at <= now]
    touched = min(later, default=None)
    met = [
        activity.occurred_at
        for activity in past.snapshot.activities
        if _is_met(activity) and entered <= activity.occurred_at <= now
    ]
    day = entered.astimezone(zone).date()
    return {
        "portal_id": portal.portal_id,
        "contact_id": entry.contact_id,
        "band": entry.band,
        "entered_at": entered,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "chance": entry.chance,
        "touched_at": touched,
        "touch_minutes": None
        if touched is None
        else working_minutes(entered, touched, portal.settings.routing.working_days, zone),
        "meeting_at": min(met, default=None),
        "opportunity_at": _opportunity(history, entered, zone, now),
        "won_at": won_at(history, now) if result in ("won", "open") else None,
        "result": result,
    }


_RESULTS: Mapping[Why, str] = {Why.TOO_YOUNG: "open", Why.WAS_CUSTOMER: "before"}


def won_deals(
    history: LeadHistory, entered: datetime, horizon_days: int, now: datetime
) -> list[DealFact]:
    """Deals of the lead that were won within the horizon from then on."""
    latest = min(now, entered + timedelta(days=horizon_days))
    return [
        deal
        for deal in (*history.deals, *history.company_deals)
        if deal.outcome == "won"
        and deal.closed_at is not None
        and entered <= deal.closed_at <= latest
    ]


def _is_met(activity: ActivityFact) -> bool:
    return activity.kind == "meeting" and activity.outcome not in _NOT_MET


def _opportunity(
    history: LeadHistory, entered: datetime, zone: tzinfo, now: datetime
) -> datetime | None:
    """The first deal made, or the lifecycle stage opportunity, from then on."""
    began = [deal.created_at for deal in (*history.deals, *history.company_deals)]
    if history.in_talks_since is not None:
        began.append(_noon(history.in_talks_since, zone))
    return min((at for at in began if entered <= at <= now), default=None)


def _noon(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def _save(stores: Stores, portal_id: int, rows: Mapping[str, Sequence[dict[str, Any]]]) -> int:
    """Not of contacts that were erased meanwhile: their standing is gone."""
    with stores.database.write() as conn:
        tombstones.hold(conn, portal_id)
        known = band_entries.owners_and_sources(conn, portal_id, list(rows))
        saved = [
            row | {"owner_id": known[contact_id][0], "lead_source": known[contact_id][1]}
            for contact_id, some in rows.items()
            if contact_id in known
            for row in some
        ]
        band_entries.save(conn, saved)
    return len(saved)
