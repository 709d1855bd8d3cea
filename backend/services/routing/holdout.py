"""The holdout as an admin meets it: what it would cost, switched on, read, ended."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from backend.errors import BadChoice, Conflict
from backend.learning.judge.cohorts import RATE_MIN, reached_by
from backend.learning.judge.holdout import (
    DAYS_A_MONTH,
    PLANNED_LIFT,
    Arms,
    Difference,
    Plan,
    Verdict,
    difference,
    shares_e_value,
    verdict,
)
from backend.model import Band, Mode
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import band_entries
from backend.storage.outbox import holdouts
from backend.storage.outbox.holdouts import Holdout, Member
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

SHARE_MIN, SHARE_MAX = 5, 20  # per cent of the leads that become High
LIFTS: Final = (0.2, 0.3, 0.4, 0.6, 1.0)
LOOK_BACK: Final = timedelta(days=90)
DAYS_MIN: Final = 7  # of scoring, before a pace is known
MONTHS_MAX: Final = 36  # nobody waits longer


@dataclass(frozen=True, slots=True)
class Preview:
    """What an experiment with this share would need and cost, or why that cannot be said yet.

    `months` by lift, None beyond three years. `costs_wins`: wins forgone a month if following up
    lifts them by `PLANNED_LIFT`. `preview` names what was seen; starting wants it back.
    """

    share: int
    problem: str
    plan: Plan | None = None
    months: tuple[tuple[float, float | None], ...] = ()
    planned_leads: int = 0
    held_a_month: float = 0.0
    costs_wins: float = 0.0
    sentence: str = ""
    preview: str = ""


def preview(conn: Connection, portal: Portal, share: int, now: datetime) -> Preview:
    """Raises BadChoice for a share that is no holdout's."""
    if not SHARE_MIN <= share <= SHARE_MAX:
        raise BadChoice(f"{share} % cannot be held out: {SHARE_MIN} to {SHARE_MAX} % can")
    at, report = runs.newest_report(conn, portal.portal_id, "impact")
    since = max(now - LOOK_BACK, portal.created_at + timedelta(days=1))  # the first day scores all
    days = (now - since) / timedelta(days=1)
    if at is None:
        return Preview(share, "What became of your High leads has not been counted yet.")
    if days < DAYS_MIN:
        return Preview(share, "How many leads become High a month is known after a week.")
    companies = band_entries.decided_by_company(conn, portal.portal_id, Band.HIGH)
    decided, won = sum(one[0] for one in companies), sum(one[1] for one in companies)
    entered = band_entries.entered_since(conn, portal.portal_id, Band.HIGH, since)
    if min(won, decided - won) < RATE_MIN or not entered:
        return Preview(
            share,
            f"Too few High leads are decided: {won} won and {decided - won} lost, "
            f"{RATE_MIN} of each are needed to plan.",
        )
    rate = won / decided
    squares = sum((w - rate * n) ** 2 for n, w in companies)
    alike = max(1.0, squares / decided / (rate * (1 - rate)))
    plan = Plan(rate, alike, entered / days * DAYS_A_MONTH, share / 100, report["horizon_days"])
    return _previewed(share, plan)


def _previewed(share: int, plan: Plan) -> Preview:
    planned = plan.leads_for(PLANNED_LIFT)
    if not isfinite(planned):
        return Preview(share, "A lift of 30 % would not show with any number of your leads.")
    months = tuple((lift, _within(plan.months_for(lift, planned))) for lift in LIFTS)
    held = plan.leads_a_month * plan.share
    costs = held * plan.win_rate * PLANNED_LIFT / (1 + PLANNED_LIFT)
    seen = json.dumps([share, round(plan.leads_a_month), round(plan.win_rate, 2), months])
    return Preview(
        share,
        "",
        plan,
        months,
        round(planned),
        held,
        costs,
        _sentence(plan.leads_a_month, dict(months)[PLANNED_LIFT]),
        hashlib.sha256(seen.encode()).hexdigest()[:16],
    )


def _within(months: float) -> float | None:
    return months if months <= MONTHS_MAX else None


def _sentence(leads_a_month: float, months: float | None) -> str:
    pace = f"At your {leads_a_month:,.0f} High leads a month a lift of {PLANNED_LIFT:.0%}"
    if months is None:
        return f"{pace} does not show within {MONTHS_MAX // 12} years: a holdout is not worth it."
    return f"{pace} shows after {months:,.0f} months."


