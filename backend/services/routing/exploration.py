"""The exploration as an admin meets it: what it would cost, switched on, read, ended."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.errors import BadChoice, Conflict
from backend.learning.judge.cohorts import RATE_MIN, Share, share_of
from backend.learning.judge.holdout import Arms, Difference, difference
from backend.model import Band, Mode
from backend.services.routing.holdout import DAYS_MIN, LOOK_BACK
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import band_entries
from backend.storage.outbox import explorations
from backend.storage.outbox.explorations import Exploration, Explored
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import Stores

SHARE_MIN, SHARE_MAX = 1, 10  # per cent of the leads that are newly Low
PER_WEEK_MAX: Final = 100  # offers; an import must not fill everybody's week
PLANNED_LEADS: Final = 2_000  # where the interval of the difference is narrowest


@dataclass(frozen=True, slots=True)
class Preview:
    """What offering this share would cost a week, or why that cannot be said yet. `preview` names
    what was seen; starting wants it back."""

    share: int
    per_week: int
    problem: str
    low_a_week: float = 0.0
    offers_a_week: float = 0.0
    low_won: Share | None = None
    window_days: int = 0
    sentence: str = ""
    preview: str = ""


def preview(conn: Connection, portal: Portal, share: int, per_week: int, now: datetime) -> Preview:
    """Raises BadChoice for a share or a number that is no exploration's."""
    if not SHARE_MIN <= share <= SHARE_MAX:
        raise BadChoice(f"{share} % cannot be offered: {SHARE_MIN} to {SHARE_MAX} % can")
    if not 1 <= per_week <= PER_WEEK_MAX:
        raise BadChoice(f"{per_week} a week cannot be offered: 1 to {PER_WEEK_MAX} can")
    at, report = runs.newest_report(conn, portal.portal_id, "impact")
    since = max(now - LOOK_BACK, portal.created_at + timedelta(days=1))  # the first day scores all
    weeks = (now - since) / timedelta(weeks=1)
    if at is None:
        return Preview(share, per_week, "What became of your Low leads has not been counted yet.")
    if weeks * 7 < DAYS_MIN:
        return Preview(share, per_week, "How many leads are newly Low is known after a week.")
    low = band_entries.entered_since(conn, portal.portal_id, Band.LOW, since) / weeks
    companies = band_entries.decided_by_company(conn, portal.portal_id, Band.LOW)
    won = share_of(sum(one[1] for one in companies), sum(one[0] for one in companies))
    offers = min(low * share / 100, per_week)
    seen = json.dumps([share, per_week, round(low), round(won.share or 0.0, 2)])
    return Preview(
        share,
        per_week,
        "",
        low,
        offers,
        won,
        report["horizon_days"],
        f"About {offers:,.1f} more follow-ups a week: {share} % of the {low:,.0f} leads that are "
        f"newly Low in a week, and never more than {per_week:,} in seven days.",
        hashlib.sha256(seen.encode()).hexdigest()[:16],
    )


def start(
    stores: Stores, portal_id: int, share: int, per_week: int, seen: str, *, actor: str
) -> Exploration:
    """Switch it on for leads that are newly Low from now on. Raises Conflict where none can be, one
    runs, or its cost is not what was `seen`; BadChoice for a share or number that is none."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        portal = portals.held(conn, portal_id)
        if portal.settings.mode is not Mode.LIVE:
            raise Conflict("an exploration needs a portal that is live: nobody is followed up now")
        if explorations.running(conn, portal_id) is not None:
            raise Conflict("an exploration runs already: end it first")
        found = preview(conn, portal, share, per_week, now)
        if found.problem:
            raise Conflict(found.problem)
        if found.preview != seen:
            raise Conflict("what an exploration costs has changed: look at it again")
        made = Exploration(secrets.token_hex(16), share, per_week, found.window_days, actor, now)
        explorations.begin(conn, portal_id, made)
        detail = {"exploration": made.exploration_id, "share": share, "per_week": per_week}
        audit.of_portal(conn, portal_id, "exploration.start", actor=actor, now=now, detail=detail)
    return made


def end(stores: Stores, portal_id: int, *, actor: str) -> None:
    """Nobody new is offered; offers that are out and the arms stay. Raises Conflict where none
    runs."""
    now = stores.clock.now()
    with stores.database.write() as conn:
        portals.held(conn, portal_id)
        one = explorations.running(conn, portal_id)
        if one is None:
            raise Conflict("no exploration runs")
        explorations.end(conn, portal_id, one.exploration_id, now)
        detail = {"exploration": one.exploration_id}
        audit.of_portal(conn, portal_id, "exploration.end", actor=actor, now=now, detail=detail)


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm. `touched` is of all its leads, `won` and `amount` of those whose time is over."""

    leads: int
    companies: int
    touched: Share
    won: Share
    amount: float


@dataclass(frozen=True, slots=True)
class Readout:
    """An exploration as far as it is. `wins` is what offering changes, of leads whose time is
    over."""

    exploration: Exploration
    offered: ArmFigures
    not_offered: ArmFigures
    wins: Difference | None
    sentence: str


def readout(conn: Connection, portal: Portal, one: Exploration, now: datetime) -> Readout:
    """Every lead counts in its arm, called or not. Who had bought before is in neither."""
    window = timedelta(days=one.window_days)
    members = [
        m
        for m in explorations.members(conn, portal.portal_id, one.exploration_id)
        if m.result != "before"
    ]
    complete = [m for m in members if m.assigned_at + window <= now and m.result != "open"]
    arms = Arms([m.company_mac for m in complete], [not m.offered for m in complete])
    won = [float(m.result == "won") for m in complete]
    wins = difference(arms, won, float(PLANNED_LEADS), shares=True)
    offered, others = (
        _figures([m for m in members if m.offered is which], set(complete))
        for which in (True, False)
    )
    return Readout(one, offered, others, wins, _says(offered, others, wins, one))


def _figures(mine: Sequence[Explored], complete: set[Explored]) -> ArmFigures:
    done = [m for m in mine if m in complete]
    return ArmFigures(
        len(mine),
        len({m.company_mac for m in mine}),
        share_of(sum(m.touch_minutes is not None for m in mine), len(mine)),
        share_of(sum(m.result == "won" for m in done), len(done)),
        sum(m.amount for m in done),
    )


def _says(
    offered: ArmFigures, others: ArmFigures, wins: Difference | None, one: Exploration
) -> str:
    if wins is None or offered.won.share is None or others.won.share is None:
        return (
            f"It cannot be told yet: {offered.won.of:,} of {offered.leads:,} offered leads have "
            f"had their {one.window_days} days, and {RATE_MIN} are needed."
        )
    told = (
        f"Of 100 Low leads that were offered {100 * offered.won.share:.1f} are won, of 100 that "
        f"were not {100 * others.won.share:.1f}."
    )
    if wins.known and wins.low > 0:
        return f"{told} That is no accident: some of your Low leads are worth a call."
    return f"{told} That may still be chance."
