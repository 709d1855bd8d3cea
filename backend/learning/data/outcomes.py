"""One labelled row per lead, from deals, lifecycle stage and property history.

Won: the first win within H days of becoming a lead, H being the 90th percentile of the time to win
(30 to 365 days). A win is a deal won in a sales pipeline, of the lead or of its company where the
admin says so, or else the day that the lead became a customer. Lost: closed-lost, disqualified on
HubSpot's lead record, or H days without a win. Whatever cannot be told is held out, for "not known"
is not "no" (`Why`). Property values are those of one day before the first deal was created, so that
what the sale wrote is not used to foresee it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Literal

import numpy as np

from backend.config import HORIZON_MAX_DAYS, HORIZON_MIN_DAYS
from backend.learning.data.arms import Arm
from backend.learning.numbers import HORIZON_QUANTILE
from backend.model import DealFact

OUTCOME_COLUMN = "leadlight_outcome"
GROUP_COLUMN = "leadlight_company"
WEIGHT_COLUMN = "leadlight_weight"
BECAME_LEAD_COLUMN = "leadlight_became_lead"
BEFORE_DEAL = timedelta(days=1)
CUSTOMER_STAGES: Final = frozenset({"customer", "evangelist"})  # HubSpot's, as stored


class Why(StrEnum):
    """Where a label comes from, or why a lead has none."""

    DEAL = "deal"
    COMPANY_DEAL = "company_deal"
    STAGE = "stage"
    LOST_DEAL = "lost_deal"
    DISQUALIFIED = "disqualified"
    NO_WIN = "no_win"
    WON_LATE = "won_late"
    TOO_YOUNG = "too_young"
    CLOSES_LATER = "closes_later"
    NO_DATE = "no_date"
    WAS_CUSTOMER = "was_customer"
    NO_LONGER_CUSTOMER = "no_longer_customer"
    NO_LEAD_STAGE = "no_lead_stage"
    COMPANY_WON = "company_won"
    OTHER_PIPELINE = "other_pipeline"


# In the order in which reports show them.
WON_WHY: Final[Mapping[Why, str]] = {
    Why.DEAL: "a won deal of the contact",
    Why.COMPANY_DEAL: "a won deal of its company",
    Why.STAGE: "lifecycle stage customer, no won deal",
}
LOST_WHY: Final[Mapping[Why, str]] = {
    Why.LOST_DEAL: "a lost deal",
    Why.DISQUALIFIED: "disqualified on its lead record in HubSpot",
    Why.NO_WIN: "no win in time",
    Why.WON_LATE: "a customer, but later than the time to win",
}
HELD_OUT_WHY: Final[Mapping[Why, str]] = {
    Why.TOO_YOUNG: "became a lead too recently to tell",
    Why.CLOSES_LATER: "its won deal has a close date in the future",
    Why.NO_DATE: "a customer, but nothing says since when",
    Why.WAS_CUSTOMER: "a customer before it became a lead",
    Why.NO_LONGER_CUSTOMER: "was set back from customer to an earlier lifecycle stage",
    Why.NO_LEAD_STAGE: "in a lifecycle stage that is set to be no lead",
    Why.COMPANY_WON: "its company has a won deal that names no contact",
    Why.OTHER_PIPELINE: "won only in a pipeline that is not sales",
}


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """What is known of one lead. All times are aware UTC.

    `deals` are the lead's own in sales pipelines, `company_deals` its company's that count for it;
    `company_won`: the company has a won one that counts for nobody, `won_elsewhere`: a deal of the
    lead's was won in a pipeline that is not sales. `stage` is the lifecycle stage today, and
    `excluded` says that the portal calls contacts in it no leads.
    """

    contact_id: str
    became_lead_at: datetime
    company_id: str | None
    deals: tuple[DealFact, ...]
    company_deals: tuple[DealFact, ...] = ()
    company_won: bool = False
    won_elsewhere: bool = False
    stage: str = ""
    excluded: bool = False
    became_customer_on: date | None = None
    in_talks_since: date | None = None  # lifecycle stage opportunity
    disqualified_at: datetime | None = None  # its last lead record was, and none is open


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a lead by `decided_at`; `as_of` is the time its properties are read at, `arm`
    what an experiment did with it."""

    contact_id: str
    result: Literal["won", "lost"]
    decided_at: datetime
    as_of: datetime
    why: Why = Why.NO_WIN
    arm: Arm = Arm.NONE
    weight: float = 1.0  # so many leads it stands for in a training


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A lead of which nobody can tell yet, or ever, whether it was won."""

    contact_id: str
    why: Why


@dataclass(frozen=True, slots=True)
class _Win:
    at: datetime
    why: Why


def horizon_days(leads: Iterable[LeadHistory], now: datetime) -> int:
    """H: the days within which 90 % of the wins come, 30 to 365; 365 without wins. Customers from
    before they became leads say nothing about it."""
    days = []
    for lead in leads:
        won = _first_win(lead, now)
        if won is not None and not _from_before(lead, won):
            days.append((won.at - lead.became_lead_at).total_seconds() / 86_400)
    if not days:
        return HORIZON_MAX_DAYS
    found = int(np.ceil(np.quantile(days, HORIZON_QUANTILE, method="higher")))
    return min(max(found, HORIZON_MIN_DAYS), HORIZON_MAX_DAYS)


def outcome_of(lead: LeadHistory, horizon: int, now: datetime) -> Outcome | HeldOut:
    """What became of the lead within the horizon, or why that cannot be told.

    A young lead is held out even if it has won or lost already: its peers that are still open
    cannot be counted yet, so the young ones that can would look better than they are (censoring
    that depends on the outcome; Klein & Moeschberger, Survival Analysis, ch. 3).
    """
    deadline = lead.became_lead_at + timedelta(days=horizon)
    if deadline > now:
        return HeldOut(lead.contact_id, Why.TOO_YOUNG)
    won = _first_win(lead, now)
    if won is None:
        unknown = _unknown(lead, now)
        return HeldOut(lead.contact_id, unknown) if unknown else _lost(lead, deadline)
    if _from_before(lead, won):
        return HeldOut(lead.contact_id, Why.WAS_CUSTOMER)
    if won.at <= deadline:
        return Outcome(lead.contact_id, "won", won.at, _as_of(lead, won.at), won.why)
    return Outcome(lead.contact_id, "lost", deadline, _as_of(lead, deadline), Why.WON_LATE)


def won_at(lead: LeadHistory, now: datetime) -> datetime | None:
    """When the lead first bought, if that was after it became a lead."""
    won = _first_win(lead, now)
    return None if won is None or _from_before(lead, won) else won.at


def is_customer(lead: LeadHistory, now: datetime) -> bool:
    """Whether anything says that the lead has bought, whenever that was."""
    return _first_win(lead, now) is not None or _unknown(lead, now) in _BOUGHT


def at_comparable_ages(
    decided: Sequence[tuple[LeadHistory, Outcome]],
) -> list[Outcome]:
    """The outcomes, those of leads that never had a deal read at an age like the others'.

    Such a lead has no day before its deal. Read at the end of its horizon it would be older than
    every lead with a deal, and a model would learn the age instead of the lead. So it is read at
    the age of one of the leads with a deal, drawn by a hash of its id: the same data give the
    same ages.
    """
    ages = sorted(o.as_of - lead.became_lead_at for lead, o in decided if _sale_began(lead, o))
    if not ages:
        return [outcome for _, outcome in decided]
    found = []
    for lead, outcome in decided:
        if _sale_began(lead, outcome):
            found.append(outcome)
            continue
        digest = hashlib.sha256(lead.contact_id.encode()).digest()
        age = ages[int.from_bytes(digest[:8], "big") % len(ages)]
        latest = outcome.decided_at - BEFORE_DEAL
        at = max(min(lead.became_lead_at + age, latest), lead.became_lead_at)
        found.append(replace(outcome, as_of=at))
    return found


_BOUGHT: Final = frozenset({Why.CLOSES_LATER, Why.NO_DATE})


def _lost(lead: LeadHistory, deadline: datetime) -> Outcome:
    lost = [d.closed_at for d in lead.deals if d.outcome == "lost" and d.closed_at is not None]
    if lost and not any(d.outcome == "open" for d in lead.deals):
        decided = min(max(lost), deadline)
        return Outcome(lead.contact_id, "lost", decided, _as_of(lead, decided), Why.LOST_DEAL)
    if lead.disqualified_at is not None and not lead.deals:
        decided = max(min(lead.disqualified_at, deadline), lead.became_lead_at)
        return Outcome(lead.contact_id, "lost", decided, _as_of(lead, decided), Why.DISQUALIFIED)
    return Outcome(lead.contact_id, "lost", deadline, _as_of(lead, deadline), Why.NO_WIN)


def _first_win(lead: LeadHistory, now: datetime) -> _Win | None:
    """The first win that has a date. The lifecycle stage counts from the day after the contact was
    made, or where there is no deal: an import sets it on that day, whenever the sale was."""
    wins = [
        _Win(deal.closed_at, why)
        for deals, why in ((lead.deals, Why.DEAL), (lead.company_deals, Why.COMPANY_DEAL))
        for deal in deals
        if deal.outcome == "won" and deal.closed_at is not None and deal.closed_at <= now
    ]
    day = lead.became_customer_on
    is_one = lead.stage in CUSTOMER_STAGES and day is not None and day <= now.date()
    if day is not None and is_one and (not wins or day > lead.became_lead_at.date()):
        wins.append(_Win(_noon(day), Why.STAGE))
    return min(wins, key=lambda win: win.at, default=None)


def _from_before(lead: LeadHistory, won: _Win) -> bool:
    """A customer already when the contact was made."""
    if won.why is Why.STAGE:
        return won.at.date() <= lead.became_lead_at.date()
    return won.at < lead.became_lead_at


def _unknown(lead: LeadHistory, now: datetime) -> Why | None:
    """Why a lead without a dated win may be a customer all the same."""
    won = [d for d in (*lead.deals, *lead.company_deals) if d.outcome == "won"]
    if any(deal.closed_at is not None and deal.closed_at > now for deal in won):
        return Why.CLOSES_LATER
    if won or lead.stage in CUSTOMER_STAGES:
        return Why.NO_DATE
    if lead.became_customer_on is not None:
        return Why.NO_LONGER_CUSTOMER
    if lead.excluded and lead.disqualified_at is None:
        return Why.NO_LEAD_STAGE
    if lead.company_won:
        return Why.COMPANY_WON
    return Why.OTHER_PIPELINE if lead.won_elsewhere else None


def _sale_began(lead: LeadHistory, outcome: Outcome) -> bool:
    """Whether something else than the end of the horizon says when its properties are read."""
    return bool(lead.deals or lead.company_deals) or outcome.why is Why.STAGE


def _as_of(lead: LeadHistory, decided_at: datetime) -> datetime:
    """A day before the sale began, which is when the first deal was created or the lead was in
    talks; without either a day before the decision. Never before the lead existed."""
    began = [deal.created_at for deal in (*lead.deals, *lead.company_deals)]
    if lead.in_talks_since is not None:
        began.append(datetime.combine(lead.in_talks_since, time(), UTC))
    first = min((at for at in began if at <= decided_at), default=decided_at)
    return max(first - BEFORE_DEAL, lead.became_lead_at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
