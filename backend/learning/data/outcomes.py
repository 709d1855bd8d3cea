"""One labelled row per lead, from deals, lifecycle and property history.

Won: the first closed-won deal within H days of becoming a lead, H being the 90th percentile of the
time to win (30 to 365 days). Lost: closed-lost, or H days without a win. Younger leads without an
outcome are censored: they are left out, for "not yet" is not "no". Property values are those of
one day before the first deal was created, so that what the sale wrote is not used to foresee it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from backend.config import HORIZON_MAX_DAYS, HORIZON_MIN_DAYS
from backend.learning.numbers import HORIZON_QUANTILE
from backend.model import DealFact

OUTCOME_COLUMN = "leadlight_outcome"
GROUP_COLUMN = "leadlight_company"
BECAME_LEAD_COLUMN = "leadlight_became_lead"
BEFORE_DEAL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """What is known of one lead. All times are aware UTC."""

    contact_id: str
    became_lead_at: datetime
    company_id: str | None
    deals: tuple[DealFact, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a lead by `decided_at`; `as_of` is the time its properties are read at."""

    contact_id: str
    result: Literal["won", "lost"]
    decided_at: datetime
    as_of: datetime


def horizon_days(leads: Iterable[LeadHistory]) -> int:
    """H: the 90th percentile of days from lead to first win, 30 to 365; 365 without wins."""
    days = []
    for lead in leads:
        won = _won_at(lead)
        if won is not None:
            days.append(max((won - lead.became_lead_at).total_seconds() / 86_400, 0.0))
    if not days:
        return HORIZON_MAX_DAYS
    found = int(np.ceil(np.quantile(days, HORIZON_QUANTILE)))
    return min(max(found, HORIZON_MIN_DAYS), HORIZON_MAX_DAYS)


def outcome_of(lead: LeadHistory, horizon: int, now: datetime) -> Outcome | None:
    """What became of the lead within the horizon, or None while that is not over.

    A young lead is left out even if it has won or lost already: its peers that are still open
    cannot be counted yet, so the young ones that can would look better than they are (censoring
    that depends on the outcome; Klein & Moeschberger, Survival Analysis, ch. 3).
    """
    deadline = lead.became_lead_at + timedelta(days=horizon)
    if deadline > now:
        return None
    won = _won_at(lead)
    if won is not None and won <= deadline:
        return Outcome(lead.contact_id, "won", won, _as_of(lead, won))
    lost = [d.closed_at for d in lead.deals if d.outcome == "lost" and d.closed_at is not None]
    still_open = any(d.outcome == "open" for d in lead.deals)
    if lost and not still_open and won is None:
        decided = min(max(lost), deadline)
        return Outcome(lead.contact_id, "lost", decided, _as_of(lead, decided))
    return Outcome(lead.contact_id, "lost", deadline, _as_of(lead, deadline))


def at_comparable_ages(
    decided: Sequence[tuple[LeadHistory, Outcome]],
) -> list[Outcome]:
    """The outcomes, those of leads that never had a deal read at an age like the others'.

    Such a lead has no day before its deal. Read at the end of its horizon it would be older than
    every lead with a deal, and a model would learn the age instead of the lead. So it is read at
    the age of one of the leads with a deal, drawn by a hash of its id: the same data give the
    same ages.
    """
    ages = sorted(o.as_of - lead.became_lead_at for lead, o in decided if lead.deals)
    if not ages:
        return [outcome for _, outcome in decided]
    found = []
    for lead, outcome in decided:
        if lead.deals:
            found.append(outcome)
            continue
        digest = hashlib.sha256(lead.contact_id.encode()).digest()
        age = ages[int.from_bytes(digest[:8], "big") % len(ages)]
        latest = outcome.decided_at - BEFORE_DEAL
        at = max(min(lead.became_lead_at + age, latest), lead.became_lead_at)
        found.append(replace(outcome, as_of=at))
    return found


def _won_at(lead: LeadHistory) -> datetime | None:
    wins = [d.closed_at for d in lead.deals if d.outcome == "won" and d.closed_at is not None]
    return min(wins) if wins else None


def _as_of(lead: LeadHistory, decided_at: datetime) -> datetime:
    """A day before the first deal was created; without a deal a day before the decision, but
    never before the lead existed."""
    deals = [d.created_at for d in lead.deals if d.created_at <= decided_at]
    first = min(deals) if deals else decided_at
    return max(first - BEFORE_DEAL, lead.became_lead_at)
