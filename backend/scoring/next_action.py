"""What to do next, by rules over band, engagement and reachability, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.model import Analysis, Band, NextAction, Snapshot, TextReading
from backend.scoring.points.engagement import last_engaged
from backend.scoring.values.times import day_text

WARM_DAYS = 14  # a lead that showed itself so recently is worth a person's time
_DONE = {
    "reply": "replied",
    "meeting": "meeting",
    "call_in": "called us",
    "call_out": "spoke with us",
    "form": "submitted a form",
    "email_click": "clicked an email",
    "email_open": "opened an email",
    "page_views": "viewed pages",
}
_WARM = ("reply", "meeting", "call_in", "call_out", "form")
_ASKED = {
    "price": "asked for a price",
    "trial": "asked for a trial",
    "purchase": "wants to buy",
}


def allowed_actions(snapshot: Snapshot, band: Band) -> tuple[NextAction, ...]:
    """Actions that make sense, the preferred first; never empty.

    Opted out → neither Call nor Email; bounced or no address → not Email; no phone → not Call.
    """
    call, email, nurture = NextAction.CALL, NextAction.EMAIL, NextAction.NURTURE
    wanted = {
        Band.HIGH: (call, email),
        Band.MEDIUM: (call, email, nurture) if _is_warm(snapshot) else (email, call, nurture),
        Band.LOW: (email, nurture) if _is_warm(snapshot) else (nurture, email),
    }[band]
    possible = tuple(action for action in wanted if _unreachable(snapshot, action) == "")
    return possible or (nurture,)


def choose_action(
    snapshot: Snapshot,
    band: Band,
    analysis: Analysis | None = None,
    reading: TextReading | None = None,
) -> tuple[NextAction, str]:
    """The action and why: (Call, "replied on 20 Nov and asked for a price").

    The analyst chooses among the allowed; without one the preferred is taken. A free text adds to
    the words, never to the choice.
    """
    allowed = allowed_actions(snapshot, band)
    action = allowed[0]
    if analysis is not None and analysis.next_action in allowed:
        action = analysis.next_action
    return action, _reason(snapshot, band, action, reading)


def _unreachable(snapshot: Snapshot, action: NextAction) -> str:
    facts = snapshot.contact
    if action is NextAction.NURTURE:
        return ""
    if facts.get("opted_out"):
        return "opted out of email"
    if action is NextAction.CALL:
        return "" if facts.get("has_phone") else "no phone number known"
    if facts.get("bounced"):
        return "the email address bounced"
    return "" if facts.get("has_email") else "no email address known"


def _is_warm(snapshot: Snapshot) -> bool:
    engaged = last_engaged(snapshot)
    if engaged is None or engaged[0] not in _WARM:
        return False
    return (snapshot.today - engaged[1]).days <= WARM_DAYS


def _reason(snapshot: Snapshot, band: Band, action: NextAction, reading: TextReading | None) -> str:
    hindrances = _hindrances(snapshot, band, action)
    engaged = last_engaged(snapshot)
    if action is NextAction.NURTURE:
        return hindrances or _quiet(engaged, snapshot.today)
    words = _engaged_words(engaged, snapshot.today) or f"{band.value.lower()} fit, not yet in touch"
    asked = _ASKED.get(reading.intent, "") if reading else ""
    if asked and reading and not reading.manipulation_suspected:
        words += f" and {asked}"
    return f"{words}; {hindrances}" if hindrances else words


def _hindrances(snapshot: Snapshot, band: Band, action: NextAction) -> str:
    """Why a better action is not possible."""
    better: Sequence[NextAction] = {
        NextAction.CALL: (),
        NextAction.EMAIL: (NextAction.CALL,) if band is Band.HIGH else (),
        NextAction.NURTURE: (NextAction.EMAIL, NextAction.CALL) if band is not Band.LOW else (),
    }[action]
    words = [_unreachable(snapshot, other) for other in better]
    return ", ".join(dict.fromkeys(word for word in words if word))


def _engaged_words(engaged: tuple[str, date] | None, today: date) -> str:
    if engaged is None or engaged[0] not in _DONE:
        return ""
    return f"{_DONE[engaged[0]]} on {day_text(engaged[1], today)}"


def _quiet(engaged: tuple[str, date] | None, today: date) -> str:
    words = _engaged_words(engaged, today)
    return f"last seen: {words}" if words else "no engagement yet"
