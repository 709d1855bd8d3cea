"""The labels of a portal's options, read once a pull: two calls, whatever the portal's size."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from backend.errors import MissingScopes
from backend.scoring.labels import Labels, labelled_properties
from backend.storage import portals
from backend.storage.portals import Portal
from backend.wiring import Product

LABELLED = ("contacts", "companies")
_KEY = "labels"  # in the portal's installation
log = structlog.get_logger()


def learn_labels(product: Product, portal: Portal) -> Portal:
    """The portal with its labels stored. A refused scope leaves that type's values as they are.

    Raises Transient or NeedsReconnect.
    """
    names = labelled_properties(portal.settings.property_map)
    definitions = product.definitions(portal.portal_id)
    found = {}
    for object_type in LABELLED:
        try:
            found[object_type] = definitions.labels(object_type, names)
        except MissingScopes as error:
            log.info("labels_off", portal_id=portal.portal_id, scopes=error.scopes)
    with product.database.write() as conn:
        portals.set_installation(conn, portal.portal_id, {_KEY: found})
        return portals.get(conn, portal.portal_id)


def unknown_properties(product: Product, portal_id: int, names: Collection[str]) -> list[str]:
    """Those of `names` that neither contacts nor companies have; [] where that cannot be asked.

    Raises Transient or NeedsReconnect.
    """
    definitions = product.definitions(portal_id)
    known: set[str] = set()
    for object_type in LABELLED:
        try:
            known |= definitions.names(object_type)
        except MissingScopes:
            return []
    return sorted(set(names) - known)


def labels_of(portal: Portal, object_type: str) -> Labels:
    """As learned by the last pull."""
    learned: dict[str, Labels] = portal.installation.get(_KEY, {})
    return learned.get(object_type, {})
