"""What a portal's properties are called, read once a pull: three calls, whatever its size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import structlog

from backend.errors import MissingScopes, UnknownPath
from backend.model import PropertyDefinition
from backend.scoring.facts.labels import (
    TITLE_MAX,
    Labels,
    labelled_properties,
    option_labels,
    own_titles,
)
from backend.scoring.facts.own_rules import caution, refusal, refused_by
from backend.scoring.facts.properties import ENUMERATIONS, OWN_TYPES, own_names
from backend.scoring.facts.segments import own_read
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.wiring import HubSpot, Product

_KEY = "labels"  # in the portal's installation: of options
_TITLES = "titles"  # of the properties that the model learns from
_LEARNABLE = "learnable"  # its own properties that it could learn from, with their labels
_PIPELINES = "pipelines"  # of deals, with their labels
_LEARNABLE_MAX = 500
Definitions = Mapping[str, tuple[PropertyDefinition, ...]]  # by object type; refused ones absent
log = structlog.get_logger()


def definitions_of(hubspot: HubSpot, portal_id: int) -> Definitions:
    """Of contacts and companies, one call each. Raises Transient or NeedsReconnect."""
    return _definitions(hubspot, portal_id, OWN_TYPES)


def _definitions(hubspot: HubSpot, portal_id: int, object_types: Collection[str]) -> Definitions:
    definitions = hubspot.definitions(portal_id)
    found = {}
    for object_type in object_types:
        try:
            found[object_type] = definitions.of(object_type)
        except MissingScopes as error:
            log.info("labels_off", portal_id=portal_id, scopes=error.scopes)
    return found


def learn_labels(product: Product, portal: Portal) -> Portal:
    """The portal with its labels stored. A refused scope leaves that type's values as they are.

    Raises Transient or NeedsReconnect.
    """
    found = definitions_of(product.hubspot, portal.portal_id)
    stages = _definitions(product.hubspot, portal.portal_id, ("deals",)).get("deals", ())
    with product.stores.database.write() as conn:
        portals.set_installation(conn, portal.portal_id, _learned(portal, found, stages))
        return portals.get(conn, portal.portal_id)


def lifecycle_stages(hubspot: HubSpot, portal_id: int) -> Mapping[str, str]:
    """The portal's stages of contacts, stored value → label; {} where that cannot be asked.

    Raises Transient or NeedsReconnect.
    """
    return stages_in(_definitions(hubspot, portal_id, ("contacts",)))


def stages_in(found: Definitions) -> dict[str, str]:
    """The lifecycle stages of contacts among these definitions, stored value → label."""
    contacts = found.get("contacts", ())
    stage = next((one for one in contacts if one.name == ENUMERATIONS["lifecycle_stage"]), None)
    return {value: label or value for value, label in stage.options.items()} if stage else {}


def deal_pipelines(hubspot: HubSpot, portal_id: int) -> dict[str, str]:
    """The portal's deal pipelines, stored value → label; {} where that cannot be asked.

    Raises Transient or NeedsReconnect.
    """
    try:
        return hubspot.definitions(portal_id).deal_pipelines()
    except (MissingScopes, UnknownPath) as error:
        log.info("pipelines_off", portal_id=portal_id, problem=str(error))
        return {}


def learn_account(product: Product, portal_id: int) -> None:
    """Store what the deal pipelines are called, and the account's time zone: a day is the same day
    in the first score and after going live. Raises Transient or NeedsReconnect."""
    found: dict[str, Any] = {_PIPELINES: deal_pipelines(product.hubspot, portal_id)}
    try:
        found["account"] = dict(product.hubspot.setup(portal_id).account())
    except (MissingScopes, UnknownPath) as error:
        log.info("account_off", portal_id=portal_id, problem=str(error))
    with product.stores.database.write() as conn:
        portals.set_installation(conn, portal_id, found)


def pipelines_of(portal: Portal) -> Mapping[str, str] | None:
    """As learned by the last pull; None where that was made before pipelines were read."""
    found: Mapping[str, str] | None = portal.installation.get(_PIPELINES)
    return found


def labels_of(portal: Portal, object_type: str) -> Labels:
    """As learned by the last pull."""
    learned: dict[str, Labels] = portal.installation.get(_KEY, {})
    return learned.get(object_type, {})


def titles_of(portal: Portal) -> Mapping[str, str]:
    """What people call the properties that the model learns from, as learned by the last pull."""
    learned: Mapping[str, str] = portal.installation.get(_TITLES, {})
    return own_titles({f: t for f, t in learned.items() if f in portal.settings.learn_from})


def learnable(portal: Portal) -> Mapping[str, str]:
    """Its own properties that the model learns from or could, with their labels, as of the last
    pull. Empty where that pull was made by a version that only counted them."""
    found: Mapping[str, str] | int = portal.installation.get(_LEARNABLE, {})
    return {} if isinstance(found, int) else found


def more_to_learn(portal: Portal) -> Mapping[str, str]:
    """Those of them that it does not learn from yet."""
    return {
        field: label
        for field, label in learnable(portal).items()
        if field not in portal.settings.learn_from
    }


def _learned(
    portal: Portal, found: Definitions, of_deals: Iterable[PropertyDefinition]
) -> dict[str, object]:
    mapped = labelled_properties(portal.settings.property_map)
    allowed = portal.settings.learn_from
    read = own_read(portal.settings)
    labels = {
        object_type: option_labels(every, {*mapped, *own_names(read, object_type)})
        for object_type, every in found.items()
    }
    labels["deals"] = option_labels(of_deals, ("dealstage",))
    titles = {field: one.label for field, one in by_field(found) if field in allowed and one.label}
    possible = {
        field: " ".join(one.label.split())[:TITLE_MAX]
        for field, one in by_field(found)
        if _could_learn(portal, field, one)
    }
    return {
        _KEY: labels,
        _TITLES: titles,
        _LEARNABLE: dict(sorted(possible.items())[:_LEARNABLE_MAX]),
    }


def by_field(found: Definitions) -> Iterable[tuple[str, PropertyDefinition]]:
    """("contacts.program_interest", its definition) of every property."""
    return ((f"{owner}.{one.name}", one) for owner, every in found.items() for one in every)


def _could_learn(portal: Portal, field: str, one: PropertyDefinition) -> bool:
    speaks_against = (
        refusal(field, portal.settings.property_map),
        refused_by(one),
        caution(one.name, one.label),
    )
    return not any(speaks_against)
