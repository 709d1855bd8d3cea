"""A portal's own options as people read them: "50k-100k" for the stored "tier_2"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from backend.model import PropertyDefinition
from backend.scoring.facts.own_facts import VALUE_MAX, kept
from backend.scoring.facts.properties import CANDIDATES, ENUMERATIONS, mapped
from backend.scoring.values.numbers import finite
from backend.scoring.values.words import LABELS

Labels = Mapping[str, Mapping[str, str]]  # property → stored value → label
OPTION_SEPARATOR = ";"  # between the choices of a checkbox property
LIST_MAX = 200  # characters of a list of technologies that is shown as it stands
BINNED = frozenset({"company_size", "revenue_range", "budget_range"})
CODE_MAX = 3  # characters of what people write in capitals themselves: "USA"
SHOWN = "shown."  # before a fact's name: what the record says in its own words
TITLE_MAX = 80  # characters of a property's label
_HARMLESS = re.compile(r"[\w\s.,+$€£¥₹<>≥≤=&()'’%–/-]{1,60}")
_PARTED = re.compile(r"[;,|/\n]")
_KINDS = {"contacts": "contact", "companies": "company"}


def labelled_properties(property_map: Mapping[str, str]) -> frozenset[str]:
    """Those whose options are worth knowing: what profile fields are read from, and what is shown
    as it stands."""
    candidates = {name for names in CANDIDATES.values() for name in names}
    own = (name for _, name in mapped(property_map))
    return frozenset(candidates.union(own, ENUMERATIONS.values()))


def option_labels(definitions: Iterable[PropertyDefinition], names: Collection[str]) -> Labels:
    """Of those `names` that have options; labels equal to their value are left out."""
    found = {
        one.name: {value: text for value, text in one.options.items() if text and text != value}
        for one in definitions
        if one.name in names
    }
    return {name: options for name, options in found.items() if options}


def own_titles(labels: Mapping[str, str]) -> dict[str, str]:
    """What people call a model's own fields: HubSpot's labels, with the record's kind where another
    field is called the same. `labels` by "contacts.program_interest"."""
    plain = {field: " ".join(text.split())[:TITLE_MAX] for field, text in labels.items()}
    used = Counter([text.casefold() for text in plain.values() if text])
    used.update(text.casefold() for text in LABELS.values())
    return {
        field: text if used[text.casefold()] == 1 else f"{text} ({_KINDS[field.partition('.')[0]]})"
        for field, text in plain.items()
        if text
    }


def labelled(given: Mapping[str, str], labels: Labels) -> Mapping[str, str]:
    """The values with labels in place of stored options; a value without a label stays, and so do
    HubSpot's own enumerations, whose stored values are the same in every portal."""
    names = (given.keys() & labels.keys()) - frozenset(ENUMERATIONS.values())
    return {**given, **{name: _label(given[name], labels[name]) for name in names}}


def shown_enumerations(given: Mapping[str, str], labels: Labels) -> dict[str, str]:
    """What the portal calls the values of a contact's enumerations, by `SHOWN` and the fact."""
    return {
        SHOWN + fact: kept(_label(given[name], labels[name]))
        for fact, name in ENUMERATIONS.items()
        if name in given and name in labels
    }


def as_recorded(field: str, text: str) -> str:
    """A profile field's value in the record's own words: "120", "$10K - $50K", "Python, Go"; ""
    where they are too long or odd to be shown."""
    number = finite(text)
    if number is not None:
        return f"{number:,.15g}"
    if field in BINNED:  # it has been read as numbers or a size, so it holds no name
        return " ".join(text.split()) if _HARMLESS.fullmatch(text) else ""
    if field != "technologies":
        code = text.isupper() and len(text) > CODE_MAX  # a stored option, whose label is not known
        return "" if code or len(text) > VALUE_MAX else kept(text)
    parts = [kept(part.strip()) for part in _PARTED.split(text[:LIST_MAX])]
    return ", ".join(part for part in parts if part) if len(text) <= LIST_MAX else ""


def _label(value: str, options: Mapping[str, str]) -> str:
    parts = [part.strip() for part in value.split(OPTION_SEPARATOR)]
    return OPTION_SEPARATOR.join(options.get(part, part) for part in parts if part)
