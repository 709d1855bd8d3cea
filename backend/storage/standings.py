"""One narrow row per contact that is or was a lead: what lists and charts read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.engine import Connection

from backend.model import Score
from backend.scoring.traits import Traits, points_of
from backend.storage.database import upsert
from backend.storage.tables import standings


def save(
    conn: Connection,
    scored: Sequence[Score],
    before: Mapping[str, Score],
    traits: Mapping[str, Traits],
) -> None:
    """The rows of leads that have just been scored; an unchanged score keeps its time."""
    moved = [s for s in scored if _moved(before.get(s.contact_id), s)]
    still = [s for s in scored if not _moved(before.get(s.contact_id), s)]
    upsert(conn, standings, [_row(s, traits) | {"changed_at": s.scored_at} for s in moved])
    upsert(conn, standings, [_row(s, traits) for s in still])


def leave(conn: Connection, portal_id: int, traits: Mapping[str, Traits]) -> None:
    """They are no leads (any more): the last score they had stays, for what became of them."""
    rows = [
        {"portal_id": portal_id, "contact_id": contact_id, "score": None, "band": ""}
        | asdict(known)
        for contact_id, known in traits.items()
    ]
    upsert(conn, standings, rows)


def _moved(old: Score | None, new: Score) -> bool:
    return old is None or (old.score, old.band) != (new.score, new.band)


def _row(score: Score, traits: Mapping[str, Traits]) -> dict[str, Any]:
    return asdict(traits[score.contact_id]) | {
        "portal_id": score.portal_id,
        "contact_id": score.contact_id,
        "score": score.score,
        "last_score": score.score,
        "unclamped": score.unclamped,
        "band": score.band.value,
        "next_action": score.next_action.value,
        "chance": None if score.chance is None else score.chance.value,
        "fit_points": points_of(score, "profile", "model", "history"),
        "engagement_points": points_of(score, "engagement"),
    }
