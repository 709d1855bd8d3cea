"""The tab's data: how the score came about, what would move it. Stored facts and the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from backend.model import Population, Profile, Score
from backend.scoring.collect import snapshot_of
from backend.scoring.explain import what_would_move
from backend.scoring.profile_points import compare
from backend.storage import mirror, scores
from backend.storage.portals import Portal
from backend.web import card_models as shapes
from backend.web.card_answer import changes, factors, moment, neighbours, subtotals


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


def moves_of(
    conn: Connection,
    portal: Portal,
    contact_id: str,
    profile: Profile,
    population: Population,
    today: date,
) -> list[shapes.Move]:
    """The formula run again for what is not known and what could be done; best first.

    Only differences are shown, so the similarity to ideal clients, the same in both, stays out.
    """
    found = mirror.records(conn, portal.portal_id, "contacts", [contact_id]).get(contact_id)
    if found is None:
        return []
    linked = mirror.linked_records(conn, portal.portal_id, [contact_id]).get(contact_id, [])
    now = snapshot_of(portal.portal_id, found, linked, today, portal.settings)
    moves = what_would_move(now, compare(profile, population))
    return [shapes.Move(text=move.text, points=move.points) for move in moves]


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
    return changes(before, later) if later else []
