"""Two sentences to begin a message or a call with: what happened, and the lead's own words.

Made of facts of the record, so no model is asked and nothing in it has to be believed. The only
words of a stranger are a quote that the text reader took and that reads like nothing but a remark:
no order, no address, no number.
"""

from __future__ import annotations

import re
from typing import Final

from backend.model import NextAction, Score, Snapshot
from backend.scoring.next_action import Interest, Sign, strongest_sign
from backend.scoring.points.engagement import happened, is_reply
from backend.scoring.points.profile_points import values_of
from backend.scoring.text.manipulation import suspected
from backend.scoring.text.plain_text import plain
from backend.scoring.values.times import day_text
from backend.scoring.values.words import shown
from backend.scoring.wording.sentences import CLOSE
from backend.vocabulary import Flag

QUOTE_MAX: Final = 120  # characters; a longer one is not quoted
NOBODY_TO_SELL_TO: Final = frozenset({Flag.JOB_SEEKER, Flag.COMPLAINT})
# An address, a link, markup, a placeholder of a redaction, or a number of more than four digits.
_NOT_QUOTED: Final = re.compile(
    r"[@<>{}\[\]\\/|`…“”\"]|\w\.\w|\bwww\b|\d{5}|\b(?:https?|dot|click|klick\w{0,3})\b",
    re.IGNORECASE,
)

# What they did, as it is said to them. What only our tracking saw is never said.
_DID: Final = {
    "reply": "Thank you for your message of {day}.",
    "call_in": "Thank you for your call on {day}.",
    "call_out": "Thank you for your time on the phone on {day}.",
    "meeting": "Thank you for meeting us on {day}.",
    "form": "Thank you for getting in touch on {day}.",
    "missed_meeting": "I am sorry that we did not meet on {day}.",
}
_LONG_AGO: Final = {
    "reply": "You wrote to us on {day}, and I would like to pick that up again.",
    "call_in": "You called us on {day}, and I would like to pick that up again.",
    "call_out": "We spoke on {day}, and I would like to pick that up again.",
    "meeting": "We met on {day}, and I would like to pick that up again.",
    "form": "You got in touch on {day}, and I would like to pick that up again.",
}
_ASKS: Final = {
    NextAction.CALL: "When would be a good time for a short call?",
    NextAction.EMAIL: "What would help you most at the moment?",
    NextAction.NURTURE: "May I send you something to read?",
}
_ASKS_OF_WORDS: Final = {
    NextAction.CALL: "You wrote “{quote}”: when would be a good time to talk about that?",
    NextAction.EMAIL: "You wrote “{quote}”: may I send you what fits?",
    NextAction.NURTURE: "You wrote “{quote}”: may I send you something to read about that?",
}


def opener(score: Score, snapshot: Snapshot) -> str:
    """Two sentences, "" where nobody is to be written to: no action is left, a job applicant, a
    complaint, or somebody who opted out of email."""
    action = score.next_action
    if action is NextAction.NONE or NOBODY_TO_SELL_TO & set(score.flags):
        return ""
    if snapshot.contact.get("opted_out"):
        return ""
    quote = _own_words(score, snapshot)
    ask = _ASKS_OF_WORDS[action].format(quote=quote) if quote else _ASKS[action]
    return f"{_first(score, snapshot)} {ask}"


def _first(score: Score, snapshot: Snapshot) -> str:
    sign = _told(snapshot)
    if sign is None:
        return _introduction(score, snapshot)
    sentences = _LONG_AGO if sign.interest is Interest.QUIET else _DID
    day = day_text(sign.day or snapshot.today, snapshot.today)
    if sign.field == "meeting" and sign.day and sign.day > snapshot.today:
        return f"I look forward to our meeting on {day}."
    return sentences[sign.field].format(day=day)


def _told(snapshot: Snapshot) -> Sign | None:
    """The strongest sign, or the newest one of those that can be said to a lead; None without."""
    sign = strongest_sign(snapshot)
    if sign.day is not None and (sign.field in _LONG_AGO or sign.interest is Interest.MISSED):
        return sign
    found = happened(snapshot)
    days = {f: last for f in _LONG_AGO if f in found and (last := found[f].last) is not None}
    newest = max(days, key=lambda field: days[field], default=None)
    return None if newest is None else Sign(Interest.QUIET, newest, days[newest])


def _introduction(score: Score, snapshot: Snapshot) -> str:
    """We have not spoken yet; that we know their field is only said with a client won there."""
    known = values_of(snapshot).get("industry", ())
    fields = {n.facts.get("industry") for n in score.neighbours if n.kind == "won"}
    mine = next((one for one in known if one in fields and _is_plain(one)), "")
    if any(n.kind == "won" and n.similarity >= CLOSE for n in score.neighbours) and mine:
        return f"We work with companies in {shown('industry', mine)}, and I think of yours, too."
    return "We have not spoken yet, so let me introduce myself."


def _own_words(score: Score, snapshot: Snapshot) -> str:
    """What the lead itself wrote, "" where that is not sure or not fit to be repeated."""
    found = score.quote
    if found is None or Flag.MANIPULATION in score.flags:
        return ""
    if found.object_type != "contacts" and not _wrote_that_day(snapshot, found.written_on):
        return ""  # a colleague's note, a company's description, an email of ours
    if len(found.text) > QUOTE_MAX or not _is_plain(found.text):
        return ""
    return plain(found.text, QUOTE_MAX).rstrip(" .!?,;:")


def _wrote_that_day(snapshot: Snapshot, day: str) -> bool:
    """They wrote on that day and nobody of ours did."""
    emails = [
        a
        for a in snapshot.activities
        if a.kind == "email" and day and a.occurred_at.date().isoformat() == day
    ]
    return bool(emails) and all(is_reply(one) for one in emails)


def _is_plain(words: str) -> bool:
    return not _NOT_QUOTED.search(words) and not suspected(words)
