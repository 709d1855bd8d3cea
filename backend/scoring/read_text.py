"""What the text reader is shown, what of its answer is believed, and what that is worth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from backend.config import FREE_TEXT_MAX, TEXT_READ_MAX
from backend.errors import BadAnswer
from backend.model import Quote, Snapshot, TextReading, TextSource
from backend.scoring.text import redact
from backend.scoring.text.manipulation import suspected
from backend.scoring.text.plain_text import plain, visible

QUOTE_MAX: Final = 160  # characters
FENCE_OPEN: Final = "<<<LEAD_TEXT"
FENCE_CLOSE: Final = "LEAD_TEXT>>>"
_ESCAPES: Final = str.maketrans({"<": "‹", ">": "›", "`": "'"})

INTENT_POINTS: Final = {"none": 0, "information": 0, "trial": 1, "price": 1, "purchase": 2}
TIMELINE_POINTS: Final = {"none": 0, "later": 0, "this_quarter": 1, "now": 1}
ROLE_POINTS: Final = {"unknown": 0, "user": 0, "influencer": 0, "decision_maker": 1}
BUDGET_POINTS: Final = 1
COMPLAINT_POINTS: Final = -2
JOB_SEEKER_POINTS: Final = -5

_ENUMERATIONS: Final[Mapping[str, Mapping[str, int]]] = {
    "intent": INTENT_POINTS,
    "timeline": TIMELINE_POINTS,
    "role": ROLE_POINTS,
}


def text_for_reader(snapshot: Snapshot) -> str:
    """All free texts of a lead, labelled by source and fenced; "" when there are none."""
    written = written_text(snapshot)
    return fence(written) if written else ""


def written_text(snapshot: Snapshot) -> str:
    """The same texts as they were written, hidden characters included: for `check_reading`."""
    return "\n\n".join(
        f"[{name}]\n{text}" for name, text in sorted(snapshot.free_text.items()) if text.strip()
    )


def unfenced(text: str) -> str:
    """What stands between our own two marks."""
    return text.strip().removeprefix(FENCE_OPEN).removesuffix(FENCE_CLOSE).strip()


def fence(text: str) -> str:
    """Hostile text made fit to show to a model: marked as data, capped, nothing hidden in it.

    NFKC, control and zero-width characters dropped, emails, numbers, links and secrets redacted,
    fence characters escaped, at most `FREE_TEXT_MAX` characters between the marks.
    """
    return f"{FENCE_OPEN}\n{fenced(text)}\n{FENCE_CLOSE}"


def fenced(text: str) -> str:
    """What stands between the marks of `fence`."""
    shown = redact.outgoing(visible(text[:TEXT_READ_MAX])).translate(_ESCAPES)
    return re.sub(r"[ \t]+", " ", re.sub(r"\n{3,}", "\n\n", shown)).strip()[:FREE_TEXT_MAX]


def check_reading(reading: TextReading, text: str, original: str = "") -> TextReading:
    """The reading with only what holds; raises BadAnswer for a value outside its list.

    The quote must occur in `text`, else it is dropped. `original` is the text before fencing
    (`written_text`), where hidden characters still show; whatever the reader says, our own
    patterns can only add to the suspicion.
    """
    for name, options in _ENUMERATIONS.items():
        if getattr(reading, name) not in options:
            raise BadAnswer(f"the text reader's {name} is not one of its values")
    suspicious = reading.manipulation_suspected or suspected(original or unfenced(text))
    quote = _quote(reading.quote, text)
    return replace(
        reading,
        manipulation_suspected=bool(suspicious),
        quote="" if suspicious else quote,
    )


def reading_points(reading: TextReading | None) -> int:
    """Points of a reading before the cap it shares with similarity; 0 under suspicion."""
    if reading is None or reading.manipulation_suspected:
        return 0
    points = INTENT_POINTS[reading.intent] + TIMELINE_POINTS[reading.timeline]
    points += ROLE_POINTS[reading.role] + (BUDGET_POINTS if reading.budget_mentioned else 0)
    points += COMPLAINT_POINTS if reading.complaint else 0
    return points + (JOB_SEEKER_POINTS if reading.job_seeker else 0)


def reading_words(reading: TextReading) -> str:
    """ "asks for a price, wants it now" """
    said = {
        "information": "asks for information",
        "trial": "asks for a trial",
        "price": "asks for a price",
        "purchase": "wants to buy",
    }.get(reading.intent, "")
    when = {"now": "wants it now", "this_quarter": "this quarter", "later": "later"}
    words = [said, when.get(reading.timeline, "")]
    words.append("mentions a budget" if reading.budget_mentioned else "")
    words.append("decides" if reading.role == "decision_maker" else "")
    words.append("complains" if reading.complaint else "")
    words.append("looks for a job" if reading.job_seeker else "")
    return ", ".join(word for word in words if word) or "nothing that counts"


def quote_of(snapshot: Snapshot, reading: TextReading | None) -> Quote | None:
    """The lead's own words as people see them, and where they stand; None without any that the
    reader was sure of."""
    if reading is None or reading.manipulation_suspected or not reading.quote:
        return None
    source = source_of_quote(snapshot, reading)
    if source is None:
        return Quote(reading.quote)
    day = source.written_on.isoformat() if source.written_on else ""
    return Quote(reading.quote, source.object_type, source.object_id, day)


def source_of_quote(snapshot: Snapshot, reading: TextReading) -> TextSource | None:
    """Where the quoted words stand; None without a quote, or where it is in no text."""
    quote = re.sub(r"\s+", " ", reading.quote).strip(" …")
    if not quote:
        return None
    for name, text in sorted(snapshot.free_text.items()):
        if quote in plain(fenced(text), FREE_TEXT_MAX):
            return snapshot.text_sources.get(name)
    return None


def _quote(quote: str, text: str) -> str:
    wanted = re.sub(r"\s+", " ", visible(quote)).strip()
    found = wanted and wanted in re.sub(r"\s+", " ", unfenced(text))
    return plain(wanted, QUOTE_MAX) if found else ""
