"""What to do next, and why: one table of rules, over facts of the record and nothing else.

`RULES` is the table (docs/scoring.md shows it, a test holds the two together): band and interest
decide which actions make sense, the preferred first. Before it, a job applicant, a complaint and a
deal in a late stage leave no action at all, and an open deal is never nurtured. After it, what
cannot be used (no phone, no working address, opted out of email) is struck out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from backend.config import SCORE_LEADS
from backend.model import ActivityFact, Analysis, Band, DealFact, NextAction, Snapshot, TextReading
from backend.scoring.points.engagement import Happened, happened, is_reply, missed_on
from backend.scoring.read_text import source_of_quote
from backend.scoring.values.times import day_of, day_text

WARM_DAYS: Final = 14  # what a lead did so recently is worth a person's time
LATE_STAGE: Final = 0.8  # chance from which on a deal is worked, and the lead is not


class Interest(StrEnum):
    """The strongest thing that speaks for acting now, of the last `WARM_DAYS` days."""

    REQUEST = "request"  # wrote, called or sent a form, and nobody of ours has answered
    MISSED = "missed meeting"  # did not come, and nothing since
    STRONG = "strong"  # reply, call, meeting or form
    WEAK = "weak"  # click, open or page view
    QUIET = "quiet"  # nothing


_CALL, _EMAIL, _NURTURE = NextAction.CALL, NextAction.EMAIL, NextAction.NURTURE
_CALL_FIRST: Final = (_CALL, _EMAIL)
_EMAIL_FIRST: Final = (_EMAIL, _CALL)
_NO_HURRY: Final = (_EMAIL, _CALL, _NURTURE)
_COLD: Final = (_NURTURE, _EMAIL)

RULES: Final[Mapping[Band, Mapping[Interest, tuple[NextAction, ...]]]] = {
    Band.HIGH: dict.fromkeys(Interest, _CALL_FIRST),
    Band.MEDIUM: {
        Interest.REQUEST: _CALL_FIRST,
        Interest.MISSED: _CALL_FIRST,
        Interest.STRONG: _CALL_FIRST,
        Interest.WEAK: _NO_HURRY,
        Interest.QUIET: _NO_HURRY,
    },
    Band.LOW: {
        Interest.REQUEST: _EMAIL_FIRST,
        Interest.MISSED: _EMAIL_FIRST,
        Interest.STRONG: _EMAIL_FIRST,
        Interest.WEAK: _COLD,
        Interest.QUIET: _COLD,
    },
}

# Strongest first; the two kinds of call are one sign.
_SIGNS: Final = (
    ("reply",),
    ("call_in", "call_out"),
    ("meeting",),
    ("form",),
    ("email_click",),
    ("email_open",),
    ("page_views",),
)
_STRONG: Final = 4  # of them
_DONE: Final = {
    "reply": "replied on {day}",
    "call_in": "called us on {day}",
    "call_out": "spoke with us on {day}",
    "meeting": "had a meeting on {day}",
    "form": "submitted a form on {day}",
    "email_click": "clicked a link in an email on {day}",
    "email_open": "opened an email on {day}",
    "page_views": "visited the website on {day}",
}
_AHEAD: Final = "has a meeting on {day}"
_ASKED: Final = {
    "price": "asked for a price",
    "trial": "asked for a trial",
    "purchase": "wants to buy",
}
_MISSED_CALL: Final = frozenset({"no answer", "left voicemail", "left message", "busy"})


@dataclass(frozen=True, slots=True)
class Sign:
    """The strongest thing to name: an input of engagement and its day, None without any."""

    interest: Interest
    field: str = ""
    day: date | None = None


def allowed_actions(snapshot: Snapshot, band: Band) -> tuple[NextAction, ...]:
    """Actions that make sense, the preferred first; never empty, (NONE,) where there is none.

    Opted out → neither Email nor Nurture; bounced or no address → the same; no phone → not Call.
    """
    if late_deal(snapshot) is not None:
        return (NextAction.NONE,)
    possible = tuple(a for a in _wanted(snapshot, band) if not _hindrance(snapshot, a))
    return possible or (NextAction.NONE,)


def choose_action(
    snapshot: Snapshot,
    band: Band,
    analysis: Analysis | None = None,
    reading: TextReading | None = None,
    *,
    by_hand: bool = False,
) -> tuple[NextAction, str]:
    """The action and why: (Call, "replied on 20 Nov and asked for a price"). `by_hand`: a person
    has chosen the band, so it says nothing of the fit.

    The analyst chooses among the allowed; without one the preferred is taken. Of a free text only a
    job search or a complaint decides anything: no sales action then.
    """
    aside = _set_aside(snapshot, reading)
    if aside:
        return NextAction.NONE, aside
    deal = late_deal(snapshot)
    if deal is not None:
        return NextAction.NONE, _deal_words(deal, snapshot.today)
    allowed = allowed_actions(snapshot, band)
    action = allowed[0]
    if analysis is not None and analysis.next_action in allowed:
        action = analysis.next_action
    return action, _reason(snapshot, band, action, reading, by_hand)


def is_set_aside(reading: TextReading | None) -> bool:
    """Whether what was written makes this no lead to sell to: a job search, a complaint."""
    return reading is not None and (reading.job_seeker or reading.complaint)


def late_deal(snapshot: Snapshot) -> DealFact | None:
    """The open deal that is worked already, the furthest and soonest; None without any."""
    deal = _open_deal(snapshot)
    return deal if deal is not None and (deal.probability or 0.0) >= LATE_STAGE else None


@lru_cache(maxsize=SCORE_LEADS)
def strongest_sign(snapshot: Snapshot) -> Sign:
    """What a person did in the last `WARM_DAYS` days: an unanswered request first, then a missed
    meeting, then the strongest sign; else the last sign of any age, or nothing at all."""
    found = happened(snapshot)
    oldest = snapshot.today - timedelta(days=WARM_DAYS)
    signs = [s for s in (_latest(found, fields) for fields in _SIGNS) if s is not None]
    asked = [r for r in _requests(snapshot, found) if r[1] >= oldest]
    if asked:
        return Sign(Interest.REQUEST, *asked[0])
    strong_fields = {field for fields in _SIGNS[:_STRONG] for field in fields}
    missed = missed_on(snapshot)
    since = max((day for field, day in signs if field in strong_fields), default=date.min)
    if missed is not None and missed >= oldest and since <= missed:
        return Sign(Interest.MISSED, "missed_meeting", missed)
    recent = [(field, day) for field, day in signs if day >= oldest]
    if recent:
        field, day = recent[0]
        return Sign(Interest.STRONG if field in strong_fields else Interest.WEAK, field, day)
    last = max(signs, key=lambda sign: sign[1], default=None)
    return Sign(Interest.QUIET, *last) if last else Sign(Interest.QUIET)


def _wanted(snapshot: Snapshot, band: Band) -> tuple[NextAction, ...]:
    """The table's actions, whether or not the lead can be reached that way."""
    wanted = RULES[band][strongest_sign(snapshot).interest]
    in_a_deal = _open_deal(snapshot) is not None
    return _EMAIL_FIRST if in_a_deal and _NURTURE in wanted else wanted


