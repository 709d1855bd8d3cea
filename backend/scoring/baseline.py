"""The formula without outcomes: 50 + profile + engagement + deal history + similarity.

Caps: a field ±12, the profile ±30, engagement ±20, history ±10, similarity (with text) -2 to +3.
Centred so that the portal's mean of 2^(points/15) is 1. Unknown is 0 and listed, never bad.
"""

from __future__ import annotations

import numpy as np

from backend.config import SIMILARITY_SCALE, TEXT_MAX, TEXT_MIN
from backend.model import Baseline, Snapshot
from backend.ports import Vector
from backend.scoring.points.engagement import engagement_parts, history_parts
from backend.scoring.points.parts import SIMILARITY_FIELD, Part, assemble
from backend.scoring.points.profile_points import Comparison, missing_fields, profile_parts
from backend.scoring.values.numbers import clamp


def baseline(snapshot: Snapshot, comparison: Comparison, vector: Vector | None = None) -> Baseline:
    """The formula for one lead, by its segment's ideal clients where that has its own. `vector`:
    its embedding, None when there is none."""
    comparison = comparison.of(snapshot.segment)
    return assemble(
        [*formula_parts(snapshot, comparison), *similarity_parts(comparison, vector)],
        missing_fields(snapshot, comparison),
        comparison.population.offset_points,
    )


def formula_parts(snapshot: Snapshot, comparison: Comparison) -> list[Part]:
    """Everything but similarity and centring, before rounding and group caps."""
    return [
        *profile_parts(snapshot, comparison),
        *engagement_parts(snapshot),
        *history_parts(snapshot),
    ]


def similarity_parts(comparison: Comparison, vector: Vector | None) -> list[Part]:
    """How much nearer the lead is to the ideal clients' centroid than to that of all leads.

    Measured against the average lead, so that it is 0 on average whatever the texts look like.
    A list of one part, or of none without embeddings. Free text takes part in embeddings, so
    this shares its cap with the text points.
    """
    centroid = comparison.population.centroid
    if vector is None or centroid is None or comparison.ideal_centroid is None:
        return []
    everyone = np.asarray(centroid, dtype=np.float32)
    ideal = comparison.ideal_centroid
    if not vector.shape == everyone.shape == ideal.shape:
        return []  # embedded by another model: not comparable
    nearer = _cosine(vector, ideal) - _cosine(vector, everyone)
    # The mean of that over all leads: embeddings are unit vectors, so means of cosines are
    # cosines with the mean.
    usual = float(np.sqrt(everyone @ everyone)) * (_cosine(everyone, ideal) - 1.0)
    nearer -= usual
    points = clamp(SIMILARITY_SCALE * nearer, TEXT_MIN, TEXT_MAX)
    word = "nearer to" if points > 0 else "further from"
    value = f"{word} ideal clients than the average lead"
    return [Part(SIMILARITY_FIELD, value, points, "text")]


def _cosine(a: Vector, b: Vector) -> float:
    lengths = float(np.sqrt(a @ a) * np.sqrt(b @ b))
    return float(a @ b) / lengths if lengths > 0 else 0.0
