"""Facts from a portal's own properties, which an admin allowed the model to learn from.

Nobody but the scorecard sees them: a snapshot keeps them apart in `own`, as it does with free text.
They are short on purpose. What is long is free text, and belongs to the text reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend.model import MirrorRecord, Person
from backend.scoring.facts.properties import OWN_TYPES, own_names
from backend.scoring.text import redact
from backend.scoring.text.manipulation import suspected
from backend.scoring.values.no_answer import is_no_answer
from backend.scoring.values.numbers import finite
from backend.scoring.values.times import parse_time

# The mirror keeps an own property under this prefix, apart from typed facts.
OWN_PREFIX: Final = "own."
VALUE_MAX: Final = 60  # characters; options are shorter, and no person reads more in a factor

_HARMLESS: Final = re.compile(r"(?:[<>]=? ?(?=\d))?[\w &/.,:;+()'’%€$£#°|–-]+")
_DIALLED: Final = re.compile(r"[+0]\d{6,}")


def own_facts(
    given: Mapping[str, str], names: Sequence[str], person: Person | None = None
) -> dict[str, str]:
    """The mirror's facts by prefixed name. A number stands as a number; a text is cut, and left out
    where it gives instructions, holds personal data or `person`'s name, or odd characters."""
    found = {OWN_PREFIX + name: kept(given.get(name, ""), person) for name in names}
    return {name: text for name, text in found.items() if text}


def own_of(
    contact: MirrorRecord, company: MirrorRecord | None, learn_from: Sequence[str]
) -> dict[str, str]:
    """Values by "contacts.name" and "companies.name": what is still allowed, and known."""
    facts = {"contacts": contact.facts, "companies": company.facts if company else {}}
    return {
        f"{owner}.{name}": facts[owner][OWN_PREFIX + name]
        for owner in OWN_TYPES
        for name in own_names(learn_from, owner)
        if OWN_PREFIX + name in facts[owner]
    }


def bare_name(field: str) -> str:
    """ "program_interest" of "contacts.program_interest"; any other field as it is."""
    owner, _, name = field.partition(".")
    return name if owner in OWN_TYPES and name else field


def is_own(field: str) -> bool:
    """Whether a model's field is a property of the portal's own."""
    return bare_name(field) != field


def kept(text: str, person: Person | None = None) -> str:
    """A short value as it stands, "" where it must not be kept or is no answer."""
    if is_no_answer(text, other=False) or _DIALLED.fullmatch(text):
        return ""
    number = finite(text)
    if number is not None:
        return f"{number:.15g}"
    moment = parse_time(text)
    if moment is not None:
        return moment.isoformat()
    names = (person.name,) if person else ()
    if redact.outgoing(text, names) != text or suspected(text):
        return ""
    line = " ".join(text.split())[:VALUE_MAX].rstrip()
    return line if _HARMLESS.fullmatch(line) else ""
