"""A portal's own options as people read them: "50k-100k" for the stored "tier_2"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from backend.model import PropertyDefinition
from backend.scoring.facts.properties import CANDIDATES, mapped
from backend.scoring.values.words import LABELS

Labels = Mapping[str, Mapping[str, str]]  # property → stored value → label
OPTION_SEPARATOR = ";"  # between the choices of a checkbox property
TITLE_MAX = 80  # characters of a property's label
_KINDS = {"contacts": "contact", "companies": "company"}


def labelled_properties(property_map: Mapping[str, str]) -> frozenset[str]:
    """Those whose options are worth knowing: what profile fields are read from."""
    candidates = {name for names in CANDIDATES.values() for name in names}
    return frozenset(candidates.union(name for _, name in mapped(property_map)))


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
    """The values with labels in place of stored options; a value without a label stays."""
    found = {name: _label(given[name], labels[name]) for name in given.keys() & labels.keys()}
    return {**given, **found}


def _label(value: str, options: Mapping[str, str]) -> str:
    parts = [part.strip() for part in value.split(OPTION_SEPARATOR)]
    return OPTION_SEPARATOR.join(options.get(part, part) for part in parts if part)
