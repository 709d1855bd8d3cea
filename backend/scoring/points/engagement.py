"""What a lead did and what became of its deals, in points that fade.

`INPUTS` is the one table of engagement and deal-history inputs; `docs/scoring.md` starts with it
and a test holds the two together. Points of one event = `points` · 2^(-age / half-life), where the
age is that of its bucket (`times.AGE_BUCKETS`), so that a day more rarely changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import exp2, log2
from typing import Final, Literal

from backend.config import SCORE_LEADS
from backend.model import ActivityFact, DealFact, Snapshot
from backend.scoring.facts.activities import COPIED
from backend.scoring.points.parts import Part
from backend.scoring.values.numbers import clamp, finite
from backend.scoring.values.times import counted_age, day_of, day_text
from backend.scoring.values.words import NOT_HAPPENED

ROLL_UP_MOST: Final = 64.0  # events of one roll-up that count: 2^6


@dataclass(frozen=True, slots=True)
class Input:
    """One row of the table. `cap` bounds the row's points; no half-life: it does not fade."""

    field: str
    group: Literal["engagement", "history"]
    source: str
    trigger: str
    points: float
    half_life_days: int | None
    cap: float

    def worth(self, age_days: int) -> float:
        """Points of one event of that age."""
        if self.half_life_days is None:
            return self.points
        return self.points * exp2(-counted_age(age_days) / self.half_life_days)

    def capped(self, points: float) -> float:
        """`points` within the row's cap, on its own side of zero."""
        return clamp(points, min(self.cap, 0.0), max(self.cap, 0.0))


_ROWS: Final = (
    Input(
        "reply",
        "engagement",
        "emails; roll-up hs_email_replied, hs_email_last_reply_date, hs_sales_email_last_replied",
        "the lead wrote an email",
        9,
        21,
        12,
    ),
    Input("meeting", "engagement", "meetings", "scheduled or held", 9, 30, 12),
    Input("missed_meeting", "engagement", "meetings", "no-show", -4, 30, -6),
    Input("call_in", "engagement", "calls", "the lead called", 8, 21, 10),
    Input("call_out", "engagement", "calls", "we called and were connected", 5, 21, 8),
    Input(
        "form",
        "engagement",
        "roll-up num_conversion_events, recent_conversion_date",
        "form submitted; again per doubling",
        6,
        21,
        8,
    ),
    Input(
        "intent_form",
        "engagement",
        "contact recent_conversion_event_name, first_conversion_event_name",
        "one of the forms that an admin chose as high intent",
        4,
        21,
        6,
    ),
    Input(
        "intent_page",
        "engagement",
        "contact hs_analytics_last_url",
        "the last page is one that an admin chose as high intent",
        3,
        14,
        3,
    ),
    Input(
        "email_click",
        "engagement",
        "roll-up hs_email_click, hs_email_last_click_date",
        "link clicked; again per doubling",
        3,
        14,
        4,
    ),
    Input(
        "email_open",
        "engagement",
        "roll-up hs_email_open, hs_email_last_open_date",
        "email opened; again per doubling",
        1,
        14,
        3,
    ),
    Input(
        "page_views",
        "engagement",
        "roll-up hs_analytics_num_page_views, "
        "hs_analytics_last_visit_timestamp, hs_analytics_last_timestamp",
        "page viewed; again per doubling",
        1,
        14,
        5,
    ),
    Input(
        "silence",
        "engagement",
        "emails",
        "our third and further email without an answer",
        -1,
        30,
        -4,
    ),
    Input(
        "bounced",
        "engagement",
        "contact hs_email_hard_bounce_reason_enum, hs_email_bounce",
        "the address does not work",
        -3,
        None,
        -3,
    ),
    Input("opted_out", "engagement", "contact hs_email_optout", "unsubscribed", -6, None, -6),
    Input(
        "note", "engagement", "notes", "written by a colleague: recorded, never counted", 0, None, 0
    ),
    Input(
        "task", "engagement", "tasks", "planned by a colleague: recorded, never counted", 0, None, 0
    ),
    Input("deal_won", "history", "deals", "an earlier deal was won", 6, 365, 8),
    Input("deal_open", "history", "deals", "a deal is open", 4, 90, 6),
    Input("deal_lost", "history", "deals", "an earlier deal was lost", -5, 180, -8),
)
INPUTS: Final = {row.field: row for row in _ROWS}

_NOBODY_SPOKE: Final = frozenset({"wrong number", "no answer", "busy", "failed", "canceled"})


def is_reply(activity: ActivityFact) -> bool:
    """An email that the lead itself wrote; a machine did not, nor did who was in copy."""
    return activity.kind == "email" and activity.direction == "in" and not activity.outcome


