"""Embeddings and vectors: stale, orphaned and double ones, and whether the index finds its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np

from backend.config import NEIGHBOURS
from backend.model import Profile, Snapshot
from backend.ports import Embedder, Vector
from backend.scoring.embed import (
    fact_values,
    facts_of_client,
    text_hash,
    text_of,
    text_of_client,
)
from backend.scoring.points.profile_points import client_values
from backend.scoring.similar import client_item_id, lead_item_id
from backend.scoring.similarity_vectors import Values, stored_vector, value_texts
from backend.services.scoring.embedding import outcome_of, outside_id
from backend.services.scoring.snapshots import load, slices_of
from backend.slices import slices
from backend.storage.database import Database
from backend.storage.leads import mirror
from backend.storage.learning import profiles, vectors
from backend.storage.portals.portals import Portal
from backend.wiring import Product

YOUNG: Final = timedelta(days=2)  # an embedding made just now may wait for its lead
SAMPLE: Final = 50  # leads whose neighbours are compared
RECALL_MIN: Final = 0.95
SAME: Final = 1e-3  # cosine: two clients this near are one answer


def prune(product: Product, portal: Portal, still: Callable[[], Any]) -> dict[str, int]:
    """Remove embeddings of other models and of texts that nobody has any more, and vectors of
    leads and clients that are gone; count clients that say the same."""
    portal_id, name = portal.portal_id, product.ai.embedder.name
    with product.stores.database.read() as conn:
        profile = profiles.active(conn, portal_id)
    clients = [facts_of_client(client) for client in profile.clients]
    values = (text for c in profile.clients for text in value_texts(client_values(c)))
    texts = {*values, *(text_of_client(client) for client in profile.clients)}
    needed = {text_hash(text, name) for text in texts}
    items = {
        client_item_id(outside_id(product.stores, portal_id, c.client_id)) for c in profile.clients
    }
    for found in slices_of(product.stores.database, portal, product.stores.clock.now()):
        still()
        for snapshot in found.values():
            needed |= {text_hash(text, name) for text in _texts(snapshot, profile)}
            if outcome_of(snapshot) != "open":
                items.add(lead_item_id(snapshot.contact_id))
    before = product.stores.clock.now() - YOUNG
    with product.stores.database.write() as conn:
        stale = vectors.forget_other_models(conn, portal_id, name, before)
    orphans = 0
    with product.stores.database.read() as conn:
        unneeded = sorted(vectors.older_hashes(conn, portal_id, name, before) - needed)
    for part in slices(unneeded):
        with product.stores.database.write() as conn:
            orphans += vectors.forget_texts(conn, portal_id, name, part)
    gone = sorted(product.ai.index.item_ids(portal_id) - items)
    if gone:
        product.ai.index.delete(portal_id, gone)
    doubles = sum(number - 1 for number in Counter(clients).values())
    return {"stale": stale, "orphans": orphans, "vectors": len(gone), "same_clients": doubles}


def _texts(snapshot: Snapshot, profile: Profile) -> tuple[str, ...]:
    return text_of(snapshot, profile), *value_texts(fact_values(snapshot, profile))


def recall(product: Product, portal: Portal) -> dict[str, Any]:
    """The share of the exact nearest clients that the index answers, over a sample of leads."""
    portal_id = portal.portal_id
    with product.stores.database.read() as conn:
        profile = profiles.active(conn, portal_id)
        ids = mirror.contact_ids(conn, portal_id, limit=SAMPLE)
        found = load(conn, portal, ids, product.stores.clock.now())
    leads = [fact_values(snapshot, profile) for snapshot in found.values()]
    asked = _known(product.stores.database, product.ai.embedder, portal_id, leads)
    clients = [client_values(client) for client in profile.clients]
    stored = _known(product.stores.database, product.ai.embedder, portal_id, clients)
    if not len(asked) or not len(stored):
        return {"recall": 1.0, "leads": 0}
    top = min(NEIGHBOURS, len(stored))
    exact = np.sort(asked @ stored.T, axis=1)[:, ::-1][:, :top]
    wanted = {"status": "active", "type": "ideal_client"}
    answers = product.ai.index.query(portal_id, asked, top, wanted)
    hits = sum(
        n.similarity >= float(row[-1]) - SAME
        for row, answer in zip(exact, answers, strict=True)
        for n in answer
    )
    return {"recall": round(hits / (len(asked) * top), 4), "leads": len(asked)}


def _known(
    database: Database, embedder: Embedder, portal_id: int, values: Sequence[Values]
) -> Vector:
    """Vectors of these values from stored embeddings; those without any are left out."""
    name = embedder.name
    hashes = {text_hash(text, name): text for each in values for text in value_texts(each)}
    with database.read() as conn:
        known = vectors.known(conn, portal_id, name, sorted(hashes))
    by_text = {hashes[hashed]: vector for hashed, vector in known.items()}
    found = (stored_vector(each, by_text) for each in values)
    return np.array([vector for vector in found if vector is not None], dtype=np.float32)
