"""Going live: our properties and lists in the portal, then every stored score is written.

What is in the way stops it before anything is written. The mode becomes live when the properties
are there; what is optional is left out, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from backend.clients.hubspot.setup import HubSpotSetup
from backend.errors import BadInput, LeadlightError, Permanent, Transient
from backend.model import Mode
from backend.ports import Clock
from backend.scoring.write_back import (
    OPTIONAL,
    PREFIX,
    changed,
    name_in_portal,
    names_in_portal,
    properties_of,
)
from backend.services import records
from backend.services.portals import record_properties
from backend.services.portals.portal_mode import MADE, WANTED
from backend.services.records import READY
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.leads import mirror, scores
from backend.storage.outbox import writes
from backend.storage.portals import portal_problems, portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.storage.walk import walk
from backend.wiring import HubSpot, Product

PROBLEMS = "setup_problems"  # in the installation: what stopped the last set-up
log = structlog.get_logger()


def setup(product: Product, portal_id: int) -> None:
    """Idempotent; a feature that the portal refused is noted in its installation."""
    with product.stores.database.read() as conn:
        run = runs.latest(conn, portal_id, "setup")
        portal = portals.get(conn, portal_id)
    if run is None or run.state != "running":
        return
    ours = _ours(product.stores.database, portal)
    try:
        found, created = _make(product.hubspot, portal, ours)
    except Transient:
        raise
    except LeadlightError as error:
        problems = list(error.problems) if isinstance(error, BadInput) else [str(error)]
        now = product.stores.clock.now()
        with product.stores.database.write() as conn:
            portals.set_installation(conn, portal_id, {PROBLEMS: problems})
            runs.finish(conn, run, now, state="failed", problem=" ".join(problems))
        return
    portal = _keep(product.stores.database, product.stores.clock, portal, ours, found, created)
    if portal.settings.mode is Mode.LIVE:
        _write_all(product.stores.database, product.stores.clock, portal, run)
    with product.stores.database.write() as conn:
        runs.finish(conn, run, product.stores.clock.now())
    product.stores.jobs.enqueue("flush_writes", portal_id=portal_id)
    product.stores.jobs.enqueue("flush_routes", portal_id=portal_id)


def _keep(
    database: Database,
    clock: Clock,
    before: Portal,
    ours: set[str],
    found: dict[str, object],
    created: Sequence[str],
) -> Portal:
    """What was found and made; a portal that was to go live is live from here on."""
    portal_id = before.portal_id
    with database.write() as conn:
        portal = portals.get(conn, portal_id)
        if created or set(names_in_portal(before.settings)) - ours:
            for queue in writes.QUEUES.values():
                writes.forget_written(conn, portal_id, queue=queue)  # no value of ours stands there
        portals.set_installation(conn, portal_id, found | {PROBLEMS: [], WANTED: ""})
        if portal.installation.get(WANTED) == Mode.LIVE.value:
            live = replace(portal.settings, mode=Mode.LIVE)
            portals.set_settings(conn, portal_id, live)
        portal_problems.probe_now(conn, portal_id, clock.now())
        return portals.get(conn, portal_id)


def _make(
    hubspot: HubSpot, portal: Portal, ours: set[str]
) -> tuple[dict[str, object], Sequence[str]]:
    """What the installation is to hold, and the names of the properties made just now."""
    portal_id = portal.portal_id
    in_portal = hubspot.setup(portal_id)
    account = dict(in_portal.account())
    plan = in_portal.plan(ours)
    if plan.in_the_way:
        problems = tuple(str(one) for one in plan.in_the_way)
        raise BadInput("properties of these names are there already", problems=problems)
    _check_room(in_portal, portal, plan.missing)
    created = in_portal.ensure_properties()
    log.info("properties_ready", portal_id=portal_id, created=len(created))
    found: dict[str, object] = {
        "account": account,
        MADE: sorted({*plan.there, *names_in_portal(portal.settings)}),
    }
    lists_off = {}
    try:
        found["lists"] = in_portal.ensure_lists()
    except Permanent as error:
        lists_off = {"lists": error.sentence or str(error)}
        log.warning("lists_off", portal_id=portal_id, problem=str(error))
    made, off = record_properties.set_up(hubspot, portal)
    refused = {**lists_off, **off}
    return found | {READY: made, "refused": list(refused), "refused_why": refused}, created


def _ours(database: Database, portal: Portal) -> set[str]:
    """Properties that are ours there: made by us, or given to us. Before their names were kept, a
    portal that had got a score had all of them."""
    made = portal.installation.get(MADE)
    if made is None:
        with database.read() as conn:
            written = writes.known(conn, portal.portal_id) > 0
        was = replace(portal.settings, property_prefix=PREFIX)
        made = names_in_portal(was) if written else ()
    return {*made, *portal.settings.use_existing}


def _check_room(in_portal: HubSpotSetup, portal: Portal, missing: tuple[str, ...]) -> None:
    """Raises Permanent when the account may not have as many more properties as are needed."""
    room = in_portal.room() if missing else None
    if room is None or room >= len(missing):
        return
    names = {name_in_portal(portal.settings, name): name for name in OPTIONAL}
    spare = [names[name] for name in missing if name in names]
    fewer = f", or do without {' and '.join(spare)} (--without {spare[0]})" if spare else ""
    raise Permanent(
        f"{len(missing)} custom properties of contacts are needed and HubSpot has room for "
        f"{room}: archive some that nobody needs{fewer}, then run the set-up again"
    )


def _write_all(database: Database, clock: Clock, portal: Portal, run: Run) -> None:
    """Queue every stored score; values HubSpot has already are skipped by the flusher's put."""
    portal_id = portal.portal_id
    for ids in walk(database, portal_id, mirror.contact_ids):
        now = clock.now()
        with database.write() as conn:
            known = writes.last_written(conn, portal_id, ids)
            stored = scores.current(conn, portal_id, ids)
            payloads = {
                cid: changed(known.get(cid, ({}, now))[0], properties_of(score, portal.settings))
                for cid, score in stored.items()
            }
            writes.put(conn, portal_id, {cid: p for cid, p in payloads.items() if p}, now)
            records.mark(conn, portal, ids, now)
            runs.advance(conn, run, now, done=run.done, position={"after": ids[-1]})