_MATCHES: Final[dict[str, Callable[[ActivityFact], bool]]] = {
    "reply": is_reply,
    "meeting": lambda a: a.kind == "meeting" and a.outcome in {"", "scheduled", "completed"},
    "missed_meeting": lambda a: a.kind == "meeting" and a.outcome == "no show",
    "call_in": lambda a: (
        a.kind == "call" and a.direction == "in" and a.outcome not in _NOBODY_SPOKE
    ),
    "call_out": lambda a: a.kind == "call" and a.direction != "in" and a.outcome == "connected",
}
# field → (count fact, day fact) of the contact
_ROLL_UPS: Final = {
    "reply": ("replies", "last_reply_on"),
    "form": ("forms", "last_form_on"),
    "intent_form": ("intent_forms", "intent_form_on"),
    "intent_page": ("intent_pages", "intent_page_on"),
    "email_click": ("clicks", "last_click_on"),
    "email_open": ("opens", "last_open_on"),
    "page_views": ("page_views", "last_visit_on"),
}
_BY_PERSON: Final = ("reply", "meeting", "call_in", "call_out", "form", "page_views")
BURST_FORMS: Final = 20  # forms that no person who wants something sends
NEAR_DAYS: Final = 14  # a meeting further ahead is moved or called off too often to count yet
# What a stranger can make alone, at no cost; together at most SELF_MADE_CAP of the 20 points.
SELF_MADE: Final = frozenset(
    {"form", "intent_form", "intent_page", "email_click", "email_open", "page_views"}
)
SELF_MADE_CAP: Final = 10.0
_ANSWERS: Final = ("reply", "meeting", "call_in", "call_out")
_PATIENCE: Final = 2  # emails of ours that may stay unanswered


@dataclass(frozen=True, slots=True)
class Happened:
    """One input's events of a lead: points before any cap, how many, and the last day."""

    points: float
    count: int
    last: date | None


@lru_cache(maxsize=SCORE_LEADS)  # asked by every step of a batch, ten times a lead
def happened(snapshot: Snapshot) -> Mapping[str, Happened]:
    """What the lead's record holds of each engagement input; absent fields did not happen.

    A reply that is both a mirrored email and part of a roll-up counts once: the roll-up is counted
    only when no activity of that input is mirrored; otherwise only its day is, where it is later.
    """
    today = snapshot.today
    found: dict[str, Happened] = {}
    past = [a for a in snapshot.activities if _counts(a, today)]
    for field, matches in _MATCHES.items():
        days = [a.occurred_at.date() for a in past if matches(a)]
        days = _meetings(snapshot, past) if field == "meeting" else days
        if days:
            found[field] = _sum(INPUTS[field], days, today)
    for field, (count_fact, day_fact) in _ROLL_UPS.items():
        rolled_up = _rolled_up(snapshot, INPUTS[field], count_fact, day_fact)
        if field == "reply" and rolled_up and _of_others(snapshot, rolled_up.last):
            rolled_up = None
        known = found.get(field)
        if rolled_up and known is None:
            found[field] = rolled_up
        elif rolled_up and rolled_up.last and known and known.last and rolled_up.last > known.last:
            found[field] = replace(known, last=rolled_up.last)  # one that is not mirrored
    for field in ("bounced", "opted_out"):
        if snapshot.contact.get(field):
            found[field] = Happened(INPUTS[field].points, 1, None)
    _without_machines(snapshot, found)
    silence = _silence(past, found, today)
    if silence:
        found["silence"] = silence
    return found


def deals(snapshot: Snapshot) -> dict[str, Happened]:
    """As `happened`, of the lead's deals: an open one ages from its creation, others from close."""
    found = {}
    for outcome in ("won", "open", "lost"):
        row = INPUTS[f"deal_{outcome}"]
        days = [_deal_day(deal) for deal in snapshot.deals if deal.outcome == outcome]
        if days:
            found[row.field] = _sum(row, days, snapshot.today)
    return found


def engagement_parts(snapshot: Snapshot) -> list[Part]:
    """One part per engagement input that happened, each within its own cap."""
    return _bounded(_parts(happened(snapshot), snapshot.today))


def history_parts(snapshot: Snapshot) -> list[Part]:
    """One part per kind of deal."""
    return _parts(deals(snapshot), snapshot.today)


def told(snapshot: Snapshot) -> dict[str, str]:
    """Every input of the table in words: "4, last on 15 Nov", "yes", or "no" where nothing
    happened."""
    found = {part.field: part.value for part in engagement_parts(snapshot)}
    found |= {part.field: part.value for part in history_parts(snapshot)}
    return {row.field: found.get(row.field, NOT_HAPPENED) for row in _ROWS if row.points}


def missed_on(snapshot: Snapshot) -> date | None:
    """The day of the last meeting that the lead did not come to; one that was called off or
    moved is none."""
    days = [a.occurred_at.date() for a in snapshot.activities if _MATCHES["missed_meeting"](a)]
    return max((day for day in days if day <= snapshot.today), default=None)


