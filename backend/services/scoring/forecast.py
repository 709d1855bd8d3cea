"""What scoring every lead would cost at most, counted before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from backend.config import HALF_PRICE
from backend.model import Profile, Snapshot, Usage
from backend.ports import Embedder
from backend.scoring.cost import added, times
from backend.scoring.embed import fact_values, text_hash, text_of
from backend.scoring.read_text import text_for_reader
from backend.scoring.similarity_vectors import value_texts
from backend.services.scoring.snapshots import leads_among, slices_of
from backend.storage.database import Database
from backend.storage.learning import profiles, vectors
from backend.storage.portals.portals import Portal
from backend.wiring import Product


@dataclass(frozen=True, slots=True)
class Forecast:
    """`calls`, `prompt_tokens` and `cost_micro_usd` are the most it can be: answers that are
    stored already and still fit are not asked for again. All 0 with the embedded providers.
    `half_price_micro_usd`: the least it can be at half the price; None where that is not offered.
    """

    leads: int
    calls: int
    prompt_tokens: int
    cost_micro_usd: int
    daily_cap_micro_usd: int
    half_price_micro_usd: int | None = None


def forecast(product: Product, portal: Portal, profile: Profile | None = None) -> Forecast:
    """For all eligible leads of the mirror, under `profile` or the active one. Asks nobody."""
    if profile is None:
        with product.stores.database.read() as conn:
            profile = profiles.active(conn, portal.portal_id)
    leads = embedding_characters = 0
    used = Usage()
    for found in slices_of(product.stores.database, portal, product.stores.clock.now()):
        eligible = list(leads_among(portal, found).values())
        written = [text for text in map(text_for_reader, eligible) if text]
        leads += len(eligible)
        for text in written:
            used = added(used, product.ai.reader.cost(text))
        embedding_characters += _unknown_characters(
            product.stores.database, product.ai.embedder, portal, profile, eligible
        )
    judged = added(used, times(product.ai.analyst.cost(), leads))
    embedded = product.ai.embedder.cost(embedding_characters)
    used = added(judged, embedded)
    half = ceil(judged.cost_micro_usd * HALF_PRICE) + embedded.cost_micro_usd
    return Forecast(
        leads,
        used.calls,
        used.prompt_tokens,
        used.cost_micro_usd,
        portal.settings.daily_ai_micro_usd,
        None if product.ai.half_price is None else half,
    )


def _unknown_characters(
    database: Database,
    embedder: Embedder,
    portal: Portal,
    profile: Profile,
    snapshots: list[Snapshot],
) -> int:
    """Of texts that are not embedded yet."""
    name = embedder.name
    texts = {
        text_hash(text, name): text
        for snapshot in snapshots
        for text in (text_of(snapshot, profile), *value_texts(fact_values(snapshot, profile)))
        if text
    }
    with database.read() as conn:
        known = vectors.known(conn, portal.portal_id, name, sorted(texts))
    return sum(len(text) for hashed, text in texts.items() if hashed not in known)
