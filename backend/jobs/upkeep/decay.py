"""Daily: time alone moves scores. The formula re-run from what is stored.

No HubSpot read and no request to a model: leads whose score would change become due with the cause
"decay" and go the usual way at the lowest priority, with their analyses kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.jobs.upkeep.stored_providers import offline
from backend.model import Score, Urgency
from backend.services.scoring.pipeline import (
    AWAY,
    Batch,
    Keep,
    ScoringContext,
    context_of,
    score_batch,
)
from backend.storage.leads import due_leads, scores
from backend.storage.portals.portals import Portal
from backend.storage.walk import walk
from backend.vocabulary import Cause
from backend.wiring import Product


def decay(product: Product, portal: Portal, still: Callable[[], Any]) -> dict[str, Any]:
    """Walk all scores; how many were looked at, were the same, and will change."""
    quiet = offline(product)
    context = context_of(quiet, portal)
    looked = moved = 0
    for ids in walk(product.stores.database, portal.portal_id, scores.contact_ids):
        still()
        looked += len(ids)
        moved += _slice(quiet, context, ids)
    if moved:
        urgency = Urgency.BACKFILL.value
        product.stores.jobs.enqueue("score_due", portal_id=portal.portal_id, urgency=urgency)
    return {"ok": True, "leads": looked, "changed": moved}


def _slice(product: Product, context: ScoringContext, ids: list[str]) -> int:
    portal_id = context.portal.portal_id
    now = product.stores.clock.now()
    batch = score_batch(product, context, ids, now, Keep(always=frozenset(ids)))
    same, different = _sorted_out(batch)
    with product.stores.database.write() as conn:
        scores.rehash(conn, same, batch.before)
        moved = sorted(due_leads.quiet(conn, portal_id, different))
        due_leads.mark_due(
            conn, portal_id, moved, Urgency.BACKFILL, now, cause=Cause.DECAY, refresh=False
        )
    return len(moved)


def _sorted_out(batch: Batch) -> tuple[list[Score], list[str]]:
    """Those with a new hash and the same score, and those with another score."""
    same, different = [], []
    for contact_id, new in batch.scored.items():
        old = batch.before.get(contact_id)
        if old is None or old.input_hash == new.input_hash or _lacks_something(new):
            continue
        if scores.differs(old, new):
            different.append(contact_id)
        else:
            same.append(new)
    return same, different


def _lacks_something(score: Score) -> bool:
    """It could not be judged without asking somebody."""
    return any(flag.endswith(AWAY) for flag in score.flags)
