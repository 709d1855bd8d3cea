"""What an admin can choose from in a portal: stages, pipelines, owners and properties by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from backend.errors import BadChoice, LeadlightError
from backend.model import PortalSettings, PropertyDefinition
from backend.scoring.facts.intent import names_in
from backend.scoring.facts.properties import IDENTITY, OWN_TYPES
from backend.scoring.facts.segments import PIPELINE, TEAM
from backend.scoring.values.folding import words_of
from backend.scoring.write_back import every_name_in_portal
from backend.services.mirror.definitions import (
    Definitions,
    by_field,
    deal_pipelines,
    definitions_of,
    stages_in,
)
from backend.storage.leads import mirror
from backend.storage.portals import owners
from backend.wiring import Product, Stores

SAMPLE: Final = 5_000  # contacts whose forms and pages are offered
FORMS_MAX: Final = 500  # of them
NAMED_MAX: Final = 12  # choices that a refusal lists; of more only the nearest
_APART: Final = {PIPELINE: "Deal pipeline", TEAM: "Team of the owner"}
_KINDS: Final = {"contacts": "contact", "companies": "company"}
_NEAR: Final = 0.6  # of difflib: how alike a word must be to be suggested


@dataclass(frozen=True, slots=True)
class Choices:
    """Stored value → label of everything; {} where HubSpot cannot be asked for it."""

    lifecycle_stages: Mapping[str, str]
    pipelines: Mapping[str, str]
    owners: Mapping[str, str]
    properties: Mapping[str, str]  # that a profile field can be read from
    forms_and_pages: Mapping[str, str]  # that contacts submitted and saw
    segment_fields: Mapping[str, str]  # that a segment can ask about


def choices_of(product: Product, portal_id: int) -> Choices:
    """Three calls to HubSpot; owners as of the last reading of them. What HubSpot does not answer
    is empty: a page that cannot offer it still shows what is set."""
    try:
        found = definitions_of(product.hubspot, portal_id)
        pipelines = deal_pipelines(product.hubspot, portal_id)
    except LeadlightError:
        found, pipelines = {}, {}
    return Choices(
        lifecycle_stages=stages_in(found),
        pipelines=pipelines,
        owners=owner_names(product.stores, portal_id),
        properties=_readable(found),
        segment_fields=segment_fields(product.stores.settings_of(portal_id), found),
        forms_and_pages=forms_and_pages(product.stores, portal_id),
    )


def forms_and_pages(stores: Stores, portal_id: int) -> dict[str, str]:
    """Forms by name and pages by path, of a sample of contacts, the commonest first; forms before
    pages."""
    with stores.database.read() as conn:
        ids = mirror.spread_ids(conn, portal_id, "contacts", SAMPLE)
        known = mirror.records(conn, portal_id, "contacts", ids)
    counts = Counter(name for record in known.values() for name in names_in(record.facts))
    common = [name for name, _ in counts.most_common()]
    ranked = sorted(common, key=lambda name: name.startswith("/"))[:FORMS_MAX]
    return {name: name for name in ranked}


def owner_names(stores: Stores, portal_id: int) -> dict[str, str]:
    """The portal's owners by id, in order of their names."""
    with stores.database.read() as conn:
        found = owners.names(conn, stores.cipher, portal_id)
    return dict(sorted(found.items(), key=lambda pair: words_of(pair[1])))


def owner_ids(stores: Stores, portal_id: int, words: Sequence[str]) -> list[str]:
    """The ids of owners by name, in order; an id stays as it is, for the owner may be newer than
    what we know, and names are only opened where one is given. Raises BadChoice."""
    plain = [word.strip() for word in words]
    names = [word for word in plain if word and not word.isdigit()]
    known = owner_names(stores, portal_id) if names else {}
    return [chosen("owner", [one], known)[0] if one in names else one for one in plain]


def every_property(found: Definitions) -> dict[str, str]:
    """The labels of contact and company properties by internal name, {} unless both are known."""
    if len(found) < len(OWN_TYPES):
        return {}
    return {one.name: one.label or one.name for some in found.values() for one in some}


def segment_fields(settings: PortalSettings, found: Definitions) -> dict[str, str]:
    """What a segment can ask about, in order of the labels: no property that says who a person is,
    none that is marked as sensitive, and no score of ours."""
    ours = every_name_in_portal(settings)
    named = {
        field: f"{one.label or one.name} ({_KINDS[field.partition('.')[0]]})"
        for field, one in by_field(found)
        if not _refused(one, ours)
    }
    return {**_APART, **dict(sorted(named.items(), key=lambda pair: words_of(pair[1])))}


def _refused(one: PropertyDefinition, ours: Collection[str]) -> bool:
    return one.name in IDENTITY or one.sensitive or one.name in ours or one.name.startswith("ai_")


def _readable(found: Definitions) -> dict[str, str]:
    """Those that say nothing about who a person is, in order of their labels."""
    named = {n: text for n, text in every_property(found).items() if n not in IDENTITY}
    return dict(sorted(named.items(), key=lambda pair: words_of(pair[1])))


def chosen(what: str, words: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """The stored values of what a person named by value or label, each once.

    Capitals, accents and punctuation do not matter. Raises BadChoice for a word that is neither,
    with the nearest that is, and for a label that several have.
    """
    by_label: dict[str, list[str]] = {}
    for value, label in known.items():
        by_label.setdefault(words_of(label), []).append(value)
    by_value = {value.casefold(): value for value in known}
    found, problems = [], []
    for word in words:
        exact = by_value.get(word.strip().casefold())
        several = [exact] if exact else by_label.get(words_of(word), [])
        if len(several) == 1:
            found.append(several[0])
        elif several:
            values = ", ".join(several)
            problems.append(f"{word!r} is the label of several: name one of {values}.")
        else:
            problems.append(_refusal(what, word, known))
    if problems:
        raise BadChoice(" ".join(problems))
    return tuple(dict.fromkeys(found))


def _refusal(what: str, word: str, known: Mapping[str, str]) -> str:
    spoken = {text: known[value] for value in known for text in (value, known[value])}
    text = f"{word!r} is no {what} of this portal.{nearest(word, spoken)}"
    if len(known) <= NAMED_MAX:
        text += f" It has: {', '.join(known.values()) or 'none'}."
    return text


def nearest(word: str, spoken: Mapping[str, object]) -> str:
    """A sentence with the word of `spoken` that is most alike, or what stands for it; "" for
    none."""
    plain = {words_of(text): text for text in spoken}
    near = get_close_matches(words_of(word), list(plain), n=1, cutoff=_NEAR)
    if not near:
        return ""
    text = plain[near[0]]
    meant = spoken[text]
    return f" The nearest is {meant if isinstance(meant, str) else text!r}."