def _latest(found: Mapping[str, Happened], fields: tuple[str, ...]) -> tuple[str, date] | None:
    days = [(f, last) for f in fields if f in found and (last := found[f].last) is not None]
    return max(days, key=lambda one: one[1], default=None)


def _requests(snapshot: Snapshot, found: Mapping[str, Happened]) -> list[tuple[str, date]]:
    """Replies, missed calls and forms after which nobody of ours did anything; strongest first."""
    past = [a for a in snapshot.activities if a.occurred_at.date() <= snapshot.today]
    touches = [a.occurred_at.date() for a in snapshot.activities if _is_touch(a)]
    touched = max(touches, default=date.min)
    asked = []
    for field, asks in (("reply", is_reply), ("call_in", _is_missed_call)):
        days = [a.occurred_at.date() for a in past if asks(a)]
        asked += [(field, max(days))] if days and _unanswered(snapshot, asks) else []
    for field in ("reply", "form"):
        rolled_up = found.get(field)
        if rolled_up and rolled_up.last and rolled_up.last > touched:
            asked.append((field, rolled_up.last))
    order = [field for fields in _SIGNS for field in fields]
    return sorted(asked, key=lambda one: order.index(one[0]))


def _unanswered(snapshot: Snapshot, asks: Callable[[ActivityFact], bool]) -> bool:
    """Whether the last of what asks came after all that we did, a meeting that is booked
    included."""
    asked = max(
        a.occurred_at
        for a in snapshot.activities
        if asks(a) and a.occurred_at.date() <= snapshot.today
    )
    return all(a.occurred_at < asked for a in snapshot.activities if _is_touch(a))


def _is_missed_call(activity: ActivityFact) -> bool:
    called = activity.kind == "call" and activity.direction == "in"
    return called and activity.outcome in _MISSED_CALL


def _is_touch(activity: ActivityFact) -> bool:
    """An email or call of ours, a call that was answered, a meeting that was not called off."""
    if activity.kind == "email":
        return activity.direction in {"out", ""} and not activity.outcome
    if activity.kind == "call":
        return not _is_missed_call(activity)
    return activity.kind == "meeting" and activity.outcome not in {"canceled", "rescheduled"}


def _open_deal(snapshot: Snapshot) -> DealFact | None:
    deals = [deal for deal in snapshot.deals if deal.outcome == "open"]
    return min(
        deals,
        key=lambda d: (-(d.probability or 0.0), d.closes_on or date.max, d.deal_id),
        default=None,
    )


def _hindrance(snapshot: Snapshot, action: NextAction) -> str:
    """Why an action is not possible, "" when it is. Nurture is marketing email."""
    facts = snapshot.contact
    if action is _CALL:
        return "" if facts.get("has_phone") else "no phone number known"
    if facts.get("opted_out"):
        return "opted out of email"
    if facts.get("bounced"):
        return "the email address bounced"
    return "" if facts.get("has_email") else "no email address known"