def _parts(found: Mapping[str, Happened], today: date) -> list[Part]:
    return [
        Part(
            field,
            _value(field, what, today),
            INPUTS[field].capped(what.points),
            INPUTS[field].group,
        )
        for field, what in found.items()
    ]


def _bounded(parts: list[Part]) -> list[Part]:
    """What the lead made by itself scaled down together to its share of the group's points, so
    that a reply or a booked meeting still adds to it."""
    total = sum(part.points for part in parts if part.field in SELF_MADE)
    scale = min(1.0, SELF_MADE_CAP / total) if total > 0 else 1.0
    return [
        replace(part, points=part.points * scale) if part.field in SELF_MADE else part
        for part in parts
    ]


def _value(field: str, what: Happened, today: date) -> str:
    if what.last is None:
        return "yes"
    day = day_text(what.last, today)
    if field == "meeting" and what.last > today:
        return f"planned for {day}" if what.count == 1 else f"{what.count}, one planned for {day}"
    burst = " (burst)" if field == "form" and what.count >= BURST_FORMS else ""
    return f"{day}{burst}" if what.count == 1 else f"{what.count}, last on {day}{burst}"


def _counts(activity: ActivityFact, today: date) -> bool:
    """What lies ahead has not happened, except that a meeting is booked and near."""
    ahead = (activity.occurred_at.date() - today).days
    return ahead <= (NEAR_DAYS if activity.kind == "meeting" else 0)


def _meetings(snapshot: Snapshot, past: list[ActivityFact]) -> list[date]:
    """The days of meetings, each once: one that two people logged is one, and one that was to be
    before another and of which nobody says that it took place was moved."""
    every = [a for a in snapshot.activities if _MATCHES["meeting"](a)]
    last = max((a.occurred_at.date() for a in every), default=date.min)
    days = {(a.occurred_at.date(), a.outcome) for a in past if _MATCHES["meeting"](a)}
    today = snapshot.today
    return sorted({d for d, how in days if d == last or d >= today or how != "scheduled"})


def _of_others(snapshot: Snapshot, last: date | None) -> bool:
    """Whether the last reply that HubSpot counts is an email that the lead did not write itself:
    an automatic one, or one that it was in copy of."""
    return last is not None and any(
        a.kind == "email"
        and a.direction in {"in", COPIED}
        and not is_reply(a)
        and abs((a.occurred_at.date() - last).days) <= 1
        for a in snapshot.activities
    )


def _without_machines(snapshot: Snapshot, found: dict[str, Happened]) -> None:
    """Take out opens and clicks that nothing else a person does speaks for: mail programs open, and
    scanners follow links, by themselves."""
    facts = snapshot.contact
    person = any(field in found for field in _BY_PERSON)
    scanned = "clicks_burst" in facts or ("click_at_delivery" in facts and not person)
    if scanned:
        found.pop("email_click", None)
    if "opens_burst" in facts or not (person or "email_click" in found):
        found.pop("email_open", None)
    forms = found.get("form")
    if forms is not None and forms.count >= BURST_FORMS and forms.last is not None:
        age = max(0, (snapshot.today - forms.last).days)
        found["form"] = replace(forms, points=INPUTS["form"].worth(age))  # as one


def _sum(row: Input, days: Iterable[date], today: date) -> Happened:
    ordered = sorted(days)
    points = sum(row.worth(max(0, (today - day).days)) for day in ordered)
    return Happened(points, len(ordered), ordered[-1])


def _rolled_up(snapshot: Snapshot, row: Input, count_fact: str, day_fact: str) -> Happened | None:
    """A roll-up knows how many and when last: it grows by one event's points per doubling."""
    last = day_of(snapshot.contact.get(day_fact))
    if last is None or last > snapshot.today:
        return None
    count = clamp(finite(snapshot.contact.get(count_fact)) or 1.0, 1.0, 1e9)
    growth = log2(1.0 + min(count, ROLL_UP_MOST))
    return Happened(row.worth((snapshot.today - last).days) * growth, int(count), last)


def _silence(past: list[ActivityFact], found: dict[str, Happened], today: date) -> Happened | None:
    answers = [found[field].last for field in _ANSWERS if field in found]
    answered = max((day for day in answers if day), default=date.min)
    unanswered = sorted(
        a.occurred_at.date()
        for a in past
        if a.kind == "email"
        and a.direction == "out"
        and not a.outcome
        and a.occurred_at.date() > answered
    )
    if len(unanswered) <= _PATIENCE:
        return None
    beyond = _sum(INPUTS["silence"], unanswered[_PATIENCE:], today)
    return Happened(beyond.points, len(unanswered), beyond.last)


def _deal_day(deal: DealFact) -> date:
    return (deal.closed_at or deal.created_at).date()
