"""What may not stand beside each other in a lead's score; knows nothing of the rules' code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from backend.model import ActivityFact, Score, Snapshot

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DATES = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})(?: (\d{{4}}))?\b")
ROLL_UPS = ("reply", "form", "click", "open", "visit")
# words of a reason → who did what
DONE = {
    "replied on": ("email in", "reply"),
    "called us on": ("call in",),
    "spoke with us on": ("call out connected", "call  connected"),
    "had a meeting on": ("meeting held",),
    "has a meeting on": ("meeting held",),
    "submitted a form on": ("form",),
    "clicked a link in an email on": ("click",),
    "opened an email on": ("open",),
    "visited the website on": ("visit",),
    "missed the meeting of": ("meeting no show",),
    "our email of": ("email out",),
    "our call of": ("call out", "call "),
}


def contradictions(snapshot: Snapshot, score: Score) -> list[str]:
    """Sentences about what does not go together; [] when all is well."""
    return [*_by_reach(snapshot, score), *_by_state(snapshot, score), *_by_words(snapshot, score)]


def _by_reach(snapshot: Snapshot, score: Score) -> Iterable[str]:
    facts, action, why = snapshot.contact, score.next_action.value, score.action_reason
    no_mail = not facts.get("has_email") or facts.get("bounced") or facts.get("opted_out")
    if action == "Call" and not facts.get("has_phone"):
        yield "Call without a phone number"
    if action in {"Email", "Nurture"} and no_mail:
        yield f"{action} without consent or a working address"
    claims = {
        "no phone number": not facts.get("has_phone"),
        "no email address": not facts.get("has_email"),
        "bounced": facts.get("bounced"),
        "opted out": facts.get("opted_out"),
        "cannot be reached": no_mail and not facts.get("has_phone"),
    }
    for words, true in claims.items():
        if words in why and not true:
            yield f"“{words}” is not so"
    if action in {"Email", "Nurture"} and any(words in why for words in claims):
        yield f"{action} names what does not hinder it"


def _by_state(snapshot: Snapshot, score: Score) -> Iterable[str]:
    action, why = score.next_action.value, score.action_reason
    open_deals = [d for d in snapshot.deals if d.outcome == "open"]
    late = [d for d in open_deals if (d.probability or 0) >= 0.8]
    aside = {"job_seeker", "complaint"} & set(score.flags)
    if aside and (action or score.band.value != "Low"):
        yield f"{score.band.value}, {action} for {aside}"
    if late and action:
        yield f"{action} in a late deal"
    if late and not aside and not (late[0].stage and any(d.stage in why for d in late)):
        yield "a late deal that the reason does not name"
    if "n a deal" in why and not open_deals:
        yield "no deal is open"
    if action == "Nurture" and open_deals:
        yield "Nurture in a deal"
    if action == "Nurture" and score.band.value == "High":
        yield "Nurture for a High lead"
    if action == "Nurture" and _touched(snapshot):
        yield "Nurture for a lead that got in touch"
    reachable = snapshot.contact.get("has_phone") or (
        snapshot.contact.get("has_email")
        and not snapshot.contact.get("bounced")
        and not snapshot.contact.get("opted_out")
    )
    if not action and not aside and not late and score.band.value != "Low" and reachable:
        yield "no action although the lead can be reached"


def _by_words(snapshot: Snapshot, score: Score) -> Iterable[str]:
    why, happened = score.action_reason, _happened(snapshot)
    known = {day for _, day in happened} | _other_days(snapshot)
    for match in DATES.finditer(why):
        if not any(_is(match, day, snapshot.today) for day in known):
            yield f"{match.group()} is nowhere in the record"
    for words, kinds in DONE.items():
        for match in re.finditer(rf"{words} ({DATES.pattern})", why):
            at = DATES.search(match.group())
            days = [day for kind, day in happened if kind.startswith(kinds)]
            if at is None or not any(_is(at, day, snapshot.today) for day in days):
                yield f"“{match.group()}” did not happen"
    if not DATES.search(why) and (happened or snapshot.contact.get("created_on")):
        aside = {"job_seeker", "complaint"} & set(score.flags)
        if not aside:
            yield "a reason without a date"
    if _touched(snapshot) and "nothing since" in why:
        yield "nothing since, although there was something"


def _touched(snapshot: Snapshot) -> bool:
    """A reply, a call, a meeting or a form within 14 days."""
    since = snapshot.today - timedelta(days=14)
    kinds = ("email in", "reply", "call in", "call out connected", "form", "meeting held")
    return any(k.startswith(kinds) and d >= since for k, d in _happened(snapshot))


def _happened(snapshot: Snapshot) -> list[tuple[str, date]]:
    found = [
        (_kind(a), a.occurred_at.date())
        for a in snapshot.activities
        if a.occurred_at.date() <= snapshot.today or a.kind == "meeting"
    ]
    for name in ROLL_UPS:
        day = snapshot.contact.get(f"last_{name}_on")
        if day:
            found.append((name, date.fromisoformat(day[:10])))
    return [(kind, day) for kind, day in found]


def _kind(activity: ActivityFact) -> str:
    if activity.kind != "meeting":
        return f"{activity.kind} {activity.direction} {activity.outcome}".strip()
    called_off = activity.outcome in {"no show", "canceled", "rescheduled"}
    return f"meeting {activity.outcome if called_off else 'held'}"


def _other_days(snapshot: Snapshot) -> set[date]:
    days = {d.closes_on for d in snapshot.deals if d.closes_on}
    days |= {source.written_on for source in snapshot.text_sources.values() if source.written_on}
    created = snapshot.contact.get("created_on")
    return days | ({date.fromisoformat(created[:10])} if created else set())


def _is(match: re.Match[str], day: date, today: date) -> bool:
    told = int(match.group(1)), MONTHS.index(match.group(2)) + 1
    year = int(match.group(3)) if match.group(3) else None
    near = abs((today - day).days) <= 366
    return told == (day.day, day.month) and (year == day.year if year else near)
