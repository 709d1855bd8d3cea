"""The current score of every lead, and the history of its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backend.config import HISTORY_WITH_FACTORS
from backend.flat import flat
from backend.model import (
    Band,
    Chance,
    Factor,
    MissingField,
    Neighbour,
    NextAction,
    Quote,
    Reason,
    Score,
    Usage,
)
from backend.slices import slices
from backend.storage.database import upsert
from backend.storage.privacy import mentions
from backend.storage.tables.leads import score_history, scores

_ROW_FIELDS = (
    "score",
    "unclamped",
    "source",
    "model_version",
    "profile_version",
    "population_version",
    "input_hash",
    "scored_at",
)
_KEPT_OF_BODY = ("factors", "chance")  # all that anybody asks the history for
_BODY_FIELDS = (
    "action_reason",
    "reasoning",
    "reasons",
    "baseline",
    "analyst_points",
    "text_points",
    "factors",
    "missing",
    "neighbours",
    "flags",
    "chance",
    "percentile",
    "usage",
    "timings_ms",
    "found_for",
    "quote",
    "own_band",
    "segment",
)


def _body(score: Score) -> dict[str, Any]:
    plain = {name: getattr(score, name) for name in _BODY_FIELDS}
    for name in ("reasons", "factors", "missing"):
        plain[name] = [flat(item) for item in plain[name]]
    plain["neighbours"] = [flat(n) | {"facts": dict(n.facts)} for n in score.neighbours]
    plain["chance"] = None if score.chance is None else flat(score.chance)
    plain["usage"] = flat(score.usage)
    plain["timings_ms"] = dict(score.timings_ms)
    plain["flags"] = list(score.flags)
    plain["quote"] = None if score.quote is None else flat(score.quote)
    return plain


def score_from(row: Mapping[str, Any]) -> Score:
    """The value of one stored row."""
    body = dict(row["body"])
    body["reasons"] = tuple(Reason(**item) for item in body["reasons"])
    body["factors"] = tuple(Factor(**item) for item in body["factors"])
    body["missing"] = tuple(MissingField(**item) for item in body["missing"])
    body["neighbours"] = tuple(Neighbour(**item) for item in body["neighbours"])
    body["flags"] = tuple(body["flags"])
    body["chance"] = None if body["chance"] is None else Chance(**body["chance"])
    body["usage"] = Usage(**body["usage"])
    body["quote"] = Quote(**body["quote"]) if body.get("quote") else None
    body["own_band"] = Band(body["own_band"]) if body.get("own_band") else None
    return Score(
        portal_id=row["portal_id"],
        contact_id=row["contact_id"],
        band=Band(row["band"]),
        next_action=NextAction(row["next_action"]),
        **{name: row[name] for name in _ROW_FIELDS},
        **body,
    )


def current(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> dict[str, Score]:
    """Stored scores by contact id."""
    found = {}
    for part in slices(contact_ids):
        rows = conn.execute(
            sa.select(scores).where(
                scores.c.portal_id == portal_id,
                scores.c.contact_id.in_(part),
            )
        )
        for row in rows.mappings():
            found[row["contact_id"]] = score_from(dict(row))
    return found


def save(
    conn: Connection,
    new_scores: Sequence[Score],
    before: Mapping[str, Score],
    causes: Mapping[str, str],
) -> None:
    """Replace current scores; a history row is added where score, band or factors changed."""
    if not new_scores:
        return
    changed = [s for s in new_scores if differs(before.get(s.contact_id), s)]
    moved = {s.contact_id for s in new_scores if not _same_inputs(before.get(s.contact_id), s)}
    moved |= {s.contact_id for s in changed}
    now = max(s.scored_at for s in new_scores)
    bodies = {s.contact_id: _body(s) for s in new_scores if s.contact_id in moved}
    upsert(
        conn,
        scores,
        [
            {name: getattr(s, name) for name in _ROW_FIELDS}
            | {
                "portal_id": s.portal_id,
                "contact_id": s.contact_id,
                "band": s.band.value,
                "next_action": s.next_action.value,
                "chance": None if s.chance is None else s.chance.value,
                "own_score": None if s.own_band is None else s.own_score,
                "body": bodies[s.contact_id],
                "changed_at": now,
                "listed": True,
            }
            for s in new_scores
            if s.contact_id in moved
        ],
    )
    mentions.add(conn, [s for s in new_scores if s.contact_id in moved])
    _touch(conn, [s for s in new_scores if s.contact_id not in moved])
    _add_history(conn, changed, causes, bodies)


def differs(old: Score | None, new: Score) -> bool:
    """Whether anything a person could see changed, apart from the time."""
    if old is None:
        return True
    return (
        old.score != new.score
        or old.band != new.band
        or old.next_action != new.next_action
        or old.factors != new.factors
        or old.source != new.source
        or old.flags != new.flags
        or old.reasoning != new.reasoning
        or old.chance != new.chance
        or old.quote != new.quote
    )


def _same_inputs(old: Score | None, new: Score) -> bool:
    return old is not None and (
        (old.input_hash, old.model_version, old.profile_version, old.population_version)
        == (new.input_hash, new.model_version, new.profile_version, new.population_version)
    )


def _touch(conn: Connection, same: Sequence[Score]) -> None:
    if same:
        conn.execute(
            sa.update(scores)
            .where(
                scores.c.portal_id == same[0].portal_id,
                scores.c.contact_id == sa.bindparam("cid"),
            )
            .values(scored_at=sa.bindparam("at")),
            [{"cid": s.contact_id, "at": s.scored_at} for s in same],
        )


def _add_history(
    conn: Connection,
    changed: Sequence[Score],
    causes: Mapping[str, str],
    bodies: Mapping[str, dict[str, Any]],
) -> None:
    if not changed:
        return
    conn.execute(
        sa.insert(score_history),
        [
            {
                "portal_id": s.portal_id,
                "contact_id": s.contact_id,
                "score": s.score,
                "band": s.band.value,
                "own_score": None if s.own_band is None else s.own_score,
                "own_band": None if s.own_band is None else s.own_band.value,
                "cause": causes.get(s.contact_id, ""),
                "model_version": s.model_version,
                "profile_version": s.profile_version,
                "input_hash": s.input_hash,
                "cost_micro_usd": s.usage.cost_micro_usd,
                "body": {name: bodies[s.contact_id][name] for name in _KEPT_OF_BODY},
                "scored_at": s.scored_at,
                "listed": True,
            }
            for s in changed
        ],
    )
    _thin(conn, changed[0].portal_id, [s.contact_id for s in changed])


def _thin(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Only the last rows of a lead keep their factors."""
    h = score_history
    ranked = (
        sa.select(
            h.c.id,
            sa.func.row_number()
            .over(partition_by=h.c.contact_id, order_by=h.c.id.desc())
            .label("place"),
        )
        .where(h.c.portal_id == portal_id, h.c.contact_id.in_(contact_ids), h.c.body.is_not(None))
        .subquery()
    )
    old = sa.select(ranked.c.id).where(ranked.c.place > HISTORY_WITH_FACTORS)
    conn.execute(sa.update(h).where(h.c.id.in_(old)).values(body=None))


