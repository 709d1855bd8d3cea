"""A score as one paragraph that a rep can read aloud.

Made of the score's own parts, so it cannot say another band, action or fact than the card. What
the paragraph says in words, the list of factors below it does not say again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from backend.model import Band, Factor, Neighbour, NextAction
from backend.scoring.values.words import NOT_HAPPENED, UNKNOWN_FIELDS, label

PARAGRAPH_MAX: Final = 400  # characters
CLOSE: Final = 0.5  # cosine under which a client is not similar
MAIN, OTHER = 2, 1  # factors told of the side that is named first, and of the other
_TELLING_MIN: Final = 2  # points under which a factor is no reason

# "{v}" is the value; a "|" parts what is said of one event from what is said of several.
_CLAUSES: Final[Mapping[str, str]] = {
    "industry": "the industry is {v}",
    "company_size": "the company has {v} employees",
    "revenue_range": "annual revenue is {v}",
    "technologies": "they use {v}",
    "budget_range": "the budget is {v}",
    "reply": "they replied on {v}|they replied {n} times, last on {v}",
    "meeting": "there was a meeting on {v}|there were {n} meetings, the last on {v}",
    "missed_meeting": "a meeting on {v} did not take place|{n} meetings did not take place, the "
    "last on {v}",
    "call_in": "they called us on {v}|they called us {n} times, last on {v}",
    "call_out": "we spoke by phone on {v}|we spoke by phone {n} times, last on {v}",
    "form": "they submitted a form on {v}|they submitted {n} forms, the last on {v}",
    "intent_form": "they submitted a high-intent form on {v}|they submitted {n} high-intent forms, "
    "the last on {v}",
    "intent_page": "they viewed a high-intent page on {v}",
    "email_click": "they clicked a link in an email on {v}|they clicked links in our "
    "emails {n} times, last on {v}",
    "email_open": "they opened an email on {v}|they opened our emails {n} times, last on {v}",
    "page_views": "they viewed a page on {v}|they viewed {n} pages, the last on {v}",
    "silence": "{n} emails of ours in a row went unanswered, the last on {v}",
    "bounced": "the email address bounced",
    "opted_out": "they opted out of email",
    "deal_won": "an earlier deal was won on {v}|{n} earlier deals were won, the last on {v}",
    "deal_open": "a deal has been open since {v}|{n} deals are open, the latest since {v}",
    "deal_lost": "an earlier deal was lost on {v}|{n} earlier deals were lost, the last on {v}",
    "seniority": "the contact's level is {v}",
    "department": "the contact works in {v}",
    "buying_role": "the contact's buying role is {v}",
    "lead_status": "the lead status is {v}",
    "lifecycle_stage": "the lifecycle stage is {v}",
    "source": "the lead came from {v}",
    "known_since": "we have known them since {v}",
    "text": "the message {v}",
}
_VALUES: Final[Mapping[tuple[str, str], str]] = {
    ("email_kind", "free"): "the email address is a private one",
    ("email_kind", "company"): "the email address is a company's",
    ("seniority", "executive"): "the contact is an executive",
    ("seniority", "director"): "the contact is a director",
    ("seniority", "manager"): "the contact is a manager",
    ("seniority", "staff"): "the contact is neither a manager nor a director",
    ("seniority", "junior"): "the contact is junior",
    ("buying_role", "decision_maker"): "the contact is the decision maker",
    ("buying_role", "budget_holder"): "the contact holds the budget",
    ("has_phone", "yes"): "a phone number is known",
}
_NOT_YET: Final[Mapping[str, str]] = {
    "reply": "they have not replied yet",
    "meeting": "there has been no meeting yet",
    "missed_meeting": "no meeting was missed",
    "call_in": "they have not called us",
    "call_out": "we have not spoken by phone yet",
    "form": "they have not submitted a form",
    "intent_form": "they have not submitted a high-intent form",
    "intent_page": "they have not viewed a high-intent page",
    "email_click": "they have not clicked a link in an email",
    "email_open": "they have not opened an email",
    "page_views": "they have not been on the website",
    "silence": "our emails do not go unanswered",
    "bounced": "the email address works",
    "opted_out": "they have not opted out of email",
    "deal_won": "no earlier deal was won",
    "deal_open": "no deal is open",
    "deal_lost": "no earlier deal was lost",
}
_TAKES_THE: Final = re.compile(
    r"^(United |Netherlands$|Philippines$|Bahamas$|Gambia$|Maldives$|Seychelles$|Comoros$|Isle of )"
    r"|(Republic|Islands|Territory|Territories)$"
)
_NAMED: Final = 3  # fields that are not known which a sentence names
_NOT_TOLD: Final = frozenset({"portal", "limit", "analyst", "pin"})
_DO: Final = {
    NextAction.CALL: "Call next. ",
    NextAction.EMAIL: "Email next. ",
    NextAction.NURTURE: "Nurture for now. ",
    NextAction.NONE: "",
}
# Words of an action's reason → the factor that they say already.
_SAID_BY_REASON: Final = {
    "replied on": "reply",
    "called us on": "call_in",
    "spoke with us on": "call_out",
    "had a meeting on": "meeting",
    "has a meeting on": "meeting",
    "submitted a form on": "form",
    "clicked a link": "email_click",
    "opened an email on": "email_open",
    "visited the website on": "page_views",
    "missed the meeting": "missed_meeting",
    "no answer to our email": "silence",
    "opted out of email": "opted_out",
    "address bounced": "bounced",
    "in a deal": "deal_open",
    "asked for": "text",
    "wants to buy": "text",
    "complaint": "text",
    "looks for a job": "text",
}


def paragraph(
    band: Band,
    action: NextAction,
    why: str,
    *,
    factors: Sequence[Factor],
    neighbours: Iterable[Neighbour],
    percentile: int | None,
    prose: Sequence[str] = (),
    by_hand: str = "",
) -> str:
    """At most `PARAGRAPH_MAX` characters: the band, what speaks for and against the lead (`prose`,
    an analyst's checked sentences, in its place), what became of similar clients, the next step.
    `by_hand`, what a person set, comes before the band that the facts give.

    Where that is too long, similar clients go first, then the last of the rest.
    """
    opening = f"{band.value} fit{_standing(band, percentile)}."
    if by_hand:
        opening = f"{by_hand.rstrip('.')}. By the facts: {opening}"
    ending = next_sentence(action, why)
    told = list(prose) or _for_and_against(band, factors, said_by(why))
    similar = similar_sentence(neighbours)
    middle = [*told, *([similar] if similar else [])]
    while middle and len(" ".join([opening, *middle, ending])) > PARAGRAPH_MAX:
        middle.pop()
    text = " ".join([opening, *middle, ending])
    return text if len(text) <= PARAGRAPH_MAX else text[: PARAGRAPH_MAX - 1].rstrip() + "…"


def next_sentence(action: NextAction, why: str) -> str:
    """ "Call next. Replied on 20 Nov." """
    return f"{_DO[action]}{why[:1].upper()}{why[1:]}."


def similar_sentence(neighbours: Iterable[Neighbour]) -> str:
    """What became of the most similar past lead; "" where none is close."""
    past = [n for n in neighbours if n.kind in {"won", "lost"} and n.similarity >= CLOSE]
    nearest = max(past, key=lambda n: n.similarity, default=None)
    if nearest is None or any(
        n.similarity == nearest.similarity and n.kind != nearest.kind for n in past
    ):
        return ""
    return f"The most similar past lead was {nearest.kind}."


def said_by(why: str) -> frozenset[str]:
    """Fields that an action's reason names."""
    folded = why.casefold()
    return frozenset(f for words, f in _SAID_BY_REASON.items() if words.casefold() in folded)


def said_in(text: str, factors: Iterable[Factor]) -> frozenset[str]:
    """Fields of the factors that a paragraph names, in our words or another's."""
    folded = text.casefold()
    return said_by(text) | {
        factor.field
        for factor in factors
        if clause(factor).casefold() in folded
        or (len(factor.value) > 2 and factor.value.casefold() in folded)
    }


def sentence(factor: Factor) -> str:
    """ "The industry is Logistics." """
    text = clause(factor)
    return f"{text[:1].upper()}{text[1:]}."


def clause(factor: Factor) -> str:
    """ "the industry is Logistics", "they replied 9 times, last on 16 Nov"."""
    if (factor.field, factor.value) in _VALUES:
        return _VALUES[factor.field, factor.value]
    if factor.value == NOT_HAPPENED and factor.field in _NOT_YET:
        return _NOT_YET[factor.field]
    if factor.field == "similarity":
        way = "more like" if factor.points > 0 else "less like"
        return f"the company is {way} your ideal clients than most"
    if factor.field == UNKNOWN_FIELDS:
        return _not_known(factor.value.split(", "))
    if factor.field == "location":
        article = "the " if _TAKES_THE.search(factor.value) else ""
        return f"the company is in {article}{factor.value}"
    if factor.field == "visits":
        times = {"1": "once", "2": "twice"}.get(factor.value, f"{factor.value} times")
        return f"they visited the website {times}"
    form = _CLAUSES.get(factor.field)
    if factor.field == "company_size" and not factor.value[:1].isdigit():
        form = None  # an option's own words, such as "Mid-market"
    if form is None:
        return f"{label(factor.field, factor.title)} is {factor.value or 'yes'}"
    one, _, several = form.partition("|")
    count, split, day = factor.value.partition(", last on ")
    value = (day if split else factor.value).replace("_", " ")
    told = (several or one if split else one).format(n=count, v=value)
    return told.replace(" 2 times", " twice") if split else told


def _not_known(names: Sequence[str]) -> str:
    """ "industry and location are not known"."""
    small = [name[:1].lower() + name[1:] for name in names]
    if len(small) > _NAMED:
        return f"{len(small)} facts are not known, among them {small[0]} and {small[1]}"
    return f"{_listed(small)} {'is' if len(small) == 1 else 'are'} not known"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _for_and_against(band: Band, factors: Sequence[Factor], said: frozenset[str]) -> list[str]:
    """What speaks for a lead first; of a Low one, what speaks against it."""
    telling = [
        f
        for f in factors
        if abs(f.points) >= _TELLING_MIN and f.group not in _NOT_TOLD and f.field not in said
    ]
    telling = [f for f in telling if f.field in _CLAUSES or f.value]
    telling = [f for f in telling if f.field != UNKNOWN_FIELDS or f.points < 0]
    telling.sort(key=lambda f: (-abs(f.points), f.field))
    ways = [(1, "In its favour"), (-1, "Against it")]
    sentences: list[str] = []
    for sign, opening in ways if band is not Band.LOW else reversed(ways):
        most = MAIN if not sentences else OTHER
        clauses = [clause(f) for f in telling if f.points * sign > 0][:most]
        sentences += [f"{opening}, {_joined(clauses)}."] if clauses else []
    return sentences or ["Nothing else sets this lead apart yet."]


def _joined(clauses: Sequence[str]) -> str:
    return (", and " if any("," in one for one in clauses[:-1]) else " and ").join(clauses)


def _standing(band: Band, percentile: int | None) -> str:
    """Where the lead stands among the others, where that goes with its band."""
    if percentile is None or percentile < 50 or band is Band.LOW:
        return ""
    return f", better than {percentile} % of your leads"
