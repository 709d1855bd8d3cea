"""The tab's data: how the score came about, what would move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.model import Score
from backend.scoring.explain import ScoreMove
from backend.storage.leads import scores
from backend.web.card import models as shapes
from backend.web.card.answer import changes, factors, moment, neighbours, new_version, subtotals


def history_of(
    score: Score,
    rows: Sequence[Mapping[str, Any]],
    moves: Sequence[ScoreMove],
    names: Mapping[str, str],
) -> shapes.History:
    """The `history` object of GET /card/history; `rows` newest first."""
    return shapes.History(
        contact_id=score.contact_id,
        score=score.score,
        fit_level=score.band.value,
        moments=_moments(score, rows),
        moves=[shapes.Move(text=move.text, points=move.points) for move in moves],
        neighbours=neighbours(score, names),
        factors=factors(score),
        subtotals=subtotals(score),
    )


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