def _set_aside(snapshot: Snapshot, reading: TextReading | None) -> str:
    """Why nothing is to be sold to who wrote this, "" otherwise."""
    if reading is None or not is_set_aside(reading):
        return ""
    written = _written_on(snapshot, reading)
    day = f" of {day_text(written, snapshot.today)}" if written else ""
    if reading.complaint:
        return f"answer the complaint{day} first"
    return f"looks for a job, by the message{day}"


def _reason(
    snapshot: Snapshot, band: Band, action: NextAction, reading: TextReading | None, by_hand: bool
) -> str:
    """The strongest sign in words, the deal, and what hinders a better action."""
    sign = strongest_sign(snapshot)
    deal = _open_deal(snapshot)
    parts = [
        _sign_words(snapshot, _fit_words(band, by_hand), sign)
        + _asked_words(snapshot, sign, reading),
        "not answered yet" if sign.interest is Interest.REQUEST else "",
        _deal_words(deal, snapshot.today) if deal else "",
    ]
    wanted = _wanted(snapshot, band)
    if action is NextAction.NONE:
        ways = [_hindrance(snapshot, way) for way in _EMAIL_FIRST]
        hindered = f"cannot be reached: {', '.join(ways)}" if all(ways) else ""
        parts += [hindered] if hindered else [_hindrance(snapshot, other) for other in wanted]
    elif action is _CALL:
        parts += [_hindrance(snapshot, other) for other in wanted[: wanted.index(_CALL)]]
    told = [part for part in dict.fromkeys(parts) if part]
    return "; ".join([told[0], *(part.replace("In a deal", "in a deal") for part in told[1:])])


def _fit_words(band: Band, by_hand: bool) -> str:
    return "set by hand" if by_hand else f"{band.value.lower()} fit"


def _sign_words(snapshot: Snapshot, fit: str, sign: Sign) -> str:
    today = snapshot.today
    if sign.day is None:
        return _untouched(snapshot, fit)
    day = day_text(sign.day, today)
    if sign.interest is Interest.MISSED:
        return f"missed the meeting of {day}: offer a new time"
    done = (_AHEAD if sign.day > today and sign.field == "meeting" else _DONE[sign.field]).format(
        day=day
    )
    asked = {field: on for field, on in _requests(snapshot, happened(snapshot)) if on >= sign.day}
    if sign.interest is Interest.QUIET:
        never = asked.get(sign.field) == sign.day
        return f"{done} and was never answered" if never else f"nothing since they {done}"
    later = max(asked, key=lambda field: asked[field], default="")
    if sign.interest is Interest.REQUEST and asked and asked[later] > sign.day:
        return f"{done} and {_DONE[later].format(day=day_text(asked[later], today))}"
    return done


def _untouched(snapshot: Snapshot, fit: str) -> str:
    """A lead that has never shown itself: what we did, else since when it is known."""
    today = snapshot.today
    ours = [
        a
        for a in snapshot.activities
        if (a.kind == "email" and a.direction == "out" and not a.outcome)
        or (a.kind == "call" and a.direction != "in")
    ]
    past = [a for a in ours if a.occurred_at.date() <= today]
    if past:
        last = max(past, key=lambda a: a.occurred_at)
        return f"no answer to our {last.kind} of {day_text(last.occurred_at.date(), today)}"
    created = day_of(snapshot.contact.get("created_on"))
    since = f" (in HubSpot since {day_text(created, today)})" if created else ""
    return f"{fit}, not yet in touch{since}"


def _asked_words(snapshot: Snapshot, sign: Sign, reading: TextReading | None) -> str:
    """ " and asked for a price": what was written, with its own day where that is another."""
    if reading is None or reading.manipulation_suspected or reading.intent not in _ASKED:
        return ""
    written = _written_on(snapshot, reading)
    if written is None or written == sign.day:
        one_breath = sign.day and sign.interest is not Interest.QUIET
        return f"{' and' if one_breath else ';'} {_ASKED[reading.intent]}"
    return f"; {_ASKED[reading.intent]} on {day_text(written, snapshot.today)}"


def _written_on(snapshot: Snapshot, reading: TextReading) -> date | None:
    """The day of the text that the reader quoted, or of all texts where they share one."""
    source = source_of_quote(snapshot, reading)
    if source is not None:
        return source.written_on
    days = {source.written_on for source in snapshot.text_sources.values() if source.written_on}
    return days.pop() if len(days) == 1 else None


def _deal_words(deal: DealFact, today: date) -> str:
    """ "In a deal: Contract sent, closes 21 Dec" """
    stage = deal.stage or "late stage" if (deal.probability or 0) >= LATE_STAGE else deal.stage
    day = deal.closes_on
    closes = ""
    if day is not None:
        closes = f"{'closes' if day >= today else 'was to close'} {day_text(day, today)}"
    told = ", ".join(part for part in (stage, closes) if part)
    return f"In a deal: {told}" if told else "In a deal"
