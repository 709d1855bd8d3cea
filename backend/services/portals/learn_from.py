"""Changing what the model learns from: settings, trace and the second reading in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.scoring.facts.properties import OWN_TYPES
from backend.services.mirror.read_again import read_again
from backend.services.portals.own_properties import checked
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product


def set_learn_from(
    product: Product, portal: Portal, names: Sequence[str], *, actor: str
) -> Run | None:
    """Store the list and read contacts and companies again, at backfill priority; None when it is
    what it was. Raises BadInput naming every wrong name, Transient or NeedsReconnect."""
    before = portal.settings.learn_from
    after = checked(product.hubspot, portal, names)
    if set(after) == set(before):
        return None
    now = product.stores.clock.now()
    portal_id = portal.portal_id
    with product.stores.database.write() as conn:
        settings = portals.get(conn, portal_id).settings
        portals.set_settings(conn, portal_id, replace(settings, learn_from=after))
        audit.append(
            conn,
            now=now,
            actor=actor,
            action="portal.settings",
            subject=f"portal:{portal_id}",
            portal_id=portal_id,
            detail={"learn_from": {"before": list(before), "after": list(after)}},
        )
        read_again(conn, portal_id, OWN_TYPES, now)
        run = runs.latest(conn, portal_id, "pull")
    product.stores.jobs.ring("pull", portal_id=portal_id)
    return run
