"""The tab's data: how the score came about, what would move it. Stored facts and the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from backend.model import ACTIVITY_TYPES, Factor, MirrorRecord, Population, Profile, Score
from backend.scoring.collect import snapshot
from backend.scoring.explain import what_would_move
from backend.scoring.profile_points import compare
from backend.storage import mirror
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
    now = snapshot(
        portal.portal_id,
        found,
        _company(found, linked),
        [record for record in linked if record.object_type == "deals"],
        [record for record in linked if record.object_type in ACTIVITY_TYPES],
        today,
        portal.settings,
    )
    moves = what_would_move(now, compare(profile, population))
    return [shapes.Move(text=move.text, points=move.points) for move in moves]


def _company(contact: MirrorRecord, linked: Sequence[MirrorRecord]) -> MirrorRecord | None:
    """The primary company, or the one with the smallest id: as scoring chooses."""
    by_id = {record.object_id: record for record in linked if record.object_type == "companies"}
    primary = by_id.get(contact.facts.get("company_id", ""))
    return primary or (by_id[min(by_id, key=lambda i: (len(i), i))] if by_id else None)


def _moments(score: Score, rows: Sequence[Mapping[str, Any]]) -> list[shapes.Moment]:
    found = []
    for place, row in enumerate(rows):
        before = rows[place + 1]["body"] if place + 1 < len(rows) else None
        found.append(
            shapes.Moment(
                scored_at=moment(row["scored_at"]),
                score=row["score"],
                fit_level=row["band"],
                cause=row["cause"],
                changes=_changes(before, row["body"], score),
            )
        )
    return found


def _changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, like: Score
) -> list[shapes.Change]:
    if before is None or after is None:
        return []
    return changes(
        before, replace(like, factors=tuple(Factor(**item) for item in after["factors"]))
    )
