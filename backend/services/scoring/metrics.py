"""What a scored batch leaves in the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend.services.scoring.pipeline import Batch
from backend.storage.leads.due_leads import Claimed
from backend.wiring import Stores


def batch_scored(stores: Stores, claimed: Sequence[Claimed], batch: Batch, seconds: float) -> None:
    """Time per lead, time since each lead's first event, and scores by band."""
    meter = stores.meter
    meter.observe("lead_seconds", seconds / len(claimed), len(claimed))
    for band, number in Counter(score.band for score in batch.scored.values()).items():
        meter.count("scores", number, band=band.value)
    now = stores.clock.now()
    for one in claimed:
        if one.event_at is not None and one.contact_id in batch.scored:
            meter.observe("event_to_score_seconds", (now - one.event_at).total_seconds())
