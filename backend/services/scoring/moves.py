"""What would move a lead's score: the formula or model that made it, run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backend.model import Score, Snapshot
from backend.scoring.explain import ScoreMove, what_would_move
from backend.scoring.model_baseline import model_moves
from backend.scoring.points.profile_points import compare
from backend.scoring.points.scale import on_scale
from backend.scoring.points.segment_profiles import in_segments
from backend.services.scoring.snapshots import load
from backend.storage.database import Connection
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal


def moves_of(conn: Connection, portal: Portal, score: Score, now: datetime) -> list[ScoreMove]:
    """What is not known and what could be done, and how far the score would rise; best first.

    Only differences are shown, so the similarity to ideal clients, the same in both, stays out.
    """
    snapshot = load(conn, portal, [score.contact_id], now).get(score.contact_id)
    if snapshot is None:
        return []
    moves = [
        replace(move, points=on_scale(score.unclamped + move.points) - score.own_score)
        for move in _moves(conn, portal, snapshot, score.model_version)
    ]
    return [move for move in moves if move.points > 0]


def _moves(
    conn: Connection, portal: Portal, snapshot: Snapshot, model_version: int
) -> list[ScoreMove]:
    if model_version:
        return model_moves(models.scorecard(conn, snapshot.portal_id, model_version), snapshot)
    active = profiles.active(conn, snapshot.portal_id)
    profile = in_segments(active, portal.settings.segments)
    return what_would_move(
        snapshot, compare(profile, profiles.population(conn, snapshot.portal_id)[0])
    )
