"""All current leads under another model or profile, before anybody sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from backend.config import POINTS_AVERAGE
from backend.learning.arrays import Floats, Ints
from backend.model import Profile, Score, Snapshot
from backend.scoring.points.profile_points import compare
from backend.scoring.points.scale import all_on_scale
from backend.scoring.points.segment_profiles import in_segments
from backend.scoring.population import centring_points
from backend.scoring.scorecard.scorecard import Scorecard
from backend.scoring.values.times import parse_time
from backend.services.scoring.embedding import ideal_centroid, of_leads
from backend.services.scoring.pipeline import ScoringContext, baselines_of, context_of
from backend.services.scoring.snapshots import leads_among, slices_of
from backend.storage.leads import scores
from backend.storage.portals.portals import Portal
from backend.wiring import Product

RECENT_DAYS = 56  # new leads of eight weeks tell how many come in one


@dataclass(frozen=True, slots=True)
class Preview:
    """Current leads in one order. `before` is the stored score, -1 for a lead without one;
    `after` the new one, with text and analyst points as they are now; `chances` the model's, None
    while the formula scores."""

    leads: tuple[str, ...]
    before: Ints
    after: Ints
    chances: Floats | None
    weekly_leads: float


def preview(product: Product, portal: Portal, scorecard: Scorecard) -> Preview:
    """Every eligible lead of the mirror under another model; nothing is stored."""
    return _on(product, portal, replace(context_of(product, portal), scorecard=scorecard))


def preview_profile(product: Product, portal: Portal, profile: Profile) -> Preview:
    """The same under another profile and the present model or formula."""
    context = context_of(product, portal)
    profile = in_segments(profile, portal.settings.segments)
    comparison = compare(
        profile,
        context.population,
        ideal_centroid(product, profile),
        {name: ideal_centroid(product, own) for name, own in profile.segments.items()},
    )
    return _on(product, portal, replace(context, profile=profile, comparison=comparison))


def _on(product: Product, portal: Portal, context: ScoringContext) -> Preview:
    offset = round(context.population.offset_points)  # counted for the present model, not this one
    now = product.stores.clock.now()
    ids: list[str] = []
    before: list[int] = []
    bases: list[int] = []
    readers: list[int] = []
    chances: list[float] = []
    new = 0
    for found in slices_of(product.stores.database, portal, now):
        leads = leads_among(portal, found)
        with product.stores.database.read() as conn:
            stored = scores.current(conn, portal.portal_id, list(leads))
        snapshots = list(leads.values())
        vectors = [e.vector for e in of_leads(product, context.profile, snapshots)]
        judged = baselines_of(context, snapshots, vectors)
        for contact_id, (base, chance) in zip(leads, judged, strict=True):
            score = stored.get(contact_id)
            ids.append(contact_id)
            before.append(-1 if score is None else score.own_score)
            bases.append(base.points - offset)
            readers.append(_readers(score))
            if chance is not None:
                chances.append(chance.value)
        new += sum(_is_new(snapshot) for snapshot in snapshots)
    return Preview(
        leads=tuple(ids),
        before=np.array(before, dtype=np.intp),
        after=_centred(bases, readers),
        chances=np.array(chances, dtype=np.float64) if context.scorecard else None,
        weekly_leads=new * 7 / RECENT_DAYS,
    )


def _centred(bases: Sequence[int], readers: Sequence[int]) -> Ints:
    """Scores with the centring that publishing will count for the model."""
    offset = round(centring_points([base - POINTS_AVERAGE for base in bases]))
    scores_now = np.array(bases, dtype=np.intp) + np.array(readers, dtype=np.intp) + offset
    return all_on_scale(scores_now)


def _readers(score: Score | None) -> int:
    return 0 if score is None else score.analyst_points + score.text_points


def _is_new(snapshot: Snapshot) -> bool:
    created = parse_time(snapshot.contact.get("created_on"))
    since = snapshot.today - timedelta(days=RECENT_DAYS)
    return created is not None and created.date() >= since
