"""A portal's mode: going live only after somebody saw what that writes. For the web and
commands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Final

from backend.errors import Conflict
from backend.model import Mode
from backend.scoring.write_back import PREFIX, names_in_portal
from backend.storage import runs
from backend.storage.access import audit
from backend.storage.database import Connection
from backend.storage.leads import summary_rows
from backend.storage.learning import models, profiles
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Stores

MADE: Final = "properties"  # in the installation: names of the properties that are ours there
WANTED: Final = "wanted_mode"  # in the installation: "live" until the set-up has made it so
MORE: Final = 0.1  # share of contacts by which a preview may be surpassed and still be the current


def preview_of(conn: Connection, portal: Portal) -> str:
    """Names what a preview shows: the number of contacts, and a digest of what decides the rest."""
    return f"{sum(summary_rows.distribution(conn, portal.portal_id))}-{_digest(conn, portal)}"


def choose_mode(
    stores: Stores,
    portal_id: int,
    mode: Mode,
    *,
    actor: str,
    seen: str = "",
    unseen: bool = False,
) -> Run | None:
    """Change the mode; the set-up's run when it is to be live, else None. It is live once that
    set-up has ended.

    `seen` is `preview_of` the preview that a person looked at; `unseen`: the operator goes live
    without looking. Raises Conflict when going live without either, when the portal's settings,
    profile, model or size have changed since, and while it has to be connected again.
    """
    now = stores.clock.now()
    with stores.database.write() as conn:
        portal = portals.get(conn, portal_id)
        if portal.state != "connected":
            raise Conflict("this portal has to be connected again first")
        live, before = mode is Mode.LIVE, portal.settings.mode
        if live and before is not Mode.LIVE and not unseen:
            _check_seen(conn, portal, seen)
        if not live:
            portals.set_settings(conn, portal_id, replace(portal.settings, mode=mode))
        portals.set_installation(conn, portal_id, {WANTED: mode.value if live else ""})
        audit.of_portal(
            conn,
            portal_id,
            "portal.mode",
            actor=actor,
            now=now,
            detail={"before": before.value, "after": mode.value},
        )
        run = runs.start(conn, portal_id, "setup", now) if live else None
    if run is not None:
        stores.jobs.enqueue("setup", portal_id=portal_id)
    return run


def may_write(portal: Portal) -> bool:
    """Whether the portal is live, and the set-up has looked at every property that is written."""
    if portal.state != "connected" or portal.settings.mode is not Mode.LIVE:
        return False
    made = portal.installation.get(MADE)
    if made is None:  # a portal of the time before the names were kept
        return portal.settings.property_prefix == PREFIX
    return set(names_in_portal(portal.settings)) <= set(made)


def _check_seen(conn: Connection, portal: Portal, seen: str) -> None:
    if not seen:
        raise Conflict(
            "going live writes to HubSpot: look at the preview first and send its `preview` along"
        )
    number, _, digest = seen.partition("-")
    contacts = sum(summary_rows.distribution(conn, portal.portal_id))
    shown = int(number) if number.isdecimal() else 0
    if digest != _digest(conn, portal) or contacts > shown * (1 + MORE):
        raise Conflict("the preview is no longer what would be written: look at it again")


def _digest(conn: Connection, portal: Portal) -> str:
    published = models.published(conn, portal.portal_id)
    decides = {
        "settings": {**portals.settings_to_json(portal.settings), "mode": ""},
        "profile": profiles.active(conn, portal.portal_id).version,
        "model": published[0] if published else 0,
    }
    text = json.dumps(decides, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
