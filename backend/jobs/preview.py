"""All current leads under another model, before anybody sees it: what publishing would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from backend.jobs.embedding import of_leads
from backend.jobs.snapshots import load
from backend.jobs.street import ground_of
from backend.learning.table import Floats, Ints
from backend.model import Score, Snapshot
from backend.scoring.eligibility import ineligible_reason
from backend.scoring.scorecard import Scorecard
from backend.scoring.times import parse_time
from backend.scoring.with_model import model_baselines
from backend.storage import mirror, scores
from backend.storage.portals import Portal
from backend.wiring import Product

SLICE = 400
RECENT_DAYS = 56  # new leads of eight weeks tell how many come in one


@dataclass(frozen=True, slots=True)
class Preview:
    """Current leads in one order. `before` is the stored score, -1 for a lead without one;
    `after` the model's, with text and analyst points as they are now; `chances` the model's."""

    leads: tuple[str, ...]
    before: Ints
    after: Ints
    chances: Floats
    weekly_leads: float


def preview(product: Product, portal: Portal, scorecard: Scorecard) -> Preview:
    """Score every eligible lead of the mirror; nothing is stored."""
    ground = ground_of(product, portal)
    today = product.clock.now().date()
    ids: list[str] = []
    before: list[int] = []
    after: list[int] = []
    chances: list[float] = []
    new = 0
    last = ""
    while True:
        with product.database.read() as conn:
            slice_ids = mirror.contact_ids(conn, portal.portal_id, after=last, limit=SLICE)
            found = load(conn, portal, slice_ids, today)
            stored = scores.current(conn, portal.portal_id, slice_ids)
        if not slice_ids:
            break
        last = slice_ids[-1]
        rules = portal.settings.eligibility
        leads = {c: s for c, s in found.items() if not ineligible_reason(c, s.contact, rules)}
        snapshots = list(leads.values())
        vectors = [e.vector for e in of_leads(product, portal.portal_id, snapshots)]
        judged = model_baselines(scorecard, snapshots, ground.comparison, vectors)
        for contact_id, (base, chance) in zip(leads, judged, strict=True):
            score = stored.get(contact_id)
            ids.append(contact_id)
            before.append(-1 if score is None else score.score)
            after.append(min(max(base.points + _readers(score), 0), 100))
            chances.append(chance.value)
        new += sum(_is_new(snapshot) for snapshot in snapshots)
    return Preview(
        leads=tuple(ids),
        before=np.array(before, dtype=np.intp),
        after=np.array(after, dtype=np.intp),
        chances=np.array(chances, dtype=np.float64),
        weekly_leads=new * 7 / RECENT_DAYS,
    )


def _readers(score: Score | None) -> int:
    return 0 if score is None else score.analyst_points + score.text_points


def _is_new(snapshot: Snapshot) -> bool:
    created = parse_time(snapshot.contact.get("created_on"))
    since = snapshot.today - timedelta(days=RECENT_DAYS)
    return created is not None and created.date() >= since
