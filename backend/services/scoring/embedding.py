"""Vectors of texts through the stored embeddings: paid once per text and model."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import structlog

from backend.errors import LeadlightError
from backend.model import Neighbour, Population, Profile, Snapshot, Usage
from backend.ports import Embedder, Vector, VectorItem
from backend.scoring.embed import (
    Embedded,
    embed_missing,
    fact_values,
    facts_of,
    text_hash,
    text_of,
    text_of_client,
)
from backend.scoring.points.profile_points import client_values
from backend.scoring.points.vocabulary import closed_values, profile_vocabulary
from backend.scoring.population import centroid
from backend.scoring.similar import client_item_id, lead_item_id
from backend.scoring.similarity_vectors import (
    Values,
    asking_vector,
    stored_vector,
    value_texts,
)
from backend.scoring.text.harmless import harmless
from backend.services.mirror.known_names import known_names
from backend.services.scoring.budget import count_usage
from backend.storage.learning import analyses, vectors
from backend.wiring import Product, Stores

_CODE = re.compile(r"[A-Za-z]{0,4}[-_]?\d{1,20}|[a-z]")
log = structlog.get_logger()


def embedded_alike(embedder: Embedder, population: Population) -> bool:
    """Whether the stored vectors came from the embedder that is configured now."""
    return population.embedder in ("", embedder.name)


def embedded(product: Product, portal_id: int, texts: Sequence[str]) -> list[Embedded]:
    """One outcome per text, in order; new vectors are stored."""
    name = product.ai.embedder.name
    hashes = sorted({text_hash(text, name) for text in texts if text})
    with product.stores.database.read() as conn:
        known = vectors.known(conn, portal_id, name, hashes)
    began = perf_counter()
    found = embed_missing(texts, known, product.ai.embedder)
    fresh = {e.text_hash: e.vector for e in found if e.fresh and e.vector is not None}
    _measure(product.stores, len(hashes), len(known), len(fresh), perf_counter() - began)
    embedder = product.ai.embedder
    spent = embedder.take_spent()
    if fresh or spent != Usage():
        with product.stores.database.write() as conn:
            now = product.stores.clock.now()
            vectors.remember(conn, portal_id, name, fresh, now)
            analyses.spend(conn, portal_id, name, spent, now)
        count_usage(product.stores, name, spent)
    return found


def _measure(stores: Stores, asked: int, known: int, fresh: int, seconds: float) -> None:
    meter = stores.meter
    meter.count("cache", known, cache="embedding", result="hit")
    meter.count("cache", asked - known, cache="embedding", result="miss")
    if fresh:
        meter.count("embedding_texts", fresh)
        meter.count("embedding_seconds", seconds)


def of_leads(product: Product, profile: Profile, snapshots: Sequence[Snapshot]) -> list[Embedded]:
    """Embeddings of leads with their free text, in order: for similarity points."""
    texts = [text_of(snapshot, profile) for snapshot in snapshots]
    return embedded(product, profile.portal_id, texts)


def of_facts(
    product: Product,
    profile: Profile,
    snapshots: Sequence[Snapshot],
    weights: Mapping[str, float] | None = None,
) -> list[Embedded]:
    """Vectors of leads' typed facts, in order: as they are stored, or with `weights` as they ask
    for neighbours."""
    values = [fact_values(snapshot, profile) for snapshot in snapshots]
    vectors, error = _value_vectors(product, profile.portal_id, values)
    name = product.ai.embedder.name
    return [
        Embedded(
            text_hash(facts_of(snapshot, profile), name),
            asking_vector(each, vectors, weights) if weights else stored_vector(each, vectors),
            error if any(text not in vectors for text in value_texts(each)) else None,
        )
        for snapshot, each in zip(snapshots, values, strict=True)
    ]


def _value_vectors(
    product: Product, portal_id: int, values: Iterable[Values]
) -> tuple[dict[str, Vector], LeadlightError | None]:
    """Embeddings by text of every value, and why some are missing."""
    texts = sorted({text for each in values for text in value_texts(each)})
    found = embedded(product, portal_id, texts)
    known = {t: e.vector for t, e in zip(texts, found, strict=True) if e.vector is not None}
    return known, next((e.error for e in found if e.error is not None), None)


def ideal_centroid(product: Product, profile: Profile) -> Vector | None:
    """The mean vector of the ideal clients, None without any."""
    texts = [text_of_client(client) for client in profile.clients]
    found = embedded(product, profile.portal_id, texts)
    return centroid(e.vector for e in found if e.vector is not None)


def store_clients(product: Product, profile: Profile, stale_ids: Sequence[str]) -> None:
    """Put the active profile's clients into the index and take older ones out.

    A failing index is logged: neighbours are missing until the next population run.
    """
    values = [client_values(client) for client in profile.clients]
    vectors, _ = _value_vectors(product, profile.portal_id, values)
    with product.stores.database.read() as conn:
        told = [tag for client in profile.clients for tag in client.tags]
        known = known_names(conn, product.stores, profile.portal_id, told)
    items = [
        VectorItem(
            client_item_id(outside_id(product.stores, profile.portal_id, client.client_id)),
            vector,
            {
                "client_id": outside_id(product.stores, profile.portal_id, client.client_id),
                "type": "ideal_client",
                "status": "active",
                "outcome": "",
                "industry": harmless(client.industry, known),
                "size": client.company_size,
                "location": client.location,
                "tags": [f"profile-{profile.version}", *_tags(client.tags, known)],
            },
        )
        for client, each in zip(profile.clients, values, strict=True)
        if (vector := stored_vector(each, vectors)) is not None
    ]
    try:
        if stale_ids:
            outside = [outside_id(product.stores, profile.portal_id, one) for one in stale_ids]
            product.ai.index.delete(profile.portal_id, [client_item_id(one) for one in outside])
        product.ai.index.upsert(profile.portal_id, items)
    except LeadlightError as error:
        log.warning("index_away", portal_id=profile.portal_id, problem=str(error))


def _tags(tags: Sequence[str], known: Collection[str]) -> list[str]:
    """Of what somebody typed into the file, only what names nobody and orders nobody about."""
    return [tag for tag in tags if tag and harmless(tag, known)]


def outside_id(stores: Stores, portal_id: int, client_id: str) -> str:
    """An ideal client's id as the index may know it: a number or short code as it is, anything
    that could name somebody (an email as the file's id) as a keyed hash."""
    if _CODE.fullmatch(client_id):
        return client_id
    return f"c-{stores.tombstone_mac(portal_id, client_id)[:24]}"


def named(
    stores: Stores, neighbours: Sequence[Neighbour], profile: Profile, own: str = ""
) -> tuple[Neighbour, ...]:
    """Neighbours with the names of ideal clients, which do not leave for the index; without the
    client that is the lead's `own` company."""
    names = {
        client_item_id(outside_id(stores, profile.portal_id, client.client_id)): client.name
        for client in profile.clients
    }
    told = (replace(n, label=names.get(n.neighbour_id, n.label)) for n in neighbours)
    company = own.strip().casefold()
    return tuple(n for n in told if not company or n.label.strip().casefold() != company)


def store_leads(product: Product, profile: Profile, snapshots: Sequence[Snapshot]) -> None:
    """Put leads whose outcome is known into the index, for the contrast of won and lost."""
    snapshots = [snapshot for snapshot in snapshots if outcome_of(snapshot) != "open"]
    if not snapshots:
        return
    found = of_facts(product, profile, snapshots)
    allowed = profile_vocabulary(profile)
    items = [
        VectorItem(
            lead_item_id(snapshot.contact_id),
            e.vector,
            {
                "client_id": snapshot.contact_id,
                "type": "lead",
                "status": "active",
                "outcome": outcome_of(snapshot),
                "company": company_of(product.stores, snapshot),
                "industry": "".join(closed_values(snapshot, allowed)["industry"]),
                "size": snapshot.company.get("company_size", ""),
                "location": snapshot.company.get("location", ""),
            },
        )
        for snapshot, e in zip(snapshots, found, strict=True)
        if e.vector is not None
    ]
    try:
        product.ai.index.upsert(profile.portal_id, items)
    except LeadlightError as error:
        log.warning("index_away", portal_id=profile.portal_id, problem=str(error))


def company_of(stores: Stores, snapshot: Snapshot) -> str:
    """What tells a lead's company from others: its id, else a keyed hash of the mail domain, ""
    for a lead of none."""
    if snapshot.company_id:
        return snapshot.company_id
    domain = snapshot.contact.get("email_domain", "")
    if not domain or snapshot.contact.get("email_kind") != "company":
        return ""
    return f"d-{stores.tombstone_mac(snapshot.portal_id, domain)[:24]}"


def outcome_of(snapshot: Snapshot) -> str:
    """ "won" with any won deal, else "lost" with a lost one and none open, else "open"."""
    outcomes = {deal.outcome for deal in snapshot.deals}
    if "won" in outcomes:
        return "won"
    return "lost" if outcomes == {"lost"} else "open"
