"""High-intent forms and pages: what an admin says counts apart from the mere number.

The mirror keeps the names of a contact's first and last form and the path of its last page. No
score, reader or model sees a name: `with_intent` leaves the days of those that were chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Final
from urllib.parse import urlsplit

from backend.scoring.text.plain_text import plain
from backend.scoring.values.folding import words_of
from backend.scoring.values.times import parse_time

NAME_MAX: Final = 100  # characters of a form's name or a page's path
_FORMS: Final = (("first_form", "first_form_on"), ("last_form", "last_form_on"))
_PAGE: Final = ("last_page", "last_visit_on")
_RAW: Final = frozenset({"first_form", "first_form_on", "last_form", "last_page"})


def intent_facts(given: Mapping[str, str], zone: tzinfo = UTC) -> dict[str, str]:
    """Names of forms and pages as the mirror keeps them, "" for what is not known."""
    first = parse_time(given.get("first_conversion_date"), zone)
    return {
        "first_form": form_name(given.get("first_conversion_event_name", "")),
        "first_form_on": first.date().isoformat() if first else "",
        "last_form": form_name(given.get("recent_conversion_event_name", "")),
        "last_page": page_path(given.get("hs_analytics_last_url", "")),
    }


def form_name(conversion: str) -> str:
    """Of "Pricing | Acme: Request a demo" the form: HubSpot writes the page before it."""
    return plain(conversion.rpartition(": ")[2], NAME_MAX)


def page_path(address: str) -> str:
    """The path of a page, in small letters: what stands behind "?" may be personal, and so may a
    path with an address in it."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    text = plain(path.rstrip("/").casefold(), NAME_MAX)
    return "" if "@" in text or "%40" in text else text or ("/" if address else "")


def names_in(facts: Mapping[str, str]) -> list[str]:
    """The forms and pages that one contact's mirrored facts tell of."""
    found = (facts.get(name, "") for name in (*(form for form, _ in _FORMS), _PAGE[0]))
    return [name for name in dict.fromkeys(found) if name]


def with_intent(facts: Mapping[str, str], chosen: Iterable[str]) -> dict[str, str]:
    """The facts without names; with the number and last day of chosen forms, and the day of a
    chosen page."""
    names = list(chosen)
    forms = {words_of(name) for name in names if not name.startswith("/")} - {""}
    kept = {name: text for name, text in facts.items() if name not in _RAW}
    days = {
        facts[day]
        for form, day in _FORMS
        if day in facts and words_of(facts.get(form, "")) in forms
    }
    if days:
        kept |= {"intent_forms": str(len(days)), "intent_form_on": max(days)}
    page, day = _PAGE
    if day in facts and facts.get(page) in {name.casefold() for name in names}:
        kept["intent_page_on"] = facts[day]
    return kept
