"""Which sentences of a model's prose may be shown: those that say nothing the facts do not say.

A sentence goes when it holds a number, date, name, sum of money, band, action, link or address
that is not among the facts. It is judged by what it could claim, so a harmless one may go as well:
where none is left, the factors' own text stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from backend.model import Band, NextAction
from backend.scoring.text import redact
from backend.scoring.text.first_names import first_names
from backend.scoring.text.manipulation import suspected
from backend.scoring.values.words import LABELS

SENTENCES_MAX: Final = 4
_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")
_NUMBER: Final = re.compile(r"\d[\d.,]*")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DOMAIN: Final = re.compile(r"[\w-]\.[^\W\d_]{2,}|@|://|\bdot (?:com|net|org|io|de|eu)\b")
_LATIN: Final = re.compile(r"[\x20-\x7e\u00a0-\u024f\u2010-\u2026\u20ac]*")
_MONEY: Final = re.compile(
    r"[$€£¥₹]|\b(?:usd|eur|gbp|chf|dollars?|euros?|pounds|bucks|million|billion|grand|mio|cents?|"
    r"cash|money|fund(?:s|ed|ing)|wealthy|deep pockets|\w{3,5}-figures?)\b"
)
_COUNTED: Final = re.compile(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|\w{3,6}teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ies)|hundreds?|thousands?|couple|pair|twice|"
    r"thrice|doubled?|tripled?|half|halves|quarter|"
    r"(?:second|third|four|fif|six|seven|eigh|nin|ten|eleven|twelf|\w{3,6}teen|\w{3,6}tie)(?:th)?)\b"
)
_DATED: Final = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|"
    r"saturdays?|sundays?|weekends?|(?:last|next|this|past|coming) (?:week|month|quarter|year|"
    r"summer|winter|spring|autumn|fall|morning|afternoon|evening|few days)|"
    r"(?:a |some )?(?:days?|weeks?|months?|years?|decades?) ago|"
    r"(?:for|in|within|over|after) (?:a |an |several |many |some |few |a few )?(?:days?|weeks?|"
    r"fortnights?|months?|years?|decades?)|"
    r"(?:week|month|quarter|year)(?:'s|’s)?[- ]end|end of (?:the |this |next )?(?:week|month|"
    r"quarter|year)|noon|midnight|overnight|holidays?|christmas|easter)\b"
)
_MONTH_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sep sept oct nov dec",
    )
)
_DAY: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([^\W\d_]{3,9})\b|\b([^\W\d_]{3,9}) (\d{1,2})\b"
)
_SAID_OF: Final = {
    Band.HIGH: "very high|high|highly|very strong|strong|strongly|excellent|exceptional|"
    "outstanding|superb|great|good|well|top|top-tier|top-notch|perfect|perfectly|prime|promising|ideal|hot",
    Band.MEDIUM: "medium|moderate|moderately|average|fair|fairly|decent|mediocre|lukewarm|"
    "borderline",
    Band.LOW: "low|weak|weakly|poor|poorly|bad|badly|cold|marginal|doubtful|slim",
}
_WORTH: Final = {word: band for band, line in _SAID_OF.items() for word in line.split("|")}
_WORTHS: Final = "|".join(sorted(_WORTH, key=len, reverse=True))
_RATED: Final = "fit|match|band|priority|lead|prospect|candidate|score|potential|chance|opportunity"
# "a strong overall fit", and "the fit looks rather weak", "scores low", "fits poorly"
_JUDGED: Final = re.compile(
    rf"\b({_WORTHS})[- ](?:overall |ideal |potential |value |quality )?(?:{_RATED})\b"
)
_CALLED: Final = re.compile(
    rf"\b(?:{_RATED})s?[,:]?(?: (?:is|are|looks?|seems?|remains?|appears?|stays?))?"
    rf"(?: (?:rather|quite|very|still|only|somewhat|clearly|a))? ({_WORTHS})\b"
)
_DENIED: Final = re.compile(
    r"\b(?:not|no|never|hardly|barely|neither|nor|cannot|without)\b|n['’]t\b"
)
_BARE_BAND: Final = re.compile(r"\b(High|Medium|Low)\b")
_NOUNS: Final = re.compile(  # what looks like an action and is a fact's own word
    r"\b(?:opted out of|by|an|the|our|their|company|private|marketing|opened|clicked|first|last|no)"
    r" (?:e-?mails?|calls?|visits?|meetings?|demos?|offers?|phone)\b|\bcalled\b|"
    r"\be-?mail (?:address|domain|opens?|opened|clicks?|clicked|bounced)\b|\bphone number\b"
)
_ACTIONS: Final = {
    "call": "Call",
    "phone": "Call",
    "ring": "Call",
    "dial": "Call",
    **dict.fromkeys(("calling", "phoning", "ringing", "dialling", "dialing"), "Call"),
    "email": "Email",
    "e-mail": "Email",
    **dict.fromkeys(("mail", "mailing", "emailing", "e-mailing"), "Email"),
    "nurture": "Nurture",
    "nurturing": "Nurture",
}
_ADVISED: Final = re.compile(
    r"\b(?:should|must|please|ought|recommend\w*|suggest\w*|advis\w+|consider|needs? to|"
    r"make sure)\b"
)
_OTHER_ACTIONS: Final = re.compile(
    r"\b(?:arrange|set up|propose|pitch|ask|give|grant|wait|send|"
    r"offer|invite|schedule|book|visit|meet|escalate|assign|route|prioriti[sz]e|discard|"
    r"disqualify|ignore|reach out|follow up|contact (?:them|him|her|the lead)|write to|discount|"
    r"contracts?|refund|transfer|pay|click here|text (?:them|him|her|the lead)|message|engage|"
    r"time to|get in touch|talk to|speak (?:to|with)|connect|pick up|hold (?:off|back)|"
    r"leave (?:them|him|her)|(?:meeting|demo|trial|visit|webinar|quote|proposal)s? "
    r"(?:makes? sense|(?:is|are) (?:best|due|wise|worth\w*|next|needed)|would|could))\b"
)
_STARTERS: Final = frozenset(  # words that may begin a sentence although no fact holds them
    re.findall(
        r"\w+",
        "a an the this that these those they their its it he she his her we our your you there "
        "here and but so yet also both all most many some no not with without within given "
        "although because since while when as at by for from in on of to overall however despite "
        "besides still only even if strong good great excellent solid weak poor recent several "
        "multiple high medium low similar ideal engagement activity interest fit profile company "
        "contact lead industry size revenue budget location technology technologies stack facts "
        "signals evidence clients client customers fields known unknown missing nothing little "
        "more less against combined together taken compared being having based positive negative "
        "past earlier seniority department source email phone call calls reply replies meeting "
        "meetings form forms clicks opens page pages deal deals won lost matches matching aligned "
        "alignment",
    )
)


_PLAIN_WORDS: Final = frozenset(  # that are first names as well
    re.findall(r"\w+", "bas dale del edit else floor jan job peer sem sep ties till")
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be claimed: the numbers, days and words of the texts that were shown."""

    numbers: frozenset[str]
    days: frozenset[tuple[int, str]]
    words: frozenset[str]
    text: str