def rehash(conn: Connection, unchanged: Sequence[Score], before: Mapping[str, Score]) -> None:
    """Other inputs, the same score: remembered, so that it is not calculated again tomorrow."""
    if unchanged:
        conn.execute(
            sa.update(scores)
            .where(
                scores.c.portal_id == unchanged[0].portal_id,
                scores.c.contact_id == sa.bindparam("cid"),
                scores.c.input_hash == sa.bindparam("old"),
            )
            .values(input_hash=sa.bindparam("new")),
            [
                {
                    "cid": s.contact_id,
                    "old": before[s.contact_id].input_hash,
                    "new": s.input_hash,
                }
                for s in unchanged
            ],
        )


def contact_ids(
    conn: Connection, portal_id: int, *, after: str = "", limit: int = 400
) -> list[str]:
    """Scored contacts in id order, for walking all of them in slices."""
    rows = conn.execute(
        sa.select(scores.c.contact_id)
        .where(scores.c.portal_id == portal_id, scores.c.contact_id > after)
        .order_by(scores.c.contact_id)
        .limit(limit)
    )
    return [row.contact_id for row in rows]


def history(
    conn: Connection, portal_id: int, contact_id: str, *, limit: int = 20
) -> list[dict[str, Any]]:
    """Newest first: score, band, cause, scored_at, versions and, where kept, factors and chance as
    the body."""
    rows = conn.execute(
        sa.select(score_history)
        .where(score_history.c.portal_id == portal_id, score_history.c.contact_id == contact_id)
        .order_by(score_history.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def at(
    conn: Connection, portal_id: int, contact_ids: Sequence[str], moment: datetime
) -> dict[str, int]:
    """The newest score of each of these contacts from before `moment`; those without are left
    out."""
    found = at_moments(conn, portal_id, [(one, moment) for one in contact_ids])
    return {contact_id: score for (contact_id, _), score in found.items()}


def at_moments(
    conn: Connection, portal_id: int, wanted: Sequence[tuple[str, datetime]]
) -> dict[tuple[str, datetime], int]:
    """The same for contacts with a moment of its own each."""
    h = score_history.c
    found: dict[tuple[str, datetime], int] = {}
    for part in slices(wanted):
        asked = sa.values(
            sa.column("contact_id", h.contact_id.type),
            sa.column("moment", h.scored_at.type),
            name="asked",
        )
        w = asked.data(part).cte().c
        newest = (
            sa.select(h.score)
            .where(h.portal_id == portal_id, h.contact_id == w.contact_id, h.scored_at <= w.moment)
            .order_by(h.id.desc())
            .limit(1)
        )
        rows = conn.execute(sa.select(w.contact_id, w.moment, newest.scalar_subquery()))
        found |= {(row[0], row[1]): row[2] for row in rows if row[2] is not None}
    return found


def newest_before(
    conn: Connection, portal_id: int, contact_id: str, moment: datetime
) -> dict[str, Any] | None:
    """The row of `history` that a person saw at that moment; None where there is none left."""
    h = score_history.c
    row = conn.execute(
        sa.select(score_history)
        .where(h.portal_id == portal_id, h.contact_id == contact_id, h.scored_at <= moment)
        .order_by(h.id.desc())
        .limit(1)
    ).first()
    return None if row is None else dict(row._mapping)


def as_then(score: Score, row: Mapping[str, Any]) -> Score | None:
    """The score as a row of `history` keeps it; what the row does not hold is as it is now.

    None where the row's factors are no longer kept.
    """
    if not row["body"]:
        return None
    return replace(
        score,
        score=row["score"],
        factors=tuple(Factor(**factor) for factor in row["body"]["factors"]),
        model_version=row["model_version"],
        profile_version=row["profile_version"],
    )


def distribution(conn: Connection, portal_id: int) -> list[int]:
    """Number of leads by score 0-100."""
    found = [0] * 101
    rows = conn.execute(
        sa.select(scores.c.score, sa.func.count().label("n"))
        .where(scores.c.portal_id == portal_id)
        .group_by(scores.c.score)
    )
    for row in rows:
        found[row.score] = row.n
    return found


def top(conn: Connection, portal_id: int, limit: int) -> list[Score]:
    """Best first; the unclamped sum breaks ties."""
    rows = conn.execute(
        sa.select(scores)
        .where(scores.c.portal_id == portal_id)
        .order_by(scores.c.score.desc(), scores.c.unclamped.desc(), scores.c.contact_id)
        .limit(limit)
    )
    return [score_from(dict(row)) for row in rows.mappings()]


def forget(conn: Connection, portal_id: int, contact_ids: Sequence[str]) -> None:
    """Remove scores and history."""
    for table in (scores, score_history):
        conn.execute(
            sa.delete(table).where(
                table.c.portal_id == portal_id, table.c.contact_id.in_(contact_ids)
            )
        )


def latest_at(conn: Connection, portal_id: int) -> datetime | None:
    """When this portal was last scored."""
    query = sa.select(sa.func.max(scores.c.scored_at)).where(scores.c.portal_id == portal_id)
    found: datetime | None = conn.execute(query).scalar_one()
    return found


def without_pin(conn: Connection, portal_id: int, contact_id: str, shown: int) -> int:
    """What a person who sees `shown` judges of the lead: its score without what is set by hand."""
    own = conn.execute(
        sa.select(scores.c.own_score).where(
            scores.c.portal_id == portal_id,
            scores.c.contact_id == contact_id,
            scores.c.score == shown,
        )
    ).scalar_one_or_none()
    return shown if own is None else int(own)


def points_and_chances(conn: Connection, portal_id: int) -> list[tuple[int, float | None]]:
    """Score, without what people set by hand, and chance of every scored lead."""
    own = sa.func.coalesce(scores.c.own_score, scores.c.score).label("score")
    rows = conn.execute(
        sa.select(own, scores.c.chance)
        .where(scores.c.portal_id == portal_id)
        .order_by(scores.c.contact_id)
    )
    return [(row.score, row.chance) for row in rows]


def by_band(conn: Connection, portal_id: int) -> dict[Band, int]:
    """Number of leads in each band."""
    rows = conn.execute(
        sa.select(scores.c.band, sa.func.count().label("n"))
        .where(scores.c.portal_id == portal_id)
        .group_by(scores.c.band)
    )
    return {Band(row.band): int(row.n) for row in rows}