def start(stores: Stores, portal_id: int, share: int, seen: str, *, actor: str) -> Holdout:
    """Switch it on for leads that become High from now on. Raises Conflict where none can be, one
    runs, or the plan is not the one that was `seen`; BadChoice for a share that is none."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        portal = portals.held(conn, portal_id)
        if portal.settings.mode is not Mode.LIVE:
            raise Conflict("a holdout needs a portal that is live: nobody is followed up now")
        if holdouts.running(conn, portal_id) is not None:
            raise Conflict("a holdout runs already: end it first")
        found = preview(conn, portal, share, now)
        if found.plan is None:
            raise Conflict(found.problem)
        if found.preview != seen:
            raise Conflict("what a holdout costs has changed: look at it again")
        made = Holdout(
            secrets.token_hex(16), share, found.plan.window_days, found.planned_leads, actor, now
        )
        holdouts.begin(conn, portal_id, made)
        detail = {"holdout": made.holdout_id, "share": share, "window_days": made.window_days}
        audit.of_portal(conn, portal_id, "holdout.start", actor=actor, now=now, detail=detail)
    return made


def end(stores: Stores, portal_id: int, *, actor: str) -> None:
    """Everybody is followed up again; the arms stay for the readout. Raises Conflict where none
    runs."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        portals.held(conn, portal_id)
        one = holdouts.running(conn, portal_id)
        if one is None:
            raise Conflict("no holdout runs")
        holdouts.end(conn, portal_id, one.holdout_id, now)
        detail = {"holdout": one.holdout_id}
        audit.of_portal(conn, portal_id, "holdout.end", actor=actor, now=now, detail=detail)


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm. `leads` all that were assigned; `complete` those whose time is over, of whom `won`
    bought; `median_minutes` of working time until half of all leads were touched."""

    leads: int
    companies: int
    complete: int
    won: int
    in_time: int
    median_minutes: int | None
    amount: float


@dataclass(frozen=True, slots=True)
class Readout:
    """An experiment as far as it is; differences are of leads whose time is over."""

    holdout: Holdout
    followed_up: ArmFigures
    held_out: ArmFigures
    wins: Difference | None
    in_time: Difference | None
    amount: Difference | None
    shares_wrong: bool
    verdict: Verdict
    sentence: str


def readout(conn: Connection, portal: Portal, one: Holdout, now: datetime) -> Readout:
    """By intention to treat: whatever was done for a lead, it counts in its arm. Who had bought
    before is in neither."""
    window = timedelta(days=one.window_days)
    members = [
        m for m in holdouts.members(conn, portal.portal_id, one.holdout_id) if m.result != "before"
    ]
    complete = [m for m in members if m.assigned_at + window <= now and m.result != "open"]
    within = 60 * portal.settings.routing.touch_within_hours
    arms = Arms([m.company_mac for m in complete], [m.held for m in complete])
    planned = float(one.planned_leads)
    wins = difference(arms, [float(m.result == "won") for m in complete], planned, shares=True)
    in_time = [float(_in_time(m, within)) for m in complete]
    companies = {m.company_mac: m.held for m in members}
    e_value = shares_e_value(len(companies), sum(companies.values()), one.share / 100)
    told = verdict(wins, e_value)
    up, out = (
        _figures([m for m in members if m.held is held], complete, within) for held in (False, True)
    )
    return Readout(
        one,
        up,
        out,
        wins,
        difference(arms, in_time, planned, shares=True),
        difference(arms, [m.amount for m in complete], planned, shares=False),
        told == "distrust",
        told,
        _says(told, wins, one, len(members), len(complete), now),
    )


def _in_time(member: Member, within: int) -> bool:
    return member.touch_minutes is not None and member.touch_minutes <= within


def _figures(mine: Sequence[Member], complete: Sequence[Member], within: int) -> ArmFigures:
    over = set(complete)
    done = [m for m in mine if m in over]
    minutes: dict[int, int] = {}
    for member in mine:
        if member.touch_minutes is not None:
            minutes[member.touch_minutes] = minutes.get(member.touch_minutes, 0) + 1
    return ArmFigures(
        len(mine),
        len({m.company_mac for m in mine}),
        len(done),
        sum(m.result == "won" for m in done),
        sum(_in_time(m, within) for m in done),
        reached_by(minutes, len(mine), 0.5),
        sum(m.amount for m in done),
    )


def _says(
    told: Verdict, wins: Difference | None, one: Holdout, leads: int, complete: int, now: datetime
) -> str:
    if told == "distrust":
        return (
            "Do not trust this result: the two groups do not have the sizes that chance gives "
            "them. Tell whoever runs Leadlight."
        )
    if wins is None or told == "early":
        return (
            f"It cannot be told yet, and it is too early to guess: {complete:,} of {leads:,} leads "
            f"have had their {one.window_days} days."
        )
    low, high = (100 * end for end in (wins.low, wins.high))
    if told == "pays":
        return (
            f"Following up High leads pays: of 100 leads {100 * wins.effect:.0f} more are won than "
            f"without, and at least {max(low, 0.1):.1f} more."
        )
    if told == "harms":
        return (
            f"High leads that were left alone are won more often: of 100 leads "
            f"{-100 * wins.effect:.0f} more, and at least {max(-high, 0.1):.1f} more."
        )
    return (
        f"It cannot be told yet: of 100 leads that are followed up, between {abs(low):.0f} fewer "
        f"and {high:.0f} more are won than of 100 that are not.{_wait(one, leads, complete, now)}"
    )


def _wait(one: Holdout, leads: int, complete: int, now: datetime) -> str:
    """While it runs, when a lift as planned would show at the pace so far."""
    months = (now - one.started_at) / timedelta(days=DAYS_A_MONTH)
    if one.ended_at is not None or not months or complete >= one.planned_leads:
        return ""
    missing = (one.planned_leads - complete) * months / leads
    return f" At the pace so far a lift of {PLANNED_LIFT:.0%} shows in about {missing:.0f} months."
