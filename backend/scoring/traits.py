"""What lists and charts sort leads by: a few plain values of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from backend.model import PROFILE_FIELDS, Factor, FactorGroup, Score, Snapshot
from backend.scoring.points.engagement import INPUTS, happened

_NOT_SENT = frozenset({"bounced", "failed", "planned", "canceled"})
_SIGNS = ("reply", "call_in", "form", "email_click", "email_open", "page_views", "meeting")
TECHNOLOGIES_MAX = 200  # characters
# Where the grid is cut, in points: edges of the cells on Patterns, so both count alike. 15 points
# double the odds: an A's fit makes its odds at least 1.6 times the average's, a C's at most .8
# times. Scores are centred on the mean odds, so most leads lie a little below and few far above.
FIT_A, FIT_C = 11, -5  # A from 11 on, C up to -5, B between
ENGAGEMENT_1, ENGAGEMENT_3 = 11, 0  # 1 from 11 on, 3 up to 0: nothing that speaks for it
GRID = tuple(f"{fit}{engaged}" for fit in "ABC" for engaged in "123")


@dataclass(frozen=True, slots=True)
class Traits:
    """One lead among the others. "" is unknown; `outcome` is "", "won" or "lost".

    `first_touch_at` and `last_touch_at`: when a colleague called, wrote to or met the lead.
    `company_key` is the same for colleagues, "" for who has no company (`company_key`).
    """

    owner_id: str
    lead_source: str
    industry: str
    company_size: str
    revenue_range: str
    location: str
    technologies: str
    company_name: str
    lead_since: datetime | None
    first_touch_at: datetime | None
    outcome: str
    outcome_at: datetime | None
    last_touch_at: datetime | None = None
    company_key: str = ""
    last_sign_on: date | None = None  # when the lead last did something of its own
    segment: str = ""


def traits_of(snapshot: Snapshot) -> Traits:
    """From the contact's own facts, else its company's."""
    outcome, outcome_at = _outcome(snapshot)
    touched = touches(snapshot)
    return Traits(
        owner_id=snapshot.contact.get("owner_id", "")[:64],
        lead_source=snapshot.contact.get("source", "")[:64],
        industry=_fact(snapshot, "industry")[:100],
        company_size=_fact(snapshot, "company_size")[:32],
        revenue_range=_fact(snapshot, "revenue_range")[:32],
        location=_fact(snapshot, "location")[:64],
        technologies=_fact(snapshot, "technologies")[:TECHNOLOGIES_MAX],
        company_name=snapshot.company.get("company_name", ""),
        lead_since=_day(snapshot.contact.get("created_on", "")),
        first_touch_at=min(touched, default=None),
        outcome=outcome,
        outcome_at=outcome_at,
        last_touch_at=max(touched, default=None),
        company_key=company_key(snapshot),
        last_sign_on=last_sign_on(snapshot),
        segment=snapshot.segment or "",
    )


def last_sign_on(snapshot: Snapshot) -> date | None:
    """The day of the lead's last reply, call, form, click, opened email or visit, and of its last
    meeting that was held; None before the first."""
    found = happened(snapshot)
    days = [found[f].last for f in _SIGNS if f in found]
    return max((day for day in days if day is not None and day <= snapshot.today), default=None)


def touches(snapshot: Snapshot) -> list[datetime]:
    """When a colleague called, wrote to or met the lead, or is to meet it, in no order."""
    return [
        activity.occurred_at
        for activity in snapshot.activities
        if activity.kind in {"call", "email", "meeting"}
        and activity.direction in {"out", ""}
        and activity.outcome not in _NOT_SENT
    ]


def company_key(snapshot: Snapshot) -> str:
    """What colleagues have in common: the domain of their company or, before HubSpot has put them
    together, of their own addresses; else the company's id."""
    own = snapshot.contact.get("email_domain", "")
    if snapshot.contact.get("email_kind") != "company":
        own = ""
    found = snapshot.company.get("domain", "") or own
    return (found or (f"company {snapshot.company_id}" if snapshot.company_id else ""))[:128]


def points_of(score: Score, *groups: str) -> int:
    """The sum of a score's factors about these groups."""
    return sum(factor.points for factor in score.factors if about(factor) in groups)


def fit_points(score: Score) -> int:
    """What who the lead is adds: profile, deal history and what only a model reads."""
    return points_of(score, "profile", "model", "history")


def engagement_points(score: Score) -> int:
    """What the lead's own doings add."""
    return points_of(score, "engagement")


def grid_cell(score: Score) -> str:
    """A1 to C3: a letter for fit, a number for engagement."""
    fit, engaged = fit_points(score), engagement_points(score)
    letter = "A" if fit >= FIT_A else "C" if fit <= FIT_C else "B"
    number = 1 if engaged >= ENGAGEMENT_1 else 3 if engaged <= ENGAGEMENT_3 else 2
    return f"{letter}{number}"


def about(factor: Factor) -> FactorGroup:
    """What a factor is about, whoever scored: under a model company size is still the profile and a
    reply still engagement; "model" is left for what only a model reads."""
    if factor.group != "model":
        return factor.group
    if factor.field in PROFILE_FIELDS:
        return "profile"
    return INPUTS[factor.field].group if factor.field in INPUTS else "model"


def _fact(snapshot: Snapshot, name: str) -> str:
    return snapshot.company.get(name, "") or snapshot.contact.get(name, "")


def _outcome(snapshot: Snapshot) -> tuple[str, datetime | None]:
    """The first deal won; else the last one lost when none is open any more."""
    won = [deal for deal in snapshot.deals if deal.outcome == "won"]
    if won:
        first = min(won, key=lambda deal: deal.closed_at or deal.created_at)
        return "won", first.closed_at or first.created_at
    if snapshot.deals and all(deal.outcome == "lost" for deal in snapshot.deals):
        last = max(deal.closed_at or deal.created_at for deal in snapshot.deals)
        return "lost", last
    return "", None


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        return None
