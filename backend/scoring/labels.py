"""A portal's own options as people read them: "50k-100k" for the stored "tier_2"."""

from __future__ import annotations

from collections.abc import Mapping

from backend.scoring.properties import CANDIDATES, mapped

Labels = Mapping[str, Mapping[str, str]]  # property → stored value → label
OPTION_SEPARATOR = ";"  # between the choices of a checkbox property


def labelled_properties(property_map: Mapping[str, str]) -> frozenset[str]:
    """Those whose options are worth knowing: what profile fields are read from."""
    candidates = {name for names in CANDIDATES.values() for name in names}
    return frozenset(candidates.union(name for _, name in mapped(property_map)))


def labelled(given: Mapping[str, str], labels: Labels) -> Mapping[str, str]:
    """The values with labels in place of stored options; a value without a label stays."""
    found = {name: _label(given[name], labels[name]) for name in given.keys() & labels.keys()}
    return {**given, **found}


def _label(value: str, options: Mapping[str, str]) -> str:
    parts = [part.strip() for part in value.split(OPTION_SEPARATOR)]
    return OPTION_SEPARATOR.join(options.get(part, part) for part in parts if part)