def facts_of(texts: Iterable[str]) -> Facts:
    """From the values that the analyst was shown and the labels of their fields."""
    found = [_told_by(text) for text in (*texts, *LABELS.values())]
    return Facts(
        frozenset().union(*(one.numbers for one in found)),
        frozenset().union(*(one.days for one in found)),
        frozenset().union(*(one.words for one in found)),
        " \n ".join(one.text for one in found),
    )


@lru_cache(maxsize=4_096)  # most values come from closed lists
def _told_by(text: str) -> Facts:
    folded = text.casefold()
    return Facts(
        frozenset(_bare(n) for n in _NUMBER.findall(folded)),
        frozenset(_days(folded)),
        frozenset(word.casefold() for word in _WORD.findall(folded)),
        folded,
    )


def sentences(text: str) -> list[str]:
    """At most `SENTENCES_MAX`, in order, each ending as a sentence does."""
    found = [part.strip() for part in _END.split(text) if part.strip()]
    return [part if part[-1] in ".!?…" else f"{part}." for part in found[:SENTENCES_MAX]]


def holds(
    sentence: str, facts: Facts, *, actions: Collection[NextAction], bands: Collection[Band]
) -> bool:
    """Whether a sentence claims nothing but facts, one of `bands` and one of `actions`."""
    folded = sentence.casefold()
    return (
        _LATIN.fullmatch(sentence) is not None
        and not _DOMAIN.search(folded)
        and _says_nothing_else(sentence)
        and all(_bare(number) in facts.numbers for number in _NUMBER.findall(folded))
        and _days(folded) <= facts.days
        and all(found.group() in facts.text for found in _MONEY.finditer(folded))
        and not _COUNTED.search(folded)
        and not _DATED.search(folded)
        and _names_only_facts(sentence, facts)
        and agrees(sentence, actions=actions, bands=bands)
    )


@lru_cache(maxsize=4_096)  # an analyst's sentences come again and again
def _says_nothing_else(sentence: str) -> bool:
    return redact.outgoing(sentence) == sentence and not suspected(sentence)


def agrees(sentence: str, *, actions: Collection[NextAction], bands: Collection[Band]) -> bool:
    """Whether a sentence names no other band than these and no other action."""
    folded = sentence.casefold()
    judged = [*_JUDGED.finditer(folded), *_CALLED.finditer(folded)]
    if judged and _DENIED.search(folded):
        return False  # "not a good fit" is some band, and nobody knows which
    named = {_WORTH[m.group(1)] for m in judged}
    named |= {Band(m.group()) for m in _BARE_BAND.finditer(sentence)}
    told = _NOUNS.sub(" ", folded)
    done = {_ACTIONS[word] for word in _WORD.findall(told) if word in _ACTIONS}
    wanted = {action.value for action in actions}
    advised = not _ADVISED.search(told) or bool(done)
    return named <= set(bands) and done <= wanted and advised and not _OTHER_ACTIONS.search(told)


def _names_only_facts(sentence: str, facts: Facts) -> bool:
    """Every capitalised word is one of the facts'; the first may also be a common one. A first
    name is a name in small letters, too."""
    for place, word in enumerate(_WORD.findall(sentence)):
        folded = word.casefold()
        if word == folded and folded in first_names() - facts.words - _PLAIN_WORDS:
            return False
        if word == folded or folded in facts.words or word == "I":
            continue
        parts = set(re.split(r"['’-]", folded))
        if parts <= facts.words | _STARTERS and (place == 0 or parts <= facts.words):
            continue
        if word in {"High", "Medium", "Low", "B2B", "AI"}:
            continue
        return False
    return True


def _days(folded: str) -> set[tuple[int, str]]:
    """(day, month) of every date with a month, and (0, month) of a month that stands alone."""
    found = set()
    rest = folded
    for match in _DAY.finditer(folded):
        day, month = match.group(1) or match.group(4), match.group(2) or match.group(3)
        if month in _MONTH_WORDS:
            found.add((int(day), month[:3]))
            rest = rest.replace(match.group(), " ")
    alone = {w[:3] for w in _WORD.findall(rest) if w in _MONTH_WORDS and w not in {"may", "march"}}
    return found | {(0, month) for month in alone}


def _bare(number: str) -> str:
    return number.rstrip(".,")
