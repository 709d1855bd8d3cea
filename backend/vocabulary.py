"""Why a score was made, what a score has to say beside its number, and both in people's words.

One table for card, console and command line: `backend.web.generated` writes the card's and the
console's copies from it, and a test holds them to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal


class Cause(StrEnum):
    """What made a lead due."""

    EVENT = "event"
    EVENT_COMPLETED = "event_completed"  # an event's score gets what it had to do without
    PROVIDER_BACK = "provider_back"  # the same for the score of a run over all leads
    PERSON = "person"
    WORKFLOW = "workflow"
    BACKFILL = "backfill"
    DECAY = "decay"
    RECONCILED = "reconciled"
    REPLAY = "replay"
    RESTORE = "restore"
    FOUND = "found"
    CONFIRMED_RUN = "confirmed_run"
    PIN = "pin"
    PIN_ENDED = "pin_ended"


class Flag(StrEnum):
    """What a score has to say beside its number."""

    MANIPULATION = "manipulation_suspected"
    JOB_SEEKER = "job_seeker"
    COMPLAINT = "complaint"
    LITTLE_KNOWN = "little_known"
    NO_NEIGHBOURS = "no_neighbours"
    EMBEDDINGS_AWAY = "embeddings_away"
    INDEX_AWAY = "index_away"
    READER_AWAY = "reader_away"
    ANALYST_AWAY = "analyst_away"
    OVER_BUDGET = "over_budget"
    READER_REFUSED = "reader_refused"
    ANALYST_REFUSED = "analyst_refused"


CAUSE_WORDS: Final[Mapping[Cause, str]] = {
    Cause.EVENT: "Change in HubSpot",
    Cause.EVENT_COMPLETED: "Completed with the AI",
    Cause.PROVIDER_BACK: "Completed with the AI",
    Cause.PERSON: "Rescored by a person",
    Cause.WORKFLOW: "HubSpot workflow",
    Cause.BACKFILL: "All leads scored",
    Cause.DECAY: "Time passed",
    Cause.RECONCILED: "Change found later in HubSpot",
    Cause.REPLAY: "Tried again",
    Cause.RESTORE: "Backup restored",
    Cause.FOUND: "Seen again in HubSpot",
    Cause.CONFIRMED_RUN: "Confirmed by a person",
    Cause.PIN: "Set by hand",
    Cause.PIN_ENDED: "No longer set by hand",
}


@dataclass(frozen=True, slots=True)
class FlagWords:
    """A notice: its headline, what it means for the reader, and how loud it is."""

    title: str
    text: str
    tone: Literal["warning", "info"] = "info"


# A flag without words says nothing to a person: `NO_NEIGHBOURS` is for statistics, and the card
# has a page of its own for `LITTLE_KNOWN`.
FLAG_WORDS: Final[Mapping[Flag, FlagWords]] = {
    Flag.MANIPULATION: FlagWords(
        "Text tries to influence the score",
        "A message of this lead reads like instructions to a scoring system. It counts for nothing "
        "here; read it yourself before you act.",
        "warning",
    ),
    Flag.JOB_SEEKER: FlagWords(
        "Looks like a job applicant",
        "A message of this contact reads like an application, not like interest in buying.",
    ),
    Flag.COMPLAINT: FlagWords(
        "Complaint on record",
        "A message of this contact reads like a complaint. Answer it before you sell anything.",
    ),
    Flag.LITTLE_KNOWN: FlagWords(
        "Not enough data",
        "Little is known about this lead, so the score may move a lot once more is filled in.",
    ),
    Flag.EMBEDDINGS_AWAY: FlagWords(
        "Scored without similar clients",
        "The comparison with your clients is not available right now. The score completes by "
        "itself.",
    ),
    Flag.INDEX_AWAY: FlagWords(
        "Scored without similar clients",
        "The comparison with your clients is not available right now. The score completes by "
        "itself.",
    ),
    Flag.READER_AWAY: FlagWords(
        "Messages not read yet",
        "What this lead wrote does not count yet. The score completes by itself.",
    ),
    Flag.ANALYST_AWAY: FlagWords(
        "Scored without the AI analyst",
        "The score rests on your data alone for now. It completes by itself.",
    ),
    Flag.OVER_BUDGET: FlagWords(
        "Today's AI budget is used up",
        "The score rests on your data alone for now. It completes by itself when the budget "
        "is renewed or raised.",
    ),
    Flag.READER_REFUSED: FlagWords(
        "A message was not read",
        "The AI will not read what this lead wrote, so it does not count. Read it yourself.",
    ),
    Flag.ANALYST_REFUSED: FlagWords(
        "Scored without the AI analyst",
        "The AI will not judge this lead. The score rests on the facts you see here.",
    ),
}

# On the card, in My leads and in the task of a Low lead that an exploration chose.
OFFERED_WORDS: Final = "Offered to learn from: low score, chosen at random; call once"

GROUP_WORDS: Final[Mapping[str, str]] = {
    "profile": "profile",
    "engagement": "engagement",
    "history": "history",
    "model": "other facts",
    "text": "text",
    "analyst": "analyst",
    "portal": "portal average",
    "limit": "ends of the scale",
    "pin": "set by hand",
}
# The card offers these (hubspot-card/src/app/cards/words.ts)
FEEDBACK_WORDS: Final[Mapping[str, str]] = {
    "too_high": "The score is too high",
    "too_low": "The score is too low",
    "wrong_facts": "A fact about the lead is wrong",
    "missing_facts": "Something important is missing",
    "bad_timing": "Good fit, wrong time",
    "known_otherwise": "I know better from talking to them",
}
NEIGHBOUR_WORDS: Final[Mapping[str, str]] = {
    "ideal_client": "Ideal client",
    "won": "Won",
    "lost": "Lost",
}


def cause_words(cause: str) -> str:
    """What people read for a stored cause; one of a newer release reads "Scored"."""
    known = cause in Cause._value2member_map_
    return CAUSE_WORDS[Cause(cause)] if known else "Scored"
