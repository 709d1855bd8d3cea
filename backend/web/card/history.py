"""The tab's data: how the score came about, what would move it. Stored facts, and the formula or
model that scored them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from backend.model import Score, Snapshot
from backend.scoring.collect import snapshot_of
from backend.scoring.explain import ScoreMove, what_would_move
from backend.scoring.model_baseline import model_moves
from backend.scoring.points.profile_points import compare
from backend.scoring.points.scale import on_scale
from backend.storage.database import Connection
from backend.storage.leads import mirror, scores
from backend.storage.learning import models, profiles
from backend.storage.portals.portals import Portal
from backend.web.card import models as shapes
from backend.web.card.answer import changes, factors, moment, neighbours, new_version, subtotals


def history_of(
    score: Score,
    rows: Sequence[Mapping[str, Any]],
    moves: Sequence[shapes.Move],
    names: Mapping[str, str],
) -> shapes.History:
    """The `history` object of GET /card/history; `rows` newest first."""
    return shapes.History(
        contact_id=score.contact_id,
        score=score.score,
        fit_level=score.band.value,
        moments=_moments(score, rows),
        moves=list(moves),
        neighbours=neighbours(score, names),
        factors=factors(score),
        subtotals=subtotals(score),
    )


def moves_of(conn: Connection, portal: Portal, score: Score, today: date) -> list[shapes.Move]:
    """What made the score run again for what is not known and what could be done; best first.

    Only differences are shown, so the similarity to ideal clients, the same in both, stays out.
    """
    contact_id = score.contact_id
    found = mirror.records(conn, portal.portal_id, "contacts", [contact_id]).get(contact_id)
    if found is None:
        return []
    linked = mirror.linked_records(conn, portal.portal_id, [contact_id]).get(contact_id, [])
    now = snapshot_of(portal.portal_id, found, linked, today, portal.settings)
    gains = [
        (move.text, on_scale(score.unclamped + move.points) - score.score)
        for move in _moves(conn, now, score.model_version)
    ]
    return [shapes.Move(text=text, points=points) for text, points in gains if points > 0]


def _moves(conn: Connection, now: Snapshot, model_version: int) -> list[ScoreMove]:
    if model_version:
        return model_moves(models.scorecard(conn, now.portal_id, model_version), now)
    profile = profiles.active(conn, now.portal_id)
    return what_would_move(now, compare(profile, profiles.population(conn, now.portal_id)[0]))


def _moments(score: Score, rows: Sequence[Mapping[str, Any]]) -> list[shapes.Moment]:
    found = []
    for place, row in enumerate(rows):
        before = rows[place + 1] if place + 1 < len(rows) else None
        found.append(
            shapes.Moment(
                scored_at=moment(row["scored_at"]),
                score=row["score"],
                fit_level=row["band"],
                cause=row["cause"],
                changes=_changes(before, row, score),
            )
        )
    return found


def _changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], like: Score
) -> list[shapes.Change]:
    later = scores.as_then(like, after)
    if later is None:
        return []
    version = new_version(before, later) if before else ""
    if before and version:
        return [shapes.Change(text=version, points=after["score"] - before["score"])]
    return changes(before, later)
