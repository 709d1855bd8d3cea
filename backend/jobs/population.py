"""What the portal's leads look like: counted from the mirror, then every lead is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.model import Profile, Snapshot
from backend.ports import Vector
from backend.scoring.points.segment_profiles import in_segments
from backend.scoring.population import build_population
from backend.services.exclusive import Held, running
from backend.services.mirror.known_names import without_known_names
from backend.services.scoring.embedding import (
    embedded_alike,
    ideal_centroid,
    of_leads,
    store_clients,
    store_leads,
)
from backend.services.scoring.snapshots import leads_among, slices_of
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.learning import models, profiles
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.runs import Run
from backend.wiring import Product

INDEX_LAG = timedelta(minutes=3)  # an index counts what it stores with a delay
log = structlog.get_logger()


def population(product: Product, portal_id: int) -> None:
    """Build and store the next version, then start the backfill."""
    with running(product, portal_id, "population", pulled=True) as work:
        if work is not None:
            _build(product, work.portal, work.run, work.held)


def _build(product: Product, portal: Portal, run: Run, held: Held) -> None:
    portal_id = portal.portal_id
    with product.stores.database.read() as conn:
        profile = in_segments(profiles.active(conn, portal_id), portal.settings.segments)
        known, _ = profiles.population(conn, portal_id)
        stale = profiles.client_ids_of_others(conn, portal_id, profile)
        published = models.published(conn, portal_id)
    if not embedded_alike(product.ai.embedder, known):
        log.info("embedding_anew", portal_id=portal_id, before=known.embedder)
        product.ai.index.delete(portal_id)  # vectors of two models are not comparable
    store_clients(product, profile, stale)
    built = replace(
        build_population(
            known.version + 1,
            _leads(product, portal, profile, run, held),
            profile,
            ideal_centroid(product, profile),
            published[1] if published else None,
            {name: ideal_centroid(product, own) for name, own in profile.segments.items()},
        ),
        embedder=product.ai.embedder.name,
    )
    if not held.renew():
        return
    now = product.stores.clock.now()
    with product.stores.database.write() as conn:
        if _versions(conn, portal_id) != (profile.version, published[0] if published else 0):
            newer = True  # a profile or a model was put to use meanwhile: count again, with that
        else:
            newer = False
            profiles.add_population(conn, portal_id, built, profile.version, now)
            runs.advance(conn, run, now, done=built.leads, total=built.leads, position={})
            runs.finish(conn, run, now)
            runs.restart(conn, portal_id, "backfill", now)
    log.info("population_built", portal_id=portal_id, leads=built.leads, again=newer)
    product.stores.jobs.enqueue("population" if newer else "backfill", portal_id=portal_id)


def begin_anew(product: Product, now: datetime) -> int:
    """Count and embed again where another embedding model is configured than the one that made
    the stored vectors; the number of jobs enqueued. A run goes on after a crash and embeds no text
    twice.
    """
    with product.stores.database.read() as conn:
        ready = [p for p in portals.listed(conn) if p.state == "connected" and p.pulled_at]
        known = {p.portal_id: profiles.population(conn, p.portal_id)[0] for p in ready}
    changed = [
        portal_id
        for portal_id, found in known.items()
        if not embedded_alike(product.ai.embedder, found)
    ]
    for portal_id in changed:
        with product.stores.database.write() as conn:
            runs.start(conn, portal_id, "population", now)
        product.stores.jobs.enqueue("population", portal_id=portal_id)
    return len(changed)


def refill_empty(product: Product, stored: Mapping[int, int]) -> int:
    """Count again, and so fill the index again, for portals whose vectors are gone from it although
    they were stored; the number of portals. `stored` counts the index's items by portal."""
    now = product.stores.clock.now()
    empty = []
    with product.stores.database.read() as conn:
        for portal in portals.listed(conn):
            if portal.state != "connected" or portal.pulled_at is None:
                continue
            if stored.get(portal.portal_id) or not _was_filled(conn, portal.portal_id, now):
                continue
            empty.append(portal.portal_id)
    for portal_id in empty:
        log.warning("index_empty", portal_id=portal_id)
        with product.stores.database.write() as conn:
            runs.start(conn, portal_id, "population", now)
        product.stores.jobs.enqueue("population", portal_id=portal_id)
    return len(empty)


def _was_filled(conn: Connection, portal_id: int, now: datetime) -> bool:
    """By a count that ended long enough ago for the index to have noticed."""
    run = runs.latest(conn, portal_id, "population")
    if run is None or run.state == "running" or run.finished_at is None:
        return False
    return now - run.finished_at > INDEX_LAG and bool(profiles.active(conn, portal_id).clients)


def _versions(conn: Connection, portal_id: int) -> tuple[int, int]:
    """Active profile and published model."""
    published = models.published(conn, portal_id)
    return profiles.active(conn, portal_id).version, published[0] if published else 0


def _leads(
    product: Product, portal: Portal, profile: Profile, run: Run, held: Held
) -> Iterator[tuple[Snapshot, Vector | None]]:
    seen = 0
    for stored in slices_of(product.stores.database, portal, product.stores.clock.now()):
        held.renew()
        with product.stores.database.read() as conn:
            found = without_known_names(conn, product.stores, portal.portal_id, stored)
        eligible = list(leads_among(portal, found).values())
        vectors = of_leads(product, profile, eligible)
        store_leads(product, profile, list(found.values()))  # won clients are no leads any more
        seen += len(found)
        with product.stores.database.write() as conn:
            runs.advance(conn, run, product.stores.clock.now(), done=seen, position={})
        for snapshot, one in zip(eligible, vectors, strict=True):
            yield snapshot, one.vector
