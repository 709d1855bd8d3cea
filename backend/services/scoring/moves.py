"""What would move a lead's score: the formula or model that made it, run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from backend.model import Score, Snapshot
from backend.scoring.collect import snapshot_of
from backend.scoring.explain import ScoreMove, what_would_move
from backend.scoring.model_baseline import model_moves
from backend.scoring.points.profile_points import compare
from backend.scoring.points.scale import on_scale
from backend.storage.database import Connection
from backend.storage.leads import mirror
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal


def moves_of(conn: Connection, portal: Portal, score: Score, today: date) -> list[ScoreMove]:
    """What is not known and what could be done, and how far the score would rise; best first.

    Only differences are shown, so the similarity to ideal clients, the same in both, stays out.
    """
    contact_id = score.contact_id
    found = mirror.records(conn, portal.portal_id, "contacts", [contact_id]).get(contact_id)
    if found is None:
        return []
    linked = mirror.linked_records(conn, portal.portal_id, [contact_id]).get(contact_id, [])
    now = snapshot_of(portal.portal_id, found, linked, today, portal.settings)
    moves = [
        replace(move, points=on_scale(score.unclamped + move.points) - score.score)
        for move in _moves(conn, now, score.model_version)
    ]
    return [move for move in moves if move.points > 0]


def _moves(conn: Connection, now: Snapshot, model_version: int) -> list[ScoreMove]:
    if model_version:
        return model_moves(models.scorecard(conn, now.portal_id, model_version), now)
    profile = profiles.active(conn, now.portal_id)
    return what_would_move(now, compare(profile, profiles.population(conn, now.portal_id)[0]))
