"""Factors in words: why this score, why it changed, what would move it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from backend.model import (
    PROFILE_FIELDS,
    ActivityFact,
    Factor,
    NextAction,
    Reason,
    Score,
    Snapshot,
)
from backend.ports import Vector
from backend.scoring.baseline import baseline
from backend.scoring.points.engagement import happened
from backend.scoring.points.profile_points import Comparison, values_of
from backend.scoring.values.words import label, shown, statement

REASONS = 3
_NOT_REASONS = frozenset({"portal", "limit", "analyst", "pin"})

# What a comparison's own words say of one score is not what changed: (it rose, it fell).
_CHANGED = {
    "similarity": ("More like your ideal clients", "Less like your ideal clients"),
    "analyst": ("The analyst sees it higher", "The analyst sees it lower"),
    "text": ("What they wrote counts more", "What they wrote counts less"),
    "portal_average": ("The same for every lead of the portal",) * 2,
    "scale_limit": ("Points count less towards 0 and 100",) * 2,
}
MOVES_SHOWN = 5  # what would add most comes first


@dataclass(frozen=True, slots=True)
class FactorChange:
    """One factor's difference between two scores; differences add up to the scores'."""

    field: str
    before: int
    after: int
    text: str

    @property
    def points(self) -> int:
        """How much the factor moved the score."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ScoreMove:
    """Something that would change the score, and by how much the formula says."""

    field: str
    text: str
    points: int


def reasons(factors: Iterable[Factor], most: int = REASONS) -> tuple[Reason, ...]:
    """The factors with the most points, either way, as reasons that cite their value."""
    telling = [f for f in factors if f.points and f.group not in _NOT_REASONS]
    telling.sort(key=lambda factor: (-abs(factor.points), factor.field))
    return tuple(Reason(f.field, f.value, factor_text(f)) for f in telling[:most])


def factor_text(factor: Factor) -> str:
    """ "+12 Industry: Logistics (4.1 times as common among ideal clients)" """
    comparison = f" ({factor.comparison})" if factor.comparison else ""
    return f"{factor.points:+d} {_said(factor)}{comparison}"


def next_step(score: Score) -> str:
    """ "Call: replied on 20 Nov"; the reason alone where there is nothing to do."""
    why = score.action_reason
    if score.next_action is NextAction.NONE:
        return why[:1].upper() + why[1:]
    return f"{score.next_action.value}: {why}"


def known_facts(snapshot: Snapshot) -> int:
    """How many profile fields are known and how many kinds of engagement happened."""
    fields = sum(1 for values in values_of(snapshot).values() if values)
    return fields + len(happened(snapshot)) + len(snapshot.deals)


def why_changed(old: Score, new: Score) -> list[FactorChange]:
    """What moved the score from `old` to `new`, largest first; empty when nothing did.

    Factor by factor: the changes add up to `new.score - old.score`. Between two versions of model
    or profile a field that begins to count was not found out, so it is not called "now known".
    """
    found_out = (old.model_version, old.profile_version) == (new.model_version, new.profile_version)
    before = {factor.field: factor for factor in old.factors}
    after = {factor.field: factor for factor in new.factors}
    changes = []
    for field in dict.fromkeys([*before, *after]):
        was, now = before.get(field), after.get(field)
        points = (was.points if was else 0, now.points if now else 0)
        if points[0] != points[1]:
            changes.append(FactorChange(field, *points, _change_text(was, now, found_out)))
    return sorted(changes, key=lambda change: (-abs(change.points), change.field))


def what_would_move(
    snapshot: Snapshot,
    comparison: Comparison,
    vector: Vector | None = None,
    most: int = MOVES_SHOWN,
) -> list[ScoreMove]:
    """The formula re-run for each missing field and each feasible action; best first.

    Only what would add at least one point; the text says what would have to be true.
    """
    comparison = comparison.of(snapshot.segment)
    now = baseline(snapshot, comparison, vector).points
    moves = []
    possible = [*_fields_found_out(snapshot, comparison), *feasible_actions(snapshot)]
    for field, text, changed in possible:
        points = baseline(changed, comparison, vector).points - now
        if points > 0:
            moves.append(ScoreMove(field, text, points))
    return sorted(moves, key=lambda move: (-move.points, move.field))[:most]


def _change_text(was: Factor | None, now: Factor | None, found_out: bool) -> str:
    """ "reply received", "company size now known", "location: Germany, was France"."""
    if now is None:
        return f"{_said(was)} (no longer counted)" if was else ""
    if was is None:
        known = found_out and now.group in {"profile", "model"}
        return f"{label(now.field, now.title)} now known" if known else _said(now)
    if now.field in _CHANGED:
        return _CHANGED[now.field][now.points < was.points]
    if was.value != now.value and was.value and now.value:
        return f"{_said(now)}, was {was.value}"
    if now.points * was.points < 0:
        return f"{_said(now)}, now counts {'for' if now.points > 0 else 'against'} the lead"
    more = abs(now.points) > abs(was.points)
    return f"{_said(now)}, counts {'more' if more else 'less'} than before"


def _said(factor: Factor) -> str:
    return statement(factor.field, factor.value, factor.title)


def _fields_found_out(
    snapshot: Snapshot, comparison: Comparison
) -> list[tuple[str, str, Snapshot]]:
    values = values_of(snapshot)
    found = []
    for field in PROFILE_FIELDS:
        table = comparison.points[field]
        if not values[field] and table:
            best = max(sorted(table), key=lambda value: table[value])
            known = replace(snapshot, company={**snapshot.company, field: best})
            text = f"{label(field)}, if it is {shown(field, best)}"
            found.append((field, text, known))
    return found


def feasible_actions(snapshot: Snapshot) -> list[tuple[str, str, Snapshot]]:
    """(factor, what happens, the lead after it) for what a rep could bring about today."""
    at = datetime.combine(snapshot.today, time(12), UTC)
    feasible = [
        ("meeting", "A meeting is booked", ActivityFact("meeting", at, "", "scheduled")),
    ]
    if snapshot.contact.get("has_email") and not snapshot.contact.get("bounced"):
        feasible.append(("reply", "The lead replies to an email", ActivityFact("email", at, "in")))
    if snapshot.contact.get("has_phone"):
        call = ActivityFact("call", at, "out", "connected")
        feasible.append(("call_out", "You reach the lead by phone", call))
    return [
        (field, text, replace(snapshot, activities=(*snapshot.activities, activity)))
        for field, text, activity in feasible
    ]
