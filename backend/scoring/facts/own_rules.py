"""Which of a portal's own properties a model may learn from, and which are never suggested.

Data minimisation (GDPR, article 5(1)(c)): nothing is read until an admin names it. What says who a
person is, or what somebody's score says already, is refused whatever an admin names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from backend.model import PropertyDefinition
from backend.scoring.facts.properties import CANDIDATES, FREE_TEXT, IDENTITY, OWN_TYPES, PROPERTIES

LEARN_FROM_MAX: Final = 50  # properties a portal may allow: each is in every request for contacts
LEARNABLE_TYPES: Final = frozenset({"enumeration", "bool", "number", "date", "datetime", "string"})

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_SCORES: Final = re.compile(r"^(ai_|hs_|hubspotscore)|predictive|likelihood_to_close")
_PERSON: Final = re.compile(
    r"(^|_)(e?mails?|phones?|mobiles?|fax|(first|last|full|middle|maiden|sur|nick)_?name|"
    r"address(es)?|street|zip|postcode|postal|iban|ssn|passport|tax_?id|vat_?id|linkedin|"
    r"twitter|urls?|ip)(_|$)"
)
# Special categories (GDPR, article 9) and what equal-treatment laws protect.
_PROTECTED: Final = re.compile(
    r"(^|_)(genders?|sex|ages?|age_?(group|range)|birth\w*|religio\w*|faith|church|nationalit\w*|"
    r"citizenship|ethnic\w*|races?|racial|origin_country|health\w*|medical|diagnos\w*|disab\w*|"
    r"marital\w*|married|pregnan\w*|famil\w*|children|sexual\w*|orientation|politic\w*|union)(_|$)"
)


def split(entry: str) -> tuple[str, str]:
    """("contacts", "program_interest") of "contacts.program_interest"."""
    owner, _, name = entry.partition(".")
    return owner, name


def refusal(entry: str, property_map: Mapping[str, str]) -> str:
    """Why a portal may never learn from this name, "" when it may; HubSpot is not asked."""
    owner, name = split(entry)
    if owner not in OWN_TYPES or not _NAME.fullmatch(name):
        return "write contacts.NAME or companies.NAME with HubSpot's internal name"
    if name in IDENTITY:
        return "it says who a person is"
    if _SCORES.search(name):
        return "it is HubSpot's own or somebody's score, not a property that your account made"
    if name in _built_in(owner):
        return "it is read already"
    if name in property_map.values():
        return "it is mapped to a profile field and read already"
    return ""


def refused_by(definition: PropertyDefinition | None) -> str:
    """Why HubSpot's definition of a property speaks against learning from it, else ""."""
    if definition is None:
        return (
            "HubSpot has no such property, or does not show it because it is sensitive: "
            "`portals properties` lists those there are"
        )
    if definition.sensitive:
        return "it is marked as sensitive data in HubSpot"
    if not definition.made_by_portal:
        return "it is one of HubSpot's own; only those that your account made can be learned from"
    if definition.type not in LEARNABLE_TYPES:
        return f"there is nothing to learn from the type {definition.type}"
    return ""


def caution(name: str, label: str) -> str:
    """Why a property is not suggested although an admin may allow it, else ""."""
    words = "_".join([name, *re.findall(r"[^\W_]+", label)]).casefold()
    if _PROTECTED.search(words):
        return "a protected personal attribute: a score from it may be unlawful"
    if _PERSON.search(words):
        return "by its name it says who a person is"
    return ""


def _built_in(owner: str) -> set[str]:
    texts = {name for kind, name in FREE_TEXT.values() if kind == owner}
    return {*PROPERTIES[owner], *texts, *(name for names in CANDIDATES.values() for name in names)}
